/**
 * The nearest gallery items of every query, exactly: float32 scores block by block choose somewhat more
 * candidates than asked for, float64 distances order them. Where rounding could have kept a true neighbour
 * out of the candidates, the query is measured against the whole gallery in float64.
 */

import type { SessionOptions } from '../graph/index.js';
import type { CheckedRows } from './checkedRows.js';
import type { Coordinates, Metric } from './coordinates.js';
import { type RowDistance, rowDistance } from './distances.js';
import { openProducts, type Span, spans } from './products.js';

/** What to look for; arrays may lie in shared memory, and several may work at it. */
export interface NeighbourTask {
  readonly kind: 'neighbours';
  readonly metric: Metric;
  readonly curvature: number;
  /** Vectors as given, for the distances. */
  readonly queries: CheckedRows;
  readonly gallery: CheckedRows;
  /** Their coordinates, in the same order. */
  readonly queryRows: Coordinates;
  readonly galleryRows: Coordinates;
  /** Gallery row i is left out of the neighbours of query i. */
  readonly excludeSelf: boolean;
  /** Neighbours a query. */
  readonly k: number;
  /** The result: gallery rows, nearest first, and their distances, `[queries, k]`. */
  readonly indices: Int32Array;
  readonly distances: Float64Array;
  /** Number of query blocks taken so far; a single integer that all workers share. */
  readonly taken: Int32Array;
  readonly engine: SessionOptions['engine'];
}

const BLOCK = { rows: 256, columns: 1024 };

/** Unit roundoff of float32. */
const ROUNDOFF = 2 ** -24;

/** Candidates beyond k. */
const margin = (k: number) => 16 + (k >> 2);

/** The best `size` scores of a query seen so far, as a heap: the worst at place 0. */
interface Best {
  readonly scores: Float32Array;
  readonly rows: Int32Array;
}

/** Finds neighbours for block after block of queries until none is left. */
export async function findNeighbours(task: NeighbourTask): Promise<void> {
  const products = await openProducts(task.queryRows, task.galleryRows, BLOCK, task.engine);
  try {
    const distance = rowDistance(task.metric, task.curvature, task.queries, task.gallery);
    const longest = longestRow(task.galleryRows);
    const blocks = spans(task.queryRows.count, products.rows);
    for (;;) {
      const block = blocks[Atomics.add(task.taken, 0, 1)];
      if (!block) return;
      const found = Array.from({ length: block.to - block.from }, () => emptyBest(task));
      for (const span of spans(task.galleryRows.count, products.columns)) {
        const scores = await products.multiply(block, span);
        found.forEach((best, row) => {
          const self = task.excludeSelf ? block.from + row : -1;
          offerAll(best, scores, row * products.columns, span, self);
        });
      }
      found.forEach((best, row) => {
        const query = block.from + row;
        const uncertainty = scoreError(task.queryRows, query, longest);
        writeNearest(task, query, best, distance, uncertainty);
      });
    }
  } finally {
    await products.close();
  }
}

function emptyBest({ k, galleryRows }: NeighbourTask): Best {
  const size = Math.min(k + margin(k), galleryRows.count);
  return {
    scores: new Float32Array(size).fill(Number.NEGATIVE_INFINITY),
    rows: new Int32Array(size).fill(-1),
  };
}

/** Offers the scores of gallery rows `span`; among equal scores the earlier row stays. */
function offerAll(best: Best, scores: Float32Array, at: number, { from, to }: Span, self: number): void {
  const { scores: kept } = best;
  let worst = kept[0];
  for (let row = from; row < to; row++) {
    const score = scores[at + row - from];
    if (score <= worst || row === self) continue;
    replaceWorst(best, score, row);
    worst = kept[0];
  }
}

/** Puts a better item in place of the worst and restores the heap. */
function replaceWorst({ scores, rows }: Best, score: number, row: number): void {
  const size = scores.length;
  let at = 0;
  for (let child = 1; child < size; child = 2 * at + 1) {
    const right = child + 1;
    if (right < size && isWorse(scores[right], rows[right], scores[child], rows[child])) child = right;
    if (!isWorse(scores[child], rows[child], score, row)) break;
    scores[at] = scores[child];
    rows[at] = rows[child];
    at = child;
  }
  scores[at] = score;
  rows[at] = row;
}

/** Whether the first item comes after the second: lower score, or the same and a later row. */
function isWorse(score: number, row: number, other: number, otherRow: number): boolean {
  return score < other || (score === other && row > otherRow);
}

/** Orders the candidates by their float64 distances and writes the first k. */
function writeNearest(
  task: NeighbourTask,
  query: number,
  { scores, rows }: Best,
  distance: RowDistance,
  uncertainty: number,
): void {
  const { k, excludeSelf, gallery } = task;
  let items = Array.from(rows, (row, at) => ({ row, score: scores[at] })).filter(({ row }) => row >= 0);
  const all = items.length === gallery.count - (excludeSelf ? 1 : 0);
  const order = () =>
    items
      .map((item) => ({ ...item, distance: distance(query, item.row) }))
      .sort((a, b) => a.distance - b.distance || a.row - b.row)
      .slice(0, k);
  let nearest = order();
  const lowest = Math.min(...nearest.map(({ score }) => score));
  if (!all && lowest - scores[0] <= 2 * uncertainty) {
    items = Array.from({ length: gallery.count }, (_, row) => ({ row, score: 0 }));
    if (excludeSelf) items.splice(query, 1);
    nearest = order();
  }
  nearest.forEach((item, at) => {
    task.indices[query * k + at] = item.row;
    task.distances[query * k + at] = item.distance;
  });
}

/**
 * Bound on the rounding error of a query's scores: that of a product of as many float32 terms as a row has numbers, rounded once
 * before.
 */
function scoreError(rows: Coordinates, query: number, longest: number): number {
  return (rows.dim + 4) * ROUNDOFF * normOf(rows, query) * longest;
}

function longestRow(rows: Coordinates): number {
  let longest = 0;
  for (let row = 0; row < rows.count; row++) longest = Math.max(longest, normOf(rows, row));
  return longest;
}

function normOf({ values, dim }: Coordinates, row: number): number {
  let sum = 0;
  for (let at = row * dim; at < (row + 1) * dim; at++) sum += values[at] * values[at];
  return Math.sqrt(sum);
}
