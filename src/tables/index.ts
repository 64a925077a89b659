/**
 * From a run with images or vectors, or a file of vectors, to a table that can be searched: what the command
 * `hier index` does. It plans the items, opens or makes the table under its lock, and keeps beside it what searching
 * needs: the tree, and for a run its network. Embedding and writing are not done here.
 */

import {
  admitWriter,
  checkHnsw,
  growthNote,
  openTable,
  type TableOptions,
  tableExists,
} from '../engines/open.js';
import { DataError, HierError, UsageError } from '../errors.js';
import { vectorNotes } from '../io/vectorNotes.js';
import { failuresBeside, tellFailures } from '../items/failures.js';
import type { Metric } from '../retrieval/index.js';
import { type IndexCounts, indexItems } from '../store/indexItems.js';
import { isDamaged } from '../store/keptFiles.js';
import {
  type Cutoff,
  learnSimilarity,
  SIMILARITY_FILE,
  type Similarity,
  similarityAt,
  similarityOf,
} from '../store/similarity.js';
import type { IndexState, Store } from '../store/store.js';
import { parseTable, shownTable } from '../store/tableUri.js';
import { keepText, readText } from '../store/textFiles.js';
import { THUMBNAIL } from '../store/thumbnail.js';
import type { Writer } from '../store/writer.js';
import { type Losses, lossNote, withKnown } from './facts.js';
import type { MapState } from './map.js';
import { keepModel } from './model.js';
import { inTableOrder, withNewColumns } from './newColumns.js';
import { checkAll, createFor, dropEmpty, newFolder, requireSame, spaceFor } from './newTable.js';
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
  /** Where images that could not be had are listed (CSV). Default: beside a table that is a folder, `OUT.failures.csv`. */
  readonly failures?: string;
  /** Remove items that the source does not have. */
  readonly prune?: boolean;
  /** Make the map that the explorer shows. Default: up to 100,000 rows. */
  readonly map?: boolean;
  /** Whether there is to be an HNSW graph beside the index. Default: as it is. */
  readonly hnsw?: boolean;
  /** How to open the table. */
  readonly how?: TableOptions;
  /** Ends the work at the next safe point. */
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
  /** Images that this call embedded; null where the items are vectors. */
  readonly embedded: number | null;
  /** From where on nothing is similar enough, as learned from classes; null where there are too few. */
  readonly cutoff: (Cutoff & { readonly similarity: number }) | null;
  /** The list of images that could not be had: their number, and the file that names them. */
  readonly failures: { readonly count: number; readonly file: string | null };
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

/** File of a table with the time that its last change took. */
export const BUILD_FILE = 'build';

/**
 * Brings a table up to date with its source.
 * @throws UsageError when the table was made by another model or in another space; DataError for data that cannot
 * be used; HierError while another process writes to the table and only one may, and when it was stopped before
 * anything was written
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
    source = await openSource({
      ...options,
      thumbnail,
      ownTree: await wantsOwnTree(existing, options),
      ...(existing ? { existing } : {}),
    });
    if (existing) requireSame(existing, source, thumbnail, out);
    if (source.vectors)
      source.notes.unshift(...vectorNotes(options.source, { values: source.vectors, dim: source.dim }));
    const space = existing?.manifest.space ?? (source.vectors && spaceFor(source, source.vectors));
    if (space && source.vectorAt) checkAll(source, space);
    const { told } = source;
    writer = await admitWriter(out, how);
    if (store) store = await withNewColumns(store, source, { out, how });
    const done = await indexItems({
      items: inTableOrder(source, store),
      store,
      create: async (first) => {
        const created = await createFor(options, source!, first, { thumbnail, space });
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
    if (!store) signal?.throwIfAborted();
    if (!store)
      throw new UsageError(`Nothing could be indexed from ${options.source}: ${source.notes.join(' ')}`);
    if (source.run !== undefined) await keepModel(source.run.paths, store);
    if (existing && source.tree) await keepTree(store, source.tree, options);
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
    const similarity = await similarityNow(store, changed);
    const path = failuresFile(options);
    const toldIn =
      source.failures && path !== undefined
        ? tellFailures(source.failures, { path, source: options.source, onNote })
        : null;
    const seconds = (performance.now() - started) / 1000;
    if (changed) await keepText(store, BUILD_FILE, JSON.stringify({ seconds, rows }));
    else if (await isDamaged(store, BUILD_FILE)) await keepText(store, BUILD_FILE, JSON.stringify({ rows }));
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
      embedded: source.embedded?.() ?? null,
      cutoff: similarity?.cutoff
        ? { ...similarity.cutoff, similarity: similarityAt(similarity.cutoff.distance, similarity) }
        : null,
      failures: { count: source.failures?.length ?? 0, file: toldIn },
      finished,
      ...done.counts,
      notes: source.notes,
    };
  } catch (error) {
    if (made) await dropEmpty(out, store!, how);
    throw signal?.aborted && error === signal.reason ? stoppedEarly(out, existing !== null) : error;
  } finally {
    await writer?.release();
    await source?.close();
    await store?.close();
    folder.removeIfEmpty();
  }
}

/** How distances are to be read now: learned anew when items have changed, and where nothing sound is kept. */
async function similarityNow(store: Store, changed: boolean): Promise<Similarity | null> {
  const isKept = async () => (await readText(store, SIMILARITY_FILE).catch(() => null)) !== null;
  return changed || !(await isKept()) ? learnSimilarity(store) : similarityOf(store);
}

/** Where images that could not be had are listed; undefined where there is no place for it. */
function failuresFile({ out, failures }: IndexTableOptions): string | undefined {
  const place = parseTable(out);
  return failures ?? (place.kind === 'folder' ? failuresBeside(place.path) : undefined);
}

/** What is said of work that was stopped before a batch was written. */
function stoppedEarly(out: string, isThere: boolean): HierError {
  const left = isThere ? `${shownTable(out)} is as it was` : `there is no ${shownTable(out)} yet`;
  return new HierError(`Stopped before anything was written: ${left}. The same command begins again.`);
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
