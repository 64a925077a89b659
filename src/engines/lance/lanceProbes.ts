/**
 * Searching a LanceDB index by its partitions: the rows that are nearest by their codes, and how many partitions to
 * look into for them in a given table. Vectors of one network may need five times as many as those of another. Making
 * the index is a file of its own.
 */
import type { Table } from '@lancedb/lancedb';
import { measuredFor } from '../../store/rescore.js';
import { leastWidth, SAMPLE_K, type WidthSample, widthLadder } from '../../store/searchWidth.js';
import { rowIdsOf } from './arrowItems.js';

/** Rows that the index is asked for: `least`, and `each` for every result. Asked for fewer, it passes some over. */
const ASKED = { least: 250, each: 5 };
/** Fewest partitions that come into question. */
const FEWEST = 8;

/** How to look through the index. */
export interface Shortlisting {
  /** Results that are wanted. */
  readonly k: number;
  /** Partitions to look into. */
  readonly probes: number;
  /** Which rows take part, in SQL; then as many partitions more as it takes. */
  readonly where?: string | undefined;
}

/** The rows to be measured again, with what else of them was asked for, the nearest by their codes first. */
export async function shortlist(
  table: Table,
  row: Float32Array,
  { k, probes, where }: Shortlisting,
  columns: readonly string[] = [],
) {
  const query = table.query().nearestTo(row).column('search').distanceType('l2').nprobes(probes).withRowId();
  if (where) query.where(where).maximumNprobes(0);
  const { batches } = await query
    .limit(ASKED.least + ASKED.each * k)
    .select([...columns, '_distance'])
    .toArrow();
  const ids = batches.flatMap((batch) => [...rowIdsOf(batch)]);
  return { ids: ids.slice(0, measuredFor(k)), batches };
}

/** Measures how many of an index's partitions a search in the table should look into. */
export function measureProbes(table: Table, partitions: number, sample: WidthSample): Promise<number> {
  return leastWidth(
    sample,
    widthLadder(FEWEST, partitions),
    async (row, probes) => (await shortlist(table, row, { k: SAMPLE_K, probes })).ids,
  );
}
