/** What can be made for a table that there is, without its source: its map, and the HNSW graph beside its index; and what is taken out of it. */
import { admitWriter, checkHnsw, openTable, type TableOptions } from '../engines/open.js';
import type { IndexState, Store } from '../store/store.js';
import { type MapState, type MapTableOptions, mapTable } from './map.js';

/** Which table, and how. */
export interface UpkeepOptions extends Pick<MapTableOptions, 'progress' | 'signal'> {
  /** The table: a folder, `s3://BUCKET/PREFIX` or `postgres://HOST/DATABASE?table=NAME`. */
  readonly out: string;
  /** How to open the table. */
  readonly how?: TableOptions;
}

/** Makes the map of a table. Throws as `openTable` and `admitWriter` do. */
export function mapTableAt(options: UpkeepOptions): Promise<MapState | null> {
  const { progress, signal } = options;
  return withTable(options, (store) => mapUnlessStopped({ store, progress, signal }));
}

/**
 * Makes the HNSW graph of a table, or removes it; when it was stopped, the graph is as it was.
 * @throws UsageError where there can be none; as `openTable` and `admitWriter`
 */
export async function hnswTableAt(
  hnsw: boolean,
  options: UpkeepOptions,
): Promise<{ readonly index: IndexState; readonly finished: boolean }> {
  if (hnsw) await checkHnsw(options.out);
  const { progress = () => () => undefined, signal } = options;
  return withTable(options, async (store) => {
    const index = await store.maintain({ hnsw, onProgress: progress('linking the graph'), signal });
    return { index, finished: signal?.aborted !== true };
  });
}

/** Removes items of a table; returns how many were there. Throws as `openTable` and `admitWriter` do. */
export function removeFromTable(ids: readonly string[], options: UpkeepOptions): Promise<number> {
  return withTable(options, (store) => store.remove(ids));
}

/** The map, or null when it was stopped; an earlier one stays then. */
export async function mapUnlessStopped(options: MapTableOptions): Promise<MapState | null> {
  if (options.signal?.aborted) return null;
  try {
    return await mapTable(options);
  } catch (error) {
    if (options.signal?.aborted) return null;
    throw error;
  }
}

/** Opens a table as its writer, and gives it back. */
async function withTable<T>(
  { out, how = {} }: UpkeepOptions,
  work: (store: Store) => Promise<T>,
): Promise<T> {
  const store = await openTable(out, how);
  try {
    const writer = await admitWriter(out, how);
    try {
      return await work(store);
    } finally {
      await writer.release();
    }
  } finally {
    await store.close();
  }
}
