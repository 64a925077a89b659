/**
 * Gromov's delta-hyperbolicity of a finite metric: how far distances are from those of a tree, 0 for a tree. By
 * the max–min product of Gromov products at one base point (Fournier, Ismail and Vigneron 2015), as in Khrulkov
 * et al. 2020 (Hyperbolic Image Embeddings).
 */
import { UsageError } from '../../errors.js';
import { randomStream } from '../../random.js';
import { between, type Dissimilarities } from '../dissimilarity.js';

/** What {@link deltaHyperbolicity} finds. */
export interface Hyperbolicity {
  /** δ at the base point. */
  readonly delta: number;
  /** The largest distance. */
  readonly diameter: number;
  /** 2 δ / diameter, from 0 (a tree) to 1; 0 when all points coincide. */
  readonly relative: number;
}

/** Up to this many points; the time grows with their number cubed. */
const MOST_POINTS = 2_000;

/**
 * δ of distances, with `base` as base point; within twice of that of any other.
 * @throws UsageError for no points or more than 2,000
 */
export function deltaHyperbolicity(distances: Dissimilarities, base = 0): Hyperbolicity {
  const { count, values } = distances;
  if (count < 1 || count > MOST_POINTS)
    throw new UsageError(
      `Delta-hyperbolicity is for 1 to ${MOST_POINTS} points, not ${count}. Draw some of them.`,
    );
  const products = new Float64Array(count * count);
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++)
      products[i * count + j] =
        (between(distances, i, base) + between(distances, j, base) - between(distances, i, j)) / 2;
  let delta = 0;
  const best = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    best.fill(Number.NEGATIVE_INFINITY);
    for (let k = 0; k < count; k++) {
      const [ik, row] = [products[i * count + k], k * count];
      for (let j = 0; j < count; j++) {
        const kj = products[row + j];
        const least = Math.min(ik, kj);
        if (least > best[j]) best[j] = least;
      }
    }
    for (let j = 0; j < count; j++) delta = Math.max(delta, best[j] - products[i * count + j]);
  }
  let diameter = 0;
  for (const value of values) diameter = Math.max(diameter, value);
  return { delta, diameter, relative: diameter > 0 ? (2 * delta) / diameter : 0 };
}

/** c = (0.144 / relative δ)², the curvature that Khrulkov et al. 2020 read off; Infinity for a tree. */
export function curvatureEstimate({ relative }: Hyperbolicity): number {
  return (0.144 / relative) ** 2;
}

/**
 * Mean relative δ over random subsets, as the literature reports it.
 * @param distancesOf distances among chosen points
 */
export function meanRelativeDelta(
  points: number,
  distancesOf: (chosen: readonly number[]) => Dissimilarities,
  { subsets = 5, size = 300, seed = 0 }: { subsets?: number; size?: number; seed?: number } = {},
): number {
  let sum = 0;
  for (let draw = 0; draw < subsets; draw++) {
    const chosen = randomStream(seed, 'delta-hyperbolicity', draw).choose(points, Math.min(points, size));
    sum += deltaHyperbolicity(distancesOf(chosen)).relative / subsets;
  }
  return sum;
}
