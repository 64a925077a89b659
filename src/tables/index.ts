/**
 * From a run with images or vectors, or a file of vectors, to a table that can be searched: what the command
 * `hier index` does. It plans the items, opens or makes the table under its lock, and keeps beside it what searching
 * needs: the tree, and for a run its network. Embedding and writing are not done here.
 */

import { existsSync, readdirSync, rmdirSync } from '../disk/index.js';
import {
  admitWriter,
  checkHnsw,
  createTable,
  dropTable,
  growthNote,
  openTable,
  type TableOptions,
  tableExists,
} from '../engines/open.js';
import { DataError, UsageError } from '../errors.js';
import type { Metric } from '../retrieval/index.js';
import { joinValues } from '../rows.js';
import { checkVector } from '../store/check.js';
import { type IndexCounts, indexItems } from '../store/indexItems.js';
import { fitSpace, type SearchSpace, writeRow } from '../store/space.js';
import type { IndexState, Item, Store } from '../store/store.js';
import { parseTable, shownTable } from '../store/tableUri.js';
import { keepText, readText } from '../store/textFiles.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import type { Writer } from '../store/writer.js';
import { type Losses, lossNote, withKnown } from './facts.js';
import type { MapState } from './map.js';
import { keepModel } from './model.js';
import { samenessNote } from './sameness.js';
import type { Source, SourceOptions } from './source.js';
import { openSource } from './sources.js';
import { keepTree, wantsOwnTree } from './tree.js';
import { mapUnlessStopped } from './upkeep.js';

