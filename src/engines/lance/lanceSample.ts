/**
 * Items of a LanceDB table as queries, with the rows that are truly nearest to them: what its approximate searches are
 * measured on. It goes through the whole search column once.
 */

import type { Table } from '@lancedb/lancedb';
import { randomStream } from '../../random.js';
import { nearestInStream } from '../../retrieval/index.js';
import { rowAt } from '../../rows.js';
import { SAMPLE_K, type WidthSample } from '../../store/searchWidth.js';
import { queryRow, type SearchSpace } from '../../store/space.js';
import { rowIdsOf, vectorsOf } from './arrowItems.js';

/** Items that are looked for unless told otherwise. */
const QUERIES = 400;
/** Of a small table fewer will do: a sixteenth of its rows, and these at least. */
const FEW = { share: 1 / 16, least: 100 };

/** Draws items of a table of `rows` rows, always the same ones; no more than `count`. */
export async function sampleOf(
  table: Table,
  space: SearchSpace,
  rows: number,
  count = QUERIES,
): Promise<WidthSample> {
  const random = randomStream(0, 'partitions of a table');
  const drawn = new Set<number>();
  const most = Math.min(count, rows, Math.max(FEW.least, Math.ceil(FEW.share * rows)));
  while (drawn.size < most) drawn.add(random.integer(rows));
  const { batches } = await table
    .takeOffsets([...drawn].sort((a, b) => a - b))
    .select(['vector'])
    .toArrow();
  const queries = batches.flatMap((batch) => {
    const vectors = { values: vectorsOf(batch, space.dim), dim: space.dim };
    return Array.from({ length: batch.numRows }, (_, i) => queryRow(space, rowAt(vectors, i)));
  });
  return { queries, nearest: await nearestInStream(queries, SAMPLE_K, searchRows(table, space.width)) };
}

/** Ids of all rows of a table, in the order in which it is read. */
export async function rowIdsIn(table: Table): Promise<Float64Array> {
  const { batches } = await table.query().select([]).withRowId().toArrow();
  return Float64Array.from(batches.flatMap((batch) => [...rowIdsOf(batch)]));
}

/** The search column of a table, batch by batch, with the ids of the rows. */
export async function* searchRows(table: Table, width: number) {
  for await (const batch of table.query().select(['search']).withRowId())
    yield { values: vectorsOf(batch, width, 'search'), ids: rowIdsOf(batch) };
}
