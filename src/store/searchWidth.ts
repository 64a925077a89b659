/**
 * How wide an approximate search has to be: the least width with which it finds what an exact search finds, measured on
 * items of the table itself, since it depends on the vectors. What the width counts (partitions looked into, candidates
 * kept) is up to the caller.
 */

/** Rows that a search should find. */
export interface WidthSample {
  /** Rows of the search column `[width]` for items of the table. */
  readonly queries: readonly Float32Array[];
  /** Ids of the rows nearest to each. */
  readonly nearest: readonly (readonly number[])[];
}

/** Ids that the search for a query finds, of some width. */
export type Find = (query: Float32Array, width: number) => Promise<readonly number[]> | readonly number[];

/** Results that are looked for. */
export const SAMPLE_K = 10;

/** Share of the nearest that must be found, or of those found with the greatest width. */
const RECALL = 0.998;
/** The width that was found is multiplied by this, since a few items tell it roughly. */
const MARGIN = 1.5;
/** Items looked for at a time. */
const AT_ONCE = 4;
/** By how much more each further attempt takes. */
const GROWTH = 1.4;

/** The widths that come into question, ascending from `first`; the last is `most`. */
export function widthLadder(first: number, most: number): number[] {
  const steps: number[] = [];
  for (let width = first; Math.round(width) < most; width *= GROWTH) steps.push(Math.round(width));
  return [...steps, most];
}

/** The width of a ladder that a search should have, with a margin. */
export async function leastWidth(
  sample: WidthSample,
  ladder: readonly number[],
  find: Find,
): Promise<number> {
  const most = ladder.at(-1)!;
  const tolerable = (1 - RECALL) * wanted(sample);
  let least = await fewest(sample, ladder, find, tolerable);
  if (least === most) {
    // Where even the greatest width misses some, it does not help: the least that finds nearly as much does.
    const lost = await missed(sample, find, most);
    if (lost > tolerable) least = await fewest(sample, ladder, find, lost + tolerable);
  }
  return Math.min(most, Math.round(MARGIN * least));
}

/** Share of the nearest that a search of a width finds, 0 to 1; NaN for a sample without queries. */
export async function recallWith(sample: WidthSample, find: Find, width: number): Promise<number> {
  return 1 - (await missed(sample, find, width)) / wanted(sample);
}

/** The first width with which at most `limit` are missed, else the last: one that misses more is given up early. */
async function fewest(
  sample: WidthSample,
  ladder: readonly number[],
  find: Find,
  limit: number,
): Promise<number> {
  for (const width of ladder) if ((await missed(sample, find, width, limit)) <= limit) return width;
  return ladder.at(-1)!;
}

const wanted = ({ nearest }: WidthSample) => nearest.reduce((sum, ids) => sum + ids.length, 0);

/** How many of the nearest are missed, counted to the end or until there are more than `limit`. */
async function missed(
  { queries, nearest }: WidthSample,
  find: Find,
  width: number,
  limit = Number.POSITIVE_INFINITY,
): Promise<number> {
  const missedBy = async (query: number) => {
    const ids = new Set(await find(queries[query], width));
    return nearest[query].filter((id) => !ids.has(id)).length;
  };
  let count = 0;
  for (let from = 0; from < queries.length && count <= limit; from += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, queries.length - from) }, (_, i) => from + i);
    for (const one of await Promise.all(some.map(missedBy))) count += one;
  }
  return count;
}