/** Options of {@link indexTable}. */
export interface IndexTableOptions extends SourceOptions {
  /** The table: a folder, `s3://BUCKET/PREFIX` or `postgres://HOST/DATABASE?table=NAME`. */
  readonly out: string;
  /** Items a batch. */
  readonly batch?: number;
  /** Remove items that the source does not have. */
  readonly prune?: boolean;
  /** Make the map that the explorer shows. Default: up to 100,000 rows. */
  readonly map?: boolean;
  /** Whether there is to be an HNSW graph beside the index. Default: as it is. */
  readonly hnsw?: boolean;
  /** How to open the table. */
  readonly how?: TableOptions;
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
  /** Seconds of this call: reading, embedding, writing, indexing, and the map. */
  readonly seconds: number;
  /** The tree that the items hang from since this call: the run's own, or a given one; null for none or as it was. */
  readonly tree: 'own' | 'given' | null;
  /** What became of the map; null when none was wanted, or it was not come to. */
  readonly map: MapState | null;
  /** Whether everything was dealt with; false after an interruption. */
  readonly finished: boolean;
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** Up to this many rows a map is made unless told otherwise. */
const MAPPED_ROWS = 100_000;

const NO_GRAPH_NEEDED =
  'No HNSW graph was made: in a table of this size every search is exact. Give --hnsw again when it has grown.';

/** File with the time that the last change of the table took. */
const BUILD_FILE = 'build';

/**
 * Brings a table up to date with its source.
 * @throws UsageError when the table was made by another model or in another space; DataError for data that cannot
 * be used; HierError while another process writes to the table and only one may
 */
export async function indexTable(options: IndexTableOptions): Promise<IndexTableResult> {
  const { out, how = {}, progress = () => () => undefined, signal } = options;
  const started = performance.now();
  if (options.hnsw) await checkHnsw(out);
  const exists = await tableExists(out, how);
  const existing = exists ? await openTable(out, how) : null;
  const thumbnail = options.thumbnail ?? existing?.manifest.thumbnail ?? THUMBNAIL;
  let store: Store | null = existing;
  let source: Source | undefined;
  let writer: Writer | undefined;
  const losses: Losses = new Map();
  const folder = newFolder(out);
  let made = false;
  try {
    source = await openSource({ ...options, thumbnail, ownTree: await wantsOwnTree(existing, options) });
    if (existing) requireSame(existing, source, thumbnail, out);
    const note = samenessNote(source);
    if (note !== null) source.notes.push(note);
    const space = existing?.manifest.space ?? (source.vectors && spaceFor(source, source.vectors));
    if (space && source.vectorAt) checkAll(source, space);
    const { told } = source;
    writer = await admitWriter(out, how);
    const done = await indexItems({
      items: source.items,
      store,
      create: async (first) => {
        const created = await create(options, source!, first, { thumbnail, space });
        made = created.made;
        store = created.store;
        return store;
      },
      make: source.make,
      hashOf: source.hashOf,
      merge: (item, known) => withKnown(item, known, { told, losses }),
      batch: options.batch ?? source.batch,
      alone: writer.alone,
      prune: options.prune ?? false,
      onProgress: progress('indexing'),
      ...(signal ? { signal } : {}),
    });
    store = done.store;
    if (!store)
      throw new UsageError(`Nothing could be indexed from ${options.source}: ${source.notes.join(' ')}`);
    if (source.run !== undefined) await keepModel(source.run.folder, store);
    if (existing && source.tree) await keepTree(existing, source.tree, options);
    const changed = done.counts.added + done.counts.replaced + done.counts.removed > 0;
    // Unchanged too: the call before this one may have been killed in it.
    const index = await store.maintain({
      hnsw: options.hnsw,
      onProgress: progress('linking the graph'),
      signal,
    });
    if (options.hnsw && index.kind === null) source.notes.push(NO_GRAPH_NEEDED);
    const loss = lossNote(losses, options.source);
    if (loss !== null) source.notes.push(loss);
    const rows = await store.count();
    const grown = growthNote(store, rows);
    if (grown !== null) source.notes.push(grown);
    const { metric, curvature } = store.manifest.space;
    const isMapped = options.map ?? rows <= MAPPED_ROWS;
    const onNote = (note: string) => source!.notes.push(note);
    const map = isMapped
      ? await mapUnlessStopped({ store, snapshots: source.run?.snapshots(), progress, onNote, signal })
      : null;
    const seconds = (performance.now() - started) / 1000;
    if (changed) await keepText(store, BUILD_FILE, JSON.stringify({ seconds, rows }));
    const finished = signal?.aborted !== true;
    return {
      table: shownTable(out),
      rows,
      metric,
      curvature,
      index,
      seconds,
      tree: source.tree?.kind ?? null,
      map,
      finished,
      ...done.counts,
      notes: source.notes,
    };
  } catch (error) {
    if (made) await dropEmpty(out, store!, how);
    throw error;
  } finally {
    await writer?.release();
    await source?.close();
    await store?.close();
    folder.removeIfEmpty();
  }
}

/** A table that was made for a write that was refused leaves nothing, unless somebody else has written to it. */
async function dropEmpty(out: string, store: Store, how: TableOptions): Promise<void> {
  const rows = await store.count().catch(() => 0);
  if (rows === 0) await dropTable(out, how).catch(() => undefined); // the first error is the one to tell
}

/** The folder of a table, which is removed when it was not there before and nothing came of the table. */
function newFolder(out: string): { removeIfEmpty(): void } {
  const place = parseTable(out);
  if (place.kind !== 'folder' || existsSync(place.path)) return { removeIfEmpty: () => undefined };
  return {
    removeIfEmpty() {
      try {
        if (readdirSync(place.path).length === 0) rmdirSync(place.path);
      } catch {
        // It was never made, or somebody else uses it.
      }
    },
  };
}

/** The space for vectors of a source. Throws DataError for vectors that no table can hold. */
function spaceFor({ dim, metric, curvature, clipRadius }: Source, vectors: Float32Array): SearchSpace {
  const clip = clipRadius === undefined ? {} : { clipRadius };
  return fitSpace({ vectors, dim, metric, curvature, ...clip });
}

/** Throws DataError, naming the item, unless all vectors that are at hand can be in a table. */
function checkAll({ items, vectorAt, dim }: Source, space: SearchSpace): void {
  const row = new Float32Array(space.width);
  const features = new Float64Array(space.mean.length);
  for (const item of items) {
    const vector = vectorAt!(item.row);
    checkVector(vector, dim, `The item "${item.id}"`);
    try {
      writeRow(space, vector, row, 0, features);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      throw new DataError(`The item "${item.id}": ${error.message}`, { cause: error });
    }
  }
}

/** Seconds that the last change of the table took; null when it has not been recorded. */
export async function buildSeconds(store: Store): Promise<number | null> {
  try {
    const { seconds } = JSON.parse((await readText(store, BUILD_FILE)) ?? '{}') as { seconds?: unknown };
    return typeof seconds === 'number' ? seconds : null;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DataError) return null; // damaged: nothing depends on it
    throw error;
  }
}

