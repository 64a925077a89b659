/**
 * From a run with images, or a file of vectors, to a table that can be searched: what the command `hier index` does.
 * It plans the items, opens or makes the table under its lock, and keeps beside it what searching needs: the tree,
 * and for a run its network. Embedding is in `indexSources.ts`, writing in `store/indexItems.ts`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { UsageError } from '../errors.js';
import type { Metric } from '../retrieval/index.js';
import { type IndexCounts, indexItems } from '../store/indexItems.js';
import { createTable, isRemote, type LanceOptions, openTable, tableExists } from '../store/lance.js';
import { lockTable } from '../store/lockTable.js';
import { fitSpace } from '../store/space.js';
import type { IndexState, Item, Store } from '../store/store.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import { parseTree, TREE_DOCUMENT, treeText } from '../store/tree.js';
import { openSource, type Source, type SourceOptions } from './indexSources.js';
import { keepModel } from './tableModel.js';

/** What {@link indexTable} needs to know. */
export interface IndexTableOptions extends SourceOptions {
  /** The table: a folder, or the URI of an object store. */
  readonly out: string;
  /** Items a batch. */
  readonly batch?: number;
  /** Remove items that the source does not have. */
  readonly prune?: boolean;
  /** How to open the table. */
  readonly how?: LanceOptions;
  readonly signal?: AbortSignal;
}

/** Outcome of {@link indexTable}. */
export interface IndexTableResult extends IndexCounts {
  readonly table: string;
  /** Rows of the table now. */
  readonly rows: number;
  readonly metric: Metric;
  readonly curvature: number;
  readonly index: IndexState;
  /** Seconds of writing and indexing in this call, embedding included. */
  readonly seconds: number;
  /** Whether everything was dealt with; false after an interruption. */
  readonly finished: boolean;
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** Document with the time that the last change of the table took. */
export const BUILD_DOCUMENT = 'build';

/**
 * Brings a table up to date with its source.
 * @throws UsageError when the table was made by another model or in another space; DataError for data that cannot
 * be used; HierError while another process writes to the table
 */
export async function indexTable(options: IndexTableOptions): Promise<IndexTableResult> {
  const { out, how = {}, report = () => () => undefined, signal } = options;
  const tree = options.tree === undefined ? undefined : readTree(options.tree);
  const exists = await tableExists(out, how);
  const existing = exists ? await openTable(out, how) : null;
  const thumbnail = options.thumbnail ?? existing?.manifest.thumbnail ?? THUMBNAIL;
  let store: Store | null = existing;
  let source: Source | undefined;
  let release: () => void = () => undefined;
  try {
    source = await openSource({ ...options, thumbnail });
    if (existing) requireSame(existing, source, thumbnail, out);
    release = lockTable(out);
    const started = performance.now();
    const done = await indexItems({
      items: source.items,
      store,
      create: (first) => create(out, source!, first, thumbnail, how),
      make: source.make,
      hashOf: source.hashOf,
      batch: options.batch ?? source.batch,
      alone: !isRemote(out),
      prune: options.prune ?? false,
      onProgress: report('indexing'),
      ...(signal ? { signal } : {}),
    });
    store = done.store;
    if (!store)
      throw new UsageError(`Nothing could be indexed from ${options.source}: ${source.notes.join(' ')}`);
    if (source.run !== undefined && !isRemote(out)) keepModel(source.run, out);
    if (tree !== undefined) await store.setDocument(TREE_DOCUMENT, tree);
    const changed = done.counts.added + done.counts.replaced + done.counts.removed > 0;
    const index = changed ? await store.maintain() : await store.index();
    const seconds = (performance.now() - started) / 1000;
    const rows = await store.count();
    if (changed) await store.setDocument(BUILD_DOCUMENT, JSON.stringify({ seconds, rows }));
    const { metric, curvature } = store.manifest.space;
    const finished = signal?.aborted !== true;
    return {
      table: out,
      rows,
      metric,
      curvature,
      index,
      seconds,
      finished,
      ...done.counts,
      notes: source.notes,
    };
  } finally {
    release();
    await source?.close();
    await store?.close();
  }
}

/** Seconds that the last change of the table took; null when it has not been recorded. */
export async function buildSeconds(store: Store): Promise<number | null> {
  const text = await store.document(BUILD_DOCUMENT);
  return text === null ? null : (JSON.parse(text) as { seconds: number }).seconds;
}

function create(
  out: string,
  source: Source,
  first: readonly Item[],
  thumbnail: number,
  how: LanceOptions,
): Promise<Store> {
  const { dim, metric, curvature, clipRadius, model, metadata } = source;
  const vectors = source.vectors ?? concatenated(first, dim);
  const space = fitSpace({
    vectors,
    dim,
    metric,
    curvature,
    ...(clipRadius === undefined ? {} : { clipRadius }),
  });
  return createTable(out, { space, model, thumbnail, metadata }, how);
}

function concatenated(items: readonly Item[], dim: number): Float32Array {
  const vectors = new Float32Array(items.length * dim);
  items.forEach(({ vector }, i) => {
    vectors.set(vector, i * dim);
  });
  return vectors;
}

/** Throws UsageError when what a source makes does not belong into a table. */
function requireSame({ manifest }: Store, source: Source, thumbnail: number, table: string): void {
  const { space, model, metadata } = manifest;
  const another = `Choose another table with --out, or delete ${table} first.`;
  if ((model?.hash ?? null) !== (source.model?.hash ?? null))
    throw new UsageError(
      `The table ${table} holds vectors of ${model ? `another model ("${model.name}")` : 'a file'}: they cannot be compared with these. ${another}`,
    );
  const curvature = source.metric === 'hyperbolic' ? source.curvature : 0;
  if (space.metric !== source.metric || space.curvature !== curvature || space.dim !== source.dim)
    throw new UsageError(
      `The table ${table} holds vectors of ${space.dim} numbers (${space.metric}, curvature ${space.curvature}); these have ${source.dim} (${source.metric}, curvature ${curvature}). ${another}`,
    );
  const added = source.metadata.find((name) => !metadata.includes(name));
  if (added !== undefined)
    throw new UsageError(`The table ${table} has no column "${added}", and none can be added. ${another}`);
  if (thumbnail !== manifest.thumbnail)
    throw new UsageError(
      `The thumbnails of the table ${table} have ${manifest.thumbnail} pixels, not ${thumbnail}. ${another}`,
    );
}

function readTree(path: string): string {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  return treeText(parseTree(readFileSync(path, 'utf8'), path));
}
