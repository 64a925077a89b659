/**
 * Ranks of all matches of every query, exactly and in bounded memory. Gallery rows are in class order, so a
 * query's matches are consecutive. For a block of queries: scores of the matches first, then every other item
 * is counted against them, block by block.
 *
 * The k-th best match of a query has rank k + number of other items whose score is at least as high: an item
 * of another class with an equal score (a duplicate, say) comes first. Ties are thus counted against us, and
 * the outcome depends on no order of rows. Scores and limits come from the same matrix product.
 */
import type { SessionOptions } from '../graph/index.js';
import type { Coordinates } from './coordinates.js';
import { type PerQuery, type RankDepth, scoreQuery } from './metrics.js';
import { openProducts, type Products, type Span, spans } from './products.js';

/** Queries and gallery items with equal ids are one item: the pair is left out. In class order. */
export interface Ids {
  readonly ofQueries: Float64Array;
  readonly ofGallery: Float64Array;
}

/**
 * What to rank. Everything is in class order; arrays may lie in shared memory, and several may work at it.
 */
export interface RankTask {
  readonly kind: 'ranks';
  readonly queries: Coordinates;
  readonly gallery: Coordinates;
  /** Class of each query. */
  readonly classAt: Int32Array;
  /** First gallery row of each class, and the gallery's size at the end. */
  readonly starts: Int32Array;
  /** Gallery items left out of a query's ranking: none, its own row, or those of its id. */
  readonly leaveOut: 'none' | 'self' | Ids;
  readonly depth: RankDepth;
  /** The result, filled in here. */
  readonly scores: PerQuery;
  /** Number of query blocks taken so far; a single integer that all workers share. */
  readonly taken: Int32Array;
  readonly engine: SessionOptions['engine'];
}

/** Scores at a time: they fit the second-level cache, and the matrix product is fast. */
const BLOCK = { rows: 256, columns: 1024 };

/** One query while its block is worked at. */
interface Query {
  readonly place: number;
  /** Gallery rows of its class, `[from, to)`. */
  readonly own: Span;
  readonly leftOut: readonly number[];
  readonly matches: number;
  /** Scores of its matches, or of the best alone; rising once all are known. */
  readonly limits: Float32Array;
  /** Number of them found so far. */
  found: number;
  /** The lowest limit that is still looked at. */
  lowest: number;
  /** Items of other classes at or above limit i and below limit i + 1. */
  readonly ahead: Int32Array;
}

/** Ranks block after block of queries until none is left. */
export async function rankQueries(task: RankTask): Promise<void> {
  const products = await openProducts(task.queries, task.gallery, BLOCK, task.engine);
  try {
    const leftOut = leftOutOf(task);
    const blocks = spans(task.queries.count, products.rows);
    for (;;) {
      const block = blocks[Atomics.add(task.taken, 0, 1)];
      if (!block) return;
      await rankBlock(task, products, block, leftOut);
    }
  } finally {
    await products.close();
  }
}

async function rankBlock(
  task: RankTask,
  products: Products,
  block: Span,
  leftOut: (place: number) => readonly number[],
): Promise<void> {
  const queries: Query[] = [];
  for (let place = block.from; place < block.to; place++) {
    const query = openQuery(task, place, leftOut(place));
    task.scores.matches[place] = query.matches;
    if (query.matches > 0) queries.push(query);
  }
  const columns = spans(task.gallery.count, products.columns);
  for (const span of columns) {
    const near = queries.filter(({ own }) => own.from < span.to && own.to > span.from);
    if (near.length === 0) continue;
    const scores = await products.multiply(block, span);
    for (const query of near) {
      const row = (query.place - block.from) * products.columns - span.from;
      collectMatches(query, scores, row, span, task.depth);
    }
  }
  for (const { limits } of queries) limits.sort();
  for (const span of columns) {
    if (queries.every(({ own }) => own.from <= span.from && own.to >= span.to)) continue;
    const scores = await products.multiply(block, span);
    for (const query of queries) {
      const row = (query.place - block.from) * products.columns - span.from;
      for (const place of query.leftOut)
        if (place >= span.from && place < span.to) scores[row + place] = Number.NEGATIVE_INFINITY;
      const { own } = query;
      countOthers(query, scores, row + span.from, row + Math.min(own.from, span.to), task.depth);
      countOthers(query, scores, row + Math.max(own.to, span.from), row + span.to, task.depth);
    }
  }
  for (const query of queries) finish(query, task.depth, task.scores);
}