/** Makes the table, or opens the one that another writer has just made. */
async function create(
  options: IndexTableOptions,
  source: Source,
  first: readonly Item[],
  { thumbnail, space: fitted }: { readonly thumbnail: number; readonly space: SearchSpace | undefined },
): Promise<{ readonly store: Store; readonly made: boolean }> {
  const { out, how = {} } = options;
  const { dim, model, metadata, types } = source;
  // Checked before anything is made, so that a refusal leaves nothing.
  for (const { id, vector } of first) checkVector(vector, dim, `The item "${id}"`);
  const space = fitted ?? spaceFor(source, joinValues(first.map(({ vector }) => vector)));
  if (!fitted && source.vectorAt) checkAll(source, space);
  let store: Store;
  let made = true;
  try {
    const engine = options.hnsw ? { engine: 'lance' as const } : {};
    const fit = { rows: source.items.length, ...engine, ...how };
    store = await createTable(out, { space, model, thumbnail, metadata, types }, fit);
  } catch (error) {
    if (!(error instanceof UsageError) || !(await tableExists(out, how))) throw error;
    made = false;
    store = await openTable(out, how);
    requireSame(store, source, thumbnail, out);
  }
  try {
    // Now, since items hang from it if this is killed.
    if (source.tree) await keepTree(store, source.tree, options);
  } catch (error) {
    if (made) await dropEmpty(out, store, how);
    throw error;
  }
  return { store, made };
}

/** Throws UsageError when what a source makes does not belong into a table. */
function requireSame({ manifest }: Store, source: Source, thumbnail: number, out: string): void {
  const table = shownTable(out);
  const { space, model, metadata } = manifest;
  const another = `Choose another table with --out, or delete ${table} first.`;
  if ((model?.hash ?? null) !== (source.model?.hash ?? null))
    throw new UsageError(
      `The table ${table} holds vectors of ${model ? `another model ("${model.name}")` : 'a file'}: they cannot be compared with these. ${another}`,
    );
  const curvature = source.metric === 'hyperbolic' ? source.curvature : 0;
  if (space.metric !== source.metric || space.curvature !== curvature || space.dim !== source.dim) {
    const told =
      space.metric === 'hyperbolic' ? `--curvature ${space.curvature}` : `--metric ${space.metric}`;
    const isTold = space.dim === source.dim && source.run === undefined;
    const hint = isTold ? `Give ${told} if they are of the same kind. ` : '';
    throw new UsageError(
      `The table ${table} holds vectors of ${space.dim} numbers (${space.metric}, curvature ${space.curvature}); these have ${source.dim} (${source.metric}, curvature ${curvature}). ${hint}${another}`,
    );
  }
  const added = source.metadata.find((name) => !metadata.includes(name));
  // A run's columns are only there to colour by: a table without them takes its images all the same.
  if (added !== undefined && source.run !== undefined)
    source.notes.push(
      `The table ${table} has no column "${added}", and none can be added: it is left out. For a table that has it, index into a new one.`,
    );
  else if (added !== undefined)
    throw new UsageError(`The table ${table} has no column "${added}", and none can be added. ${another}`);
  if (thumbnail !== manifest.thumbnail)
    throw new UsageError(
      `The thumbnails of the table ${table} have ${manifest.thumbnail} pixels, not ${thumbnail}. ${another}`,
    );
}
