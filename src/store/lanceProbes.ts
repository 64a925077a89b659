/**
 * How many partitions of a LanceDB index a search looks into: the fewest with which it finds what an exact search
 * finds, measured on items of the table itself, since it depends on the vectors. Those of one network may need five
 * times as many as those of another. Making the index is for `lanceIndex.ts`.
 */
import type { Table } from '@lancedb/lancedb';
import { randomStream } from '../random.js';
import { nearestInStream } from '../retrieval/index.js';
import { rowIdsOf, vectorsOf } from './arrowItems.js';
import { queryRow, type SearchSpace } from './space.js';

/** Rows that the index is asked for: so many, and so many for every result. Asked for fewer, it passes some over. */
const ASKED = { least: 250, each: 5 };
/** Of these the nearest by their codes are measured again, which is enough for what codes cannot tell. */
const MEASURED = { least: 64, each: 5 };
/** Items that are looked for. */
const QUERIES = 200;
/** Results of each. */
const K = 10;
/** Share of the nearest that must be found, or of those found by looking everywhere. */
const RECALL = 0.998;
/** So many times the partitions with which it was found are looked into, since those few items tell it roughly. */
const MARGIN = 1.5;
/** Items looked for at a time. */
const AT_ONCE = 4;
/** Fewest partitions, and by how much more each further attempt takes. */
const LADDER = { first: 8, growth: 1.4 };

/** How many of the rows that a {@link shortlist} gives, nearest first, are measured again for `k` results. */
export function measuredFor(k: number): number {
  return MEASURED.least + MEASURED.each * k;
}

/** The numbers of partitions that come into question, ascending; the last is all of them. */
export function probeLadder(partitions: number): number[] {
  const steps: number[] = [];
  for (let probes = LADDER.first; probes < partitions; probes *= LADDER.growth)
    steps.push(Math.round(probes));
  return [...steps, partitions];
}

/** The first of ascending values for which `isEnough` holds, supposing that it holds from there on; else the last. */
export async function firstEnough<T>(
  values: readonly T[],
  isEnough: (value: T) => Promise<boolean>,
): Promise<T> {
  let [low, high] = [0, values.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (await isEnough(values[middle])) high = middle;
    else low = middle + 1;
  }
  return values[low];
}

/** A search of the index alone: rows with their ids, the nearest by their codes first, enough to find `k` results among. */
export function shortlist(table: Table, row: Float32Array, k: number, probes: number) {
  const query = table.query().nearestTo(row).column('search').distanceType('l2');
  return query
    .nprobes(probes)
    .limit(ASKED.least + ASKED.each * k)
    .withRowId();
}

/** Measures how many of an index's partitions a search in the table should look into. */
export async function measureProbes(
  table: Table,
  {
    space,
    rows,
    partitions,
  }: { readonly space: SearchSpace; readonly rows: number; readonly partitions: number },
): Promise<number> {
  const queries = await queryRows(table, space, rows);
  const nearest = await nearestInStream(queries, K, searchRows(table, space.width));
  const tolerable = (1 - RECALL) * nearest.reduce((sum, ids) => sum + ids.length, 0);
  const missedBy = async (query: number, probes: number) => {
    const { batches } = await shortlist(table, queries[query], K, probes).select(['_distance']).toArrow();
    const ids = batches.flatMap((batch) => [...rowIdsOf(batch)]).slice(0, measuredFor(K));
    return nearest[query].filter((id) => !ids.includes(id)).length;
  };
  /** How many of the nearest are missed, counted to the end or until there are more than `most`. */
  const missed = async (probes: number, most = Number.POSITIVE_INFINITY) => {
    let count = 0;
    for (let from = 0; from < queries.length && count <= most; from += AT_ONCE) {
      const some = Array.from({ length: Math.min(AT_ONCE, queries.length - from) }, (_, i) => from + i);
      for (const one of await Promise.all(some.map((query) => missedBy(query, probes)))) count += one;
    }
    return count;
  };
  const ladder = probeLadder(partitions);
  const fewest = (most: number) =>
    firstEnough(ladder, async (probes) => (await missed(probes, most)) <= most);
  let least = await fewest(tolerable);
  if (least === partitions) {
    // Where the codes themselves lose some, looking everywhere does not help: the fewest that find nearly as much do.
    const lost = await missed(partitions);
    if (lost > tolerable) least = await fewest(lost + tolerable);
  }
  return Math.min(partitions, Math.round(MARGIN * least));
}

/** The search column of a table, batch by batch. */
async function* searchRows(table: Table, width: number) {
  for await (const batch of table.query().select(['search']).withRowId())
    yield { values: vectorsOf(batch, width, 'search'), ids: rowIdsOf(batch) };
}

/** Items of the table, drawn at random, as query rows. */
async function queryRows(table: Table, space: SearchSpace, rows: number): Promise<Float32Array[]> {
  const random = randomStream(0, 'partitions of a table');
  const drawn = new Set<number>();
  while (drawn.size < Math.min(QUERIES, rows)) drawn.add(random.integer(rows));
  const { batches } = await table
    .takeOffsets([...drawn].sort((a, b) => a - b))
    .select(['vector'])
    .toArrow();
  return batches.flatMap((batch) => {
    const vectors = vectorsOf(batch, space.dim);
    return Array.from({ length: batch.numRows }, (_, i) =>
      queryRow(space, vectors.subarray(i * space.dim, (i + 1) * space.dim)),
    );
  });
}
