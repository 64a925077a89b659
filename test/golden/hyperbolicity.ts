/**
 * Golden format "hyperbolicity" (11): Gromov's delta of saved distance matrices at the first point, its share of
 * the diameter, and the curvature estimated from it, as hyp_metric computes them. Recomputed by src/hierarchy.
 */
import { curvatureEstimate, deltaHyperbolicity, fromSquare } from '../../src/hierarchy/index.js';
import { type CaseReport, compare } from './compare.js';
import { firstCase, has, type Json, matrix, number, objects } from './fields.js';

/** Whether a file holds cases of delta-hyperbolicity. */
export function recognise(file: Json): boolean {
  return firstCase(file, (item) => has(item, 'distance_matrix', 'delta_base_point_0'));
}

/** Recomputes every case. */
export async function check(file: Json): Promise<CaseReport[]> {
  return objects(file, 'cases').map((item) => {
    const distances = matrix(item, 'distance_matrix');
    const found = deltaHyperbolicity(fromSquare(distances));
    const values: Record<string, number> = {
      delta_base_point_0: found.delta,
      diam: found.diameter,
      'relative_delta_(2*delta/diam)': found.relative,
      'c_estimate_(0.144/rel)^2': curvatureEstimate(found),
    };
    const checks = Object.entries(values).flatMap(([key, ours]) =>
      item[key] === null || !has(item, key)
        ? []
        : [compare(key, [ours], [number(item, key)], { engine: 'plain float64' })],
    );
    return { name: `${distances.length} points`, checks };
  });
}
