/**
 * Dissimilarities of all pairs of a set, in half the memory of a square: distances in the space of the
 * embeddings, and the LCA dissimilarity of HIER. What is built on them is not known here.
 */

import { UsageError } from '../errors.js';
import { checkedRows } from '../retrieval/checkedRows.js';
import { rowDistance } from '../retrieval/distances.js';
import type { Metric } from '../retrieval/index.js';
import { type Rows, rowAt } from '../rows.js';

/** A symmetric matrix with zeros on the diagonal. */
export interface Dissimilarities {
  /** Number of items, N. */
  readonly count: number;
  /** The rows above the diagonal, one after another: N (N - 1) / 2 numbers. */
  readonly values: Float64Array | Float32Array;
}

/** Points of the space of the embeddings, a row each. */
export interface Points extends Rows {
  readonly metric: Metric;
  /** c of the ball, for the metric 'hyperbolic'. */
  readonly curvature: number;
}

/** Up to this many items a matrix is kept in float64, above it in float32. */
const DOUBLE_UP_TO = 2_000;

/** The most items of which all pairs are kept: 200 MB in float32. */
export const MOST_ITEMS = 10_000;

/** Place of the pair i < j in `values`. */
export function pairIndex(count: number, i: number, j: number): number {
  return i * count - (i * (i + 1)) / 2 + j - i - 1;
}

/** The dissimilarity of two items, in any order; 0 of an item with itself. */
export function between({ count, values }: Dissimilarities, i: number, j: number): number {
  if (i === j) return 0;
  return values[i < j ? pairIndex(count, i, j) : pairIndex(count, j, i)];
}

/** A square matrix as dissimilarities; what is below the diagonal is not looked at. */
export function fromSquare(matrix: readonly ArrayLike<number>[]): Dissimilarities {
  return fill(matrix.length, (i, j) => matrix[i][j]);
}

/** Distances of all pairs of points, d as in `retrieval`. Throws as its evaluation for points that are not sound. */
export function pairDistances(points: Points): Dissimilarities {
  const set = checkedRows(points, 'points');
  return fill(set.count, rowDistance(points.metric, points.curvature, set, set));
}

/** Distances of points to proxies, `[N, P]`, row after row. */
export function proxyDistances(points: Points, proxies: Float32Array): Float64Array {
  const { dim, metric, curvature } = points;
  const from = checkedRows(points, 'points');
  const to = checkedRows({ values: proxies, dim }, 'hierarchical proxies');
  const distance = rowDistance(metric, curvature, from, to);
  const result = new Float64Array(from.count * to.count);
  for (let i = 0; i < from.count; i++)
    for (let k = 0; k < to.count; k++) result[i * to.count + k] = distance(i, k);
  return result;
}

/**
 * δ(i, j) = min over the proxies ρ of max(d(i, ρ), d(j, ρ)): how far the nearest common ancestor is from the
 * farther of the two. It is what HIER's loss chooses ancestors by, without its noise (official code).
 *
 * @param toProxies `[N, P]` distances, row after row
 */
export function lcaDissimilarities(toProxies: Float64Array, proxies: number): Dissimilarities {
  const count = toProxies.length / proxies;
  if (!(Number.isInteger(count) && proxies >= 1))
    throw new UsageError(`${toProxies.length} distances cannot be rows of ${proxies} proxies.`);
  // Each row's proxies from the nearest on: the search ends at the first that is farther than what was found.
  const nearest = Array.from({ length: count }, (_, i) => {
    const row = rowAt({ values: toProxies, dim: proxies }, i);
    return Int32Array.from(row.keys()).sort((a, b) => row[a] - row[b]);
  });
  return fill(count, (i, j) => {
    const [mine, other] = [i * proxies, j * proxies];
    let best = Number.POSITIVE_INFINITY;
    for (const k of nearest[i]) {
      const own = toProxies[mine + k];
      if (own >= best) break;
      best = Math.min(best, Math.max(own, toProxies[other + k]));
    }
    return best;
  });
}

function fill(count: number, of: (i: number, j: number) => number): Dissimilarities {
  if (count > MOST_ITEMS)
    throw new UsageError(
      `A tree over ${count} items needs all their pairs; the most is ${MOST_ITEMS.toLocaleString('en')}. Build it over classes, or over fewer images.`,
    );
  const length = (count * (count - 1)) / 2;
  const values = count <= DOUBLE_UP_TO ? new Float64Array(length) : new Float32Array(length);
  let at = 0;
  for (let i = 0; i < count; i++) for (let j = i + 1; j < count; j++) values[at++] = of(i, j);
  return { count, values };
}
