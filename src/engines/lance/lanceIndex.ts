/**
 * When and how a LanceDB table is indexed: not at all up to 100,000 rows, then by IVF with 5-bit RabitQ codes,
 * which of the methods measured (docs/search.md) builds in seconds and, with the nearest codes measured again,
 * finds nearly everything; and by id and by word, since without an index an item is looked for among all.
 */
import { Index, type Table } from '@lancedb/lancedb';
import type { Manifest } from '../../store/manifest.js';
import type { IndexState } from '../../store/store.js';
import { INDEX_NAMES, type LanceIndices } from './lanceIndices.js';
import { measureProbes } from './lanceProbes.js';
import { sampleOf } from './lanceSample.js';
import { addWords, indexWords } from './lanceWords.js';
import { besideOthers, isConflict } from './lanceWrite.js';

/** Rows a partition of the index. */
const ROWS_A_PARTITION = 1000;
/** Bits of a number in the codes. */
const BITS = 5;
/** Unindexed rows, as a share of all, above which they are added to the index. */
const STALE = 0.05;
/** Growth since the index was made above which it is made anew. */
const OUTGROWN = 4;

const METHOD = 'ivf-rq';

/** Partitions of an index over a number of rows. */
export function partitionsFor(rows: number): number {
  return Math.min(32_768, Math.max(32, Math.round(rows / ROWS_A_PARTITION)));
}

/** Whether a table has an index, and over how many rows. */
export async function indexState(table: Table): Promise<Pick<IndexState, 'kind' | 'rows'>> {
  const stats = await table.indexStats(INDEX_NAMES.vectors);
  return stats ? { kind: METHOD, rows: stats.numIndexedRows } : { kind: null, rows: 0 };
}

/** An index as it was made. */
export interface MadeIndex {
  /** Rows that the table had. */
  readonly rows: number;
  /** Partitions that a search looks into. */
  readonly probes: number;
}

/** What was kept of an index; null when nothing was, or what is there cannot be read: the index is then made anew. */
export function parseMadeIndex(text: string | null): MadeIndex | null {
  try {
    const { rows, probes } = JSON.parse(text ?? 'null') as Partial<MadeIndex>;
    return isCount(rows) && isCount(probes) ? { rows, probes } : null;
  } catch {
    return null;
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) > 0;

/** Options of {@link maintainIndex}. */
export interface LanceIndexOptions {
  readonly manifest: Manifest;
  /** Up to this many rows there is no index. */
  readonly exactRows: number;
  /** The index as it was made last; null when there is none, or nothing is known of it. */
  readonly made: MadeIndex | null;
  /** What of its indices is damaged: that is made again. */
  readonly indices: Pick<LanceIndices, 'look'>;
  /** Keeps what is known of a new index with the table. */
  readonly keep: (made: MadeIndex) => Promise<void>;
}

/**
 * Makes, extends or renews the index where the size calls for one, merges small files, and removes versions
 * older than an hour. It gives way to writers who keep coming in between, whose own maintenance follows.
 */
export async function maintainIndex(table: Table, options: LanceIndexOptions): Promise<void> {
  try {
    await besideOthers(table, () => maintainOnce(table, options));
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

async function maintainOnce(
  table: Table,
  { manifest, exactRows, made, indices, keep }: LanceIndexOptions,
): Promise<void> {
  // First of all: nothing can be tidied with an index that cannot be read.
  for (const part of await indices.look()) await table.dropIndex(INDEX_NAMES[part]);
  await addWords(table, manifest);
  const tidy = () => table.optimize({ cleanupOlderThan: new Date(Date.now() - 3_600_000) });
  const rows = await table.countRows();
  if (rows <= exactRows) {
    await tidy();
    return;
  }
  const { kind, rows: indexed } = await indexState(table);
  if (kind === null || made === null || rows > OUTGROWN * made.rows) {
    // Merged first: a search that reads rows of many small files takes much longer.
    await tidy();
    const partitions = partitionsFor(rows);
    const config = Index.ivfRq({ numPartitions: partitions, numBits: BITS, distanceType: 'l2' });
    await table.createIndex('search', { config, replace: true });
    await keep({
      rows,
      probes: await measureProbes(table, partitions, await sampleOf(table, manifest.space, rows)),
    });
    // Last, since they make new versions of the table: who has it open then learns of all of this.
    await indexIds(table);
    await indexWords(table);
    return;
  }
  if (rows - indexed > STALE * rows) await tidy();
  if (!(await table.indexStats(INDEX_NAMES.ids))) await indexIds(table);
  if (!(await table.indexStats(INDEX_NAMES.words))) await indexWords(table);
}

const indexIds = (table: Table) => table.createIndex('id', { config: Index.btree(), replace: true });
