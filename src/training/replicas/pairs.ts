/**
 * In which order the gradients of the replicas are added: two and two, then the sums two and two, and so on, so that what a
 * part of the replicas has added by itself is what all together would have. Sums of floating-point numbers depend on it.
 */

/** The second is added to the first, whose place the sum takes. */
export type Pair = readonly [into: number, from: number];

/** All additions of `count` replicas in order; the sum of all is then at 0. */
export function pairsOf(count: number): Pair[] {
  const pairs: Pair[] = [];
  for (let size = 1; size < count; size *= 2)
    for (let at = 0; at + size < count; at += 2 * size) pairs.push([at, at + size]);
  return pairs;
}

/** Those of the additions that want nothing but the replicas of `some`. */
export function pairsWithin(count: number, some: Iterable<number>): Pair[] {
  const known = new Set(some);
  const within: Pair[] = [];
  for (const [into, from] of pairsOf(count)) {
    const size = from - into;
    const end = Math.min(count, from + size);
    let isWhole = true;
    for (let replica = into; replica < end; replica++) isWhole &&= known.has(replica);
    if (isWhole) within.push([into, from]);
  }
  return within;
}
