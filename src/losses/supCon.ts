/**
 * Pairwise cross-entropy, the loss of Hyperbolic Vision Transformers (Ermolov et al., CVPR 2022), which HIER's
 * official code calls SupCon: every sample has to find its mate of the same class among the samples of all
 * classes. On −distance in the ball, or on inner products at curvature 0.
 */
import {
  add,
  and,
  constant,
  diagonal,
  GraphError,
  logSumExp,
  mul,
  not,
  or,
  reshape,
  sub,
  sum,
  type Tensor,
  where,
} from '../graph/index.js';
import { metricLoss } from './metricLoss.js';
import { LEFT_OUT, pairSimilarity, sameClass } from './similarities.js';

/** Options of {@link supCon}. */
export interface SupConOptions {
  /** Curvature parameter of the ball; 0 for the unit sphere. */
  readonly curvature: number;
  /** I, samples of each class. */
  readonly imagesPerClass: number;
  /** τ that similarities are divided by. */
  readonly temperature?: number;
}

/**
 * The loss, a scalar. With slot a of class i written (i, a): for all a ≠ b, sample (i, a) is classified among
 * (1 … n, b) and the other (j, a), its mate (i, b) being right; the mean over classes, summed over the ordered
 * pairs of slots, over I². (The code that the loss comes from does not divide by I².) Where a class has two
 * groups in a batch, a group's samples are left out of the other's sums.
 * @param x points `[n·I, d]`, the samples of each group one after the other
 * @param labels class of each `[n·I]`, int32
 */
export function supCon(
  x: Tensor,
  labels: Tensor,
  { curvature, imagesPerClass: slots, temperature = 0.2 }: SupConOptions,
): Tensor {
  const size = x.shape[0];
  const groups = size / slots;
  if (!Number.isInteger(groups))
    throw new GraphError(
      `supCon: ${size} samples were given; expected a multiple of ${slots}, those a class`,
    );
  const scaled = mul(pairSimilarity(x, curvature), 1 / temperature);
  const group = constant(
    Array.from({ length: size }, (_, at) => Math.floor(at / slots)),
    [size],
    'int32',
  );
  const mates = and(sameClass(group), not(diagonal(size)));
  const twin = and(sameClass(labels), not(sameClass(group)));
  const shown = where(or(diagonal(size), twin), LEFT_OUT, scaled);

  // [i, a, b]: over the samples (j, b), as sample (i, a) sees them.
  const sums = logSumExp(reshape(shown, [groups, slots, groups, slots]), { axes: [2] });
  const sameSlot = reshape(diagonal(slots), [1, slots, slots]);
  const own = sum(where(sameSlot, sums, 0), { axes: [2], keepDims: true });
  const both = logSumExp(reshape(sub(own, sums), [groups, slots, slots, 1]), { axes: [3], withZero: true });
  const total = sum(where(sameSlot, 0, add(sums, both)));
  return mul(sub(total, sum(where(mates, scaled, 0))), 1 / (groups * slots * slots));
}

/** Pairwise cross-entropy for the registry of losses. */
export const supConLoss = metricLoss({
  about: 'pairwise cross-entropy on hyperbolic distances (inner products at curvature 0)',
  settings: {
    temperature: {
      default: 0.2,
      above: 0,
      about: 'τ, above 0; its authors use 0.1 on the sphere (curvature 0)',
    },
  },
  leastImagesPerClass: 2,
  build: ({ embeddings, labels, imagesPerClass, curvature }, settings) =>
    supCon(embeddings, labels, { ...settings, imagesPerClass, curvature }),
});
