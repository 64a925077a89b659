/** Similarities and masks that the metric-learning losses share. No loss here. */
import { distanceMatrix } from '../geometry/tensors.js';
import { equal, gemm, l2Normalize, neg, range, reshape, type Tensor } from '../graph/index.js';

/** An exponent that means "not in this sum": e to it is 0 in every float type. */
export const LEFT_OUT = -1e9;

/** Cosine of every row of x `[B, d]` with every row of y `[N, d]`, `[B, N]`; lengths do not matter. */
export function cosines(x: Tensor, y: Tensor): Tensor {
  const unit = l2Normalize(x);
  return gemm(unit, x === y ? unit : l2Normalize(y), { transB: true });
}

/** −distance of all pairs of x `[B, d]` in the ball, or their inner products at curvature 0: `[B, B]`. */
export function pairSimilarity(x: Tensor, curvature: number): Tensor {
  return curvature > 0 ? neg(distanceMatrix(x, x, { c: curvature })) : gemm(x, x, { transB: true });
}

/** Whether sample i is of class j, `[B, C]` bool. */
export function ownClass(labels: Tensor, classes: number): Tensor {
  return equal(reshape(labels, [-1, 1]), reshape(range(classes), [1, classes]));
}

/** Whether samples i and j are of one class, `[B, B]` bool; the diagonal is true. */
export function sameClass(labels: Tensor): Tensor {
  return equal(reshape(labels, [-1, 1]), reshape(labels, [1, -1]));
}
