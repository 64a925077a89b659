/**
 * The last word on order: candidates that an engine chose by the search column, measured again in float64 from
 * the stored vectors, in the metric of the table. Near-duplicates get their true distances here.
 */
import { rowDistance } from '../retrieval/distances.js';
import type { SearchSpace } from './space.js';
import type { Hit, Item } from './store.js';

/** Candidates to ask an engine for when `k` results are wanted. */
export function candidatesFor(k: number): number {
  return k + 16 + (k >> 2);
}

/** The `k` nearest of the candidates, nearest first; of equal distances the smaller id first. */
export function rescore(
  space: SearchSpace,
  query: Float32Array,
  candidates: readonly Omit<Item, 'thumbnail'>[],
  k: number,
): Hit[] {
  if (candidates.length === 0) return [];
  const { dim, metric, curvature } = space;
  const values = new Float32Array(candidates.length * dim);
  candidates.forEach(({ vector }, row) => {
    values.set(vector, row * dim);
  });
  const from = { values: query, count: 1, dim, name: 'queries' };
  const to = { values, count: candidates.length, dim, name: 'candidates' };
  const distance = rowDistance(metric, curvature, from, to);
  return candidates
    .map(({ vector: _, ...facts }, row): Hit => ({ ...facts, distance: distance(0, row) }))
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, k);
}
