/**
 * How hard an approximate search has to look: the least effort with which it finds what an exact search finds,
 * measured on items of the table itself, since it depends on the vectors. What an effort is (partitions looked into,
 * candidates kept) the caller knows.
 */

/** Rows that a search should find. */
export interface EffortSample {
  /** Rows of the search column `[width]` for items of the table. */
  readonly queries: readonly Float32Array[];
  /** Ids of the rows nearest to each. */
  readonly nearest: readonly (readonly number[])[];
}

/** Ids that the search for a query finds, with some effort. */
export type Find = (query: Float32Array, effort: number) => Promise<readonly number[]> | readonly number[];

/** Results that are looked for. */
export const SAMPLE_K = 10;

/** Share of the nearest that must be found, or of those found with the greatest effort. */
const RECALL = 0.998;
/** So many times the effort with which it was found is taken, since those few items tell it roughly. */
const MARGIN = 1.5;
/** Items looked for at a time. */
const AT_ONCE = 4;
/** By how much more each further attempt takes. */
const GROWTH = 1.4;

/** The efforts that come into question, ascending from `first`; the last is `most`. */
export function effortLadder(first: number, most: number): number[] {
  const steps: number[] = [];
  for (let effort = first; Math.round(effort) < most; effort *= GROWTH) steps.push(Math.round(effort));
  return [...steps, most];
}

/** The effort of a ladder that a search should take, with a margin. */
export async function leastEffort(
  sample: EffortSample,
  ladder: readonly number[],
  find: Find,
): Promise<number> {
  const most = ladder.at(-1)!;
  const tolerable = (1 - RECALL) * wanted(sample);
  let least = await fewest(sample, ladder, find, tolerable);
  if (least === most) {
    // Where even the greatest effort misses some, it does not help: the least that finds nearly as much does.
    const lost = await missed(sample, find, most);
    if (lost > tolerable) least = await fewest(sample, ladder, find, lost + tolerable);
  }
  return Math.min(most, Math.round(MARGIN * least));
}

/** Share of the nearest that a search finds with an effort, 0 to 1; NaN for a sample without queries. */
export async function recallWith(sample: EffortSample, find: Find, effort: number): Promise<number> {
  return 1 - (await missed(sample, find, effort)) / wanted(sample);
}

/** The first effort with which at most `limit` are missed, else the last: one that misses more is given up early. */
async function fewest(
  sample: EffortSample,
  ladder: readonly number[],
  find: Find,
  limit: number,
): Promise<number> {
  for (const effort of ladder) if ((await missed(sample, find, effort, limit)) <= limit) return effort;
  return ladder.at(-1)!;
}

const wanted = ({ nearest }: EffortSample) => nearest.reduce((sum, ids) => sum + ids.length, 0);

/** How many of the nearest are missed, counted to the end or until there are more than `limit`. */
async function missed(
  { queries, nearest }: EffortSample,
  find: Find,
  effort: number,
  limit = Number.POSITIVE_INFINITY,
): Promise<number> {
  const missedBy = async (query: number) => {
    const ids = new Set(await find(queries[query], effort));
    return nearest[query].filter((id) => !ids.has(id)).length;
  };
  let count = 0;
  for (let from = 0; from < queries.length && count <= limit; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, queries.length - from) }, (_, i) => from + i);
    for (const one of await Promise.all(some.map(missedBy))) count += one;
  }
  return count;
}
