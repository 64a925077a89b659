/** Batch normalisation by channel (axis 1), with given statistics and with those of the batch. */
import { constant, GraphError, makeTensor, show, sizeOf, type Tensor } from '../tensor.js';
import { add, clip, div, mul, neg, reciprocal, sqrt, square, sub } from './arithmetic.js';
import { customGradient, stopGradient } from './control.js';
import { mean, sum, sumSquares } from './reduce.js';
import { reshape } from './shape.js';

/**
 * (x − mean) · gamma / √(variance + epsilon) + beta by channel, of `x [B, C, H, W]` with statistics `[C]` given
 * from outside. As one operator; its gradient treats mean and variance as constants.
 */
export function normalizeChannels(
  x: Tensor,
  { gamma, beta, mean, variance, epsilon }: ChannelStatistics & { epsilon: number },
): Tensor {
  for (const p of [gamma, beta, mean, variance])
    if (p.shape.length !== 1 || p.shape[0] !== x.shape[1])
      throw new GraphError(
        `BatchNormalization: parameter ${show(p.shape)} for input ${show(x.shape)}; expected [C]`,
      );
  const scale = div(gamma, sqrt(add(variance, epsilon)));
  const axes = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const perChannel = (t: Tensor) => reshape(t, [1, x.shape[1], ...x.shape.slice(2).map(() => 1)]);
  return makeTensor(
    'BatchNormalization',
    [x, gamma, beta, mean, variance],
    x.shape,
    x.dtype,
    ([g]) => {
      const sumG = sum(g!, { axes });
      const sumGX = sum(mul(g!, x), { axes });
      const inverse = reciprocal(sqrt(add(variance, epsilon)));
      return [mul(g!, perChannel(scale)), mul(inverse, sub(sumGX, mul(mean, sumG))), sumG, null, null];
    },
    { epsilon: { float: epsilon } },
  );
}

/** Parameters and statistics of a batch normalisation, each `[C]`. */
export interface ChannelStatistics {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/**
 * Batch normalisation in training: statistics of this batch over all axes but the channels (axis 1), biased
 * variance. Also returns mean and unbiased variance, for running averages. Composed of reductions and the inference operator, since
 * the training form of the operator does not run on every engine; the gradient is the closed form, three
 * passes over the data (Ioffe & Szegedy 2015, section 3).
 */
export function normalizeBatch(
  x: Tensor,
  { gamma, beta, epsilon }: { gamma: Tensor; beta: Tensor; epsilon: number },
): { result: Tensor; mean: Tensor; unbiasedVariance: Tensor } {
  const axes = x.shape.map((_, i) => i).filter((i) => i !== 1);
  const count = sizeOf(x.shape) / x.shape[1];
  const still = stopGradient(x);
  const average = mean(still, { axes });
  const spread = sub(mul(sumSquares(still, { axes }), 1 / count), square(average));
  const variance = clip(spread, 0, Number.POSITIVE_INFINITY);
  const inverse = reciprocal(sqrt(add(variance, epsilon)));
  const forward = normalizeChannels(still, { gamma, beta, mean: average, variance, epsilon });
  const result = customGradient(forward, [x, gamma, beta], ([g]) => {
    const sumG = sum(g!, { axes });
    const sumGX = sum(mul(g!, still), { axes });
    const gradGamma = mul(inverse, sub(sumGX, mul(average, sumG)));
    const a = mul(gamma, inverse);
    const slope = neg(mul(mul(a, inverse), mul(gradGamma, 1 / count)));
    const offset = sub(neg(mul(a, mul(sumG, 1 / count))), mul(slope, average));
    return [add(channelAffine(g!, a, offset), channelAffine(still, slope)), gradGamma, sumG];
  });
  return { result, mean: average, unbiasedVariance: mul(variance, count / Math.max(1, count - 1)) };
}

/** x · scale + offset by channel, in one pass over the data. */
function channelAffine(x: Tensor, scale: Tensor, offset?: Tensor): Tensor {
  const zero = constant(0, scale.shape, x.dtype);
  const one = constant(1, scale.shape, x.dtype);
  return normalizeChannels(x, { gamma: scale, beta: offset ?? zero, mean: zero, variance: one, epsilon: 0 });
}