/** A query with room for its matches. */
function openQuery(task: RankTask, place: number, leftOut: readonly number[]): Query {
  const index = task.classAt[place];
  const own = { from: task.starts[index], to: task.starts[index + 1] };
  const out = leftOut.filter((other) => other >= own.from && other < own.to).length;
  const matches = own.to - own.from - out;
  const best = task.depth === 'best';
  const limits = new Float32Array(best ? Math.min(matches, 1) : matches);
  if (best) limits.fill(Number.NEGATIVE_INFINITY);
  const ahead = new Int32Array(limits.length);
  return { place, own, leftOut, matches, limits, found: 0, lowest: 0, ahead };
}

/**
 * Takes the scores of the matches that lie in `span`; `row + place` is where a gallery row's score stands.
 */
function collectMatches(query: Query, scores: Float32Array, row: number, span: Span, depth: RankDepth): void {
  const { own, leftOut, limits } = query;
  const to = Math.min(own.to, span.to);
  for (let place = Math.max(own.from, span.from); place < to; place++) {
    if (leftOut.includes(place)) continue;
    const score = scores[row + place];
    if (depth !== 'best') limits[query.found++] = score;
    else if (score > limits[0]) limits[0] = score;
  }
}

/**
 * Counts scores `[from, to)` of other classes. Where only ranks up to R matter, limits that can no longer
 * have one are dropped on the way, all but the best: hardly any score then reaches a limit, which is what
 * makes this fast.
 */
function countOthers(query: Query, scores: Float32Array, from: number, to: number, depth: RankDepth): void {
  const { limits, ahead } = query;
  const step = depth === 'top' ? 128 + limits.length : to - from;
  for (let at = from; at < to; at += step) {
    countAhead(scores, at, Math.min(at + step, to), limits, query.lowest, ahead);
    if (depth === 'top') query.lowest = lowestWithin(limits.length, ahead);
  }
}

/** The lowest limit whose rank can still be within R, given the items counted so far; at least the best. */
function lowestWithin(count: number, ahead: Int32Array): number {
  let others = 0;
  for (let k = 1; k <= count; k++) {
    others += ahead[count - k];
    if (k + others > count) return Math.min(count - k + 1, count - 1);
  }
  return 0;
}

/**
 * Counts each score of `[from, to)` at the highest limit it reaches. Limits rise; those below `lowest` are
 * over.
 */
export function countAhead(
  scores: Float32Array,
  from: number,
  to: number,
  limits: Float32Array,
  lowest: number,
  ahead: Int32Array,
): void {
  const least = limits[lowest];
  if (lowest === limits.length - 1) {
    let count = 0;
    for (let at = from; at < to; at++) if (scores[at] >= least) count++;
    ahead[lowest] += count;
    return;
  }
  for (let at = from; at < to; at++) {
    const score = scores[at];
    if (score < least) continue;
    let low = lowest + 1;
    let high = limits.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (limits[middle] <= score) low = middle + 1;
      else high = middle;
    }
    ahead[low - 1]++;
  }
}

/** Turns the counts of a query into ranks and these into its scores. */
function finish({ place, limits, ahead }: Query, depth: RankDepth, scores: PerQuery): void {
  const count = limits.length;
  const ranks = new Int32Array(count);
  let others = 0;
  for (let k = 1; k <= count; k++) {
    others += ahead[count - k];
    ranks[k - 1] = k + others;
  }
  scores.bestRank[place] = ranks[0];
  if (depth === 'best') return;
  const { rPrecision, averagePrecisionAtR, averagePrecision } = scoreQuery(ranks);
  scores.rPrecision[place] = rPrecision;
  scores.averagePrecisionAtR[place] = averagePrecisionAtR;
  if (depth === 'all') scores.averagePrecision[place] = averagePrecision;
}

/** Gallery rows that a query does not meet. */
function leftOutOf({ leaveOut }: RankTask): (place: number) => readonly number[] {
  if (leaveOut === 'none') return () => [];
  if (leaveOut === 'self') return (place) => [place];
  const places = new Map<number, number[]>();
  leaveOut.ofGallery.forEach((id, place) => {
    const known = places.get(id);
    if (known) known.push(place);
    else places.set(id, [place]);
  });
  return (place) => places.get(leaveOut.ofQueries[place]) ?? [];
}
