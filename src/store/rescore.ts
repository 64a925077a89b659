/**
 * The last word on order: candidates that an engine chose by the search column, measured again in float64 from
 * the stored vectors, in the metric of the table. Near-duplicates get their true distances here.
 */

import { rowDistance } from '../retrieval/distances.js';
import { joinValues } from '../rows.js';
import type { SearchSpace } from './space.js';
import type { Hit, Item } from './store.js';

/** Candidates to ask an engine for when `k` results are wanted and it ranks by the search column itself. */
export function candidatesFor(k: number): number {
  return k + 16 + (k >> 2);
}

/** Candidates to measure again when they were ranked by codes of the search column: enough for what codes cannot tell. */
export function measuredFor(k: number): number {
  return 64 + 5 * k;
}

/** Distances from a query to `candidates`, `[N, dim]` vectors one after another, in the metric of the space. */
export function distancesTo(space: SearchSpace, query: Float32Array, candidates: Float32Array): Float64Array {
  const { dim, metric, curvature } = space;
  const count = candidates.length / dim;
  if (count === 0) return new Float64Array(0);
  const from = { values: query, count: 1, dim, name: 'queries' };
  const to = { values: candidates, count, dim, name: 'candidates' };
  const distance = rowDistance(metric, curvature, from, to);
  return Float64Array.from({ length: count }, (_, row) => distance(0, row));
}

/** Places of the `k` least distances, least first, and of all that equal the last of these. */
export function leastOf(distances: Float64Array, k: number): number[] {
  const order = [...distances.keys()].sort((a, b) => distances[a] - distances[b]);
  let end = Math.min(k, order.length);
  while (end > 0 && end < order.length && distances[order[end]] === distances[order[end - 1]]) end++;
  return order.slice(0, end);
}

/** The `k` nearest of some hits, nearest first; of equal distances the smaller id first. */
export function nearestHits(hits: readonly Hit[], k: number): Hit[] {
  return [...hits].sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1)).slice(0, k);
}

/** The `k` nearest of the candidates, in the order of {@link nearestHits}. */
export function rescore(
  space: SearchSpace,
  query: Float32Array,
  candidates: readonly Omit<Item, 'thumbnail'>[],
  k: number,
): Hit[] {
  const values = joinValues(candidates.map(({ vector }) => vector));
  const distances = distancesTo(space, query, values);
  return nearestHits(
    candidates.map(({ vector: _, ...facts }, row): Hit => ({ ...facts, distance: distances[row] })),
    k,
  );
}
