/**
 * When and how a LanceDB table is indexed: not at all up to 100,000 rows, then by IVF with 5-bit RabitQ codes,
 * which of the methods measured (docs/search.md) builds in seconds and, with the nearest codes measured again,
 * finds nearly everything; and by id, since without an index an item is looked for among all.
 */
import { Index, type Table } from '@lancedb/lancedb';
import { besideOthers, isConflict } from './lanceWrite.js';
import type { IndexState } from './store.js';

/** Rows a partition of the index. */
const ROWS_A_PARTITION = 1000;
/** Partitions looked into: at least this many, and at least this share of all. */
const PROBES = { least: 20, share: 0.02 };
/** Bits of a number in the codes. */
const BITS = 5;
/** Rows measured again, as many and so many for every result: enough to make up for what codes cannot tell. */
const SHORTLIST = { least: 64, each: 5 };
/** Unindexed rows, as a share of all, above which they are added to the index. */
const STALE = 0.05;
/** Growth since the index was made above which it is made anew. */
const OUTGROWN = 4;

/** Name of the index of the search column. */
export const INDEX_NAME = 'search_idx';
const METHOD = 'ivf-rq';

/** Partitions of an index over so many rows. */
export function partitionsFor(rows: number): number {
  return Math.min(32_768, Math.max(32, Math.round(rows / ROWS_A_PARTITION)));
}

/** Partitions that a search in so many rows looks into. */
export function probesFor(rows: number): number {
  return Math.max(PROBES.least, Math.round(PROBES.share * partitionsFor(rows)));
}

/** Nearest codes whose rows are measured again when `k` results are wanted. */
export function shortlistFor(k: number): number {
  return SHORTLIST.least + SHORTLIST.each * k;
}

/** State of the index of a table. */
export async function indexState(table: Table): Promise<IndexState> {
  const stats = await table.indexStats(INDEX_NAME);
  return stats ? { kind: METHOD, rows: stats.numIndexedRows } : { kind: null, rows: 0 };
}

/**
 * Makes, extends or renews the index where the size calls for one, merges small files, and removes versions
 * older than an hour. It gives way to writers who keep coming in between, whose own maintenance follows. `builtFor` are the rows that the index was made for, 0 without one; returns them anew.
 */
export async function maintainIndex(
  table: Table,
  sizes: { readonly builtFor: number; readonly exactRows: number },
): Promise<number> {
  try {
    return await besideOthers(table, () => maintainOnce(table, sizes));
  } catch (error) {
    if (!isConflict(error)) throw error;
    return sizes.builtFor;
  }
}

async function maintainOnce(
  table: Table,
  { builtFor, exactRows }: { readonly builtFor: number; readonly exactRows: number },
): Promise<number> {
  const anHourAgo = new Date(Date.now() - 3_600_000);
  const rows = await table.countRows();
  if (rows <= exactRows) {
    await table.optimize({ cleanupOlderThan: anHourAgo });
    return builtFor;
  }
  const { kind, rows: indexed } = await indexState(table);
  if (kind === null || rows > OUTGROWN * builtFor) {
    // Merged first: a search that reads rows of many small files takes much longer.
    await table.optimize({ cleanupOlderThan: anHourAgo });
    const config = Index.ivfRq({ numPartitions: partitionsFor(rows), numBits: BITS, distanceType: 'l2' });
    await table.createIndex('search', { config, replace: true });
    await table.createIndex('id', { config: Index.btree(), replace: true });
    return rows;
  }
  if (rows - indexed > STALE * rows) await table.optimize({ cleanupOlderThan: anHourAgo });
  return builtFor;
}
