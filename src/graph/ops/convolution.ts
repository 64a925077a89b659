/** Convolution, pooling and batch normalisation of images `[B, C, H, W]`, with their gradients. */
import { constant, GraphError, makeTensor, show, sizeOf, type Tensor } from '../tensor.js';
import { add, clip, div, mul, neg, reciprocal, sqrt, square, sub } from './arithmetic.js';
import { customGradient, stopGradient } from './control.js';
import { gemm } from './linear.js';
import { mean, reduceMax, sum, sumSquares } from './reduce.js';
import { concat, pads, reshape, reverse, slices, transpose } from './shape.js';

/** Stride and zero padding, the same for both directions. */
export interface ConvOptions {
  readonly stride?: number;
  readonly padding?: number;
}

/** Convolves `x [B, C, H, W]` with `weight [O, C, K, K]` → `[B, O, H', W']`, H' = floor((H + 2·padding − K) / stride) + 1. */
export function conv2d(x: Tensor, weight: Tensor, { stride = 1, padding = 0 }: ConvOptions = {}): Tensor {
  const [b, c, h, w] = x.shape;
  const [o, c2, k, k2] = weight.shape;
  if (
    x.shape.length !== 4 ||
    weight.shape.length !== 4 ||
    c !== c2 ||
    k !== k2 ||
    x.dtype !== weight.dtype ||
    h + 2 * padding < k ||
    w + 2 * padding < k
  )
    throw new GraphError(
      `Conv: ${x.dtype} input ${show(x.shape)} and ${weight.dtype} weight ${show(weight.shape)} (padding ${padding}) do not fit; expected [B, C, H, W] and [O, C, K, K] with K ≤ H + 2·padding`,
    );
  if (!(Number.isInteger(stride) && stride >= 1 && Number.isInteger(padding) && padding >= 0))
    throw new GraphError(
      `Conv: stride ${stride} and padding ${padding}; expected whole numbers of at least 1 and 0`,
    );
  const out = (n: number) => Math.floor((n + 2 * padding - k) / stride) + 1;
  const shape = [b, o, out(h), out(w)];
  const apart = stride === k && padding === 0 && h % k === 0 && w % k === 0;
  if (apart && shape[2] * shape[3] <= FEW_PLACES) return patchProduct(x, weight);
  const attributes = {
    kernel_shape: { ints: [k, k] },
    strides: { ints: [stride, stride] },
    pads: { ints: [padding, padding, padding, padding] },
  };
  return makeTensor(
    'Conv',
    [x, weight],
    shape,
    x.dtype,
    ([g]) => [
      convInputGradient(g!, weight, x, stride, padding),
      convWeightGradient(g!, weight, x, stride, padding),
    ],
    attributes,
  );
}

/**
 * dL/dx: a transposed convolution of the gradient; at stride 1 the faster ordinary convolution with the kernel
 * turned around.
 */
function convInputGradient(g: Tensor, weight: Tensor, x: Tensor, stride: number, padding: number): Tensor {
  const k = weight.shape[2];
  const pads = { ints: Array(4).fill(k - 1 - padding) };
  const kernel_shape = { ints: [k, k] };
  if (stride === 1 && padding < k) {
    const turned = transpose(turnedKernel(weight), [1, 0, 2, 3]);
    const attributes = { kernel_shape, strides: { ints: [1, 1] }, pads };
    return makeTensor('Conv', [g, turned], x.shape, x.dtype, undefined, attributes);
  }
  const over = (n: number, m: number) => n - ((m - 1) * stride + k - 2 * padding);
  return makeTensor('ConvTranspose', [g, weight], x.shape, x.dtype, undefined, {
    kernel_shape,
    strides: { ints: [stride, stride] },
    pads: { ints: Array(4).fill(padding) },
    output_padding: { ints: [over(x.shape[2], g.shape[2]), over(x.shape[3], g.shape[3])] },
  });
}

/** A kernel `[O, C, K, K]` turned by half a circle. */
function turnedKernel(weight: Tensor): Tensor {
  const [o, c, k] = weight.shape;
  if (k === 1) return weight;
  return reshape(reverse(reshape(weight, [o, c, k * k]), 2), weight.shape);
}

/** Output places up to which non-overlapping kernels are cheaper as one product over the whole batch. */
const FEW_PLACES = 16;

/** Convolution whose kernels do not overlap (stride = K, no padding), as one matrix product of all patches. */
function patchProduct(x: Tensor, weight: Tensor): Tensor {
  const [b, c, h, w] = x.shape;
  const [o, , k] = weight.shape;
  const [rows, columns] = [h / k, w / k];
  const cut = transpose(reshape(x, [b, c, rows, k, columns, k]), [0, 2, 4, 1, 3, 5]);
  const patches = reshape(cut, [b * rows * columns, c * k * k]);
  const product = gemm(patches, reshape(weight, [o, c * k * k]), { transB: true });
  return transpose(reshape(product, [b, rows, columns, o]), [0, 3, 1, 2]);
}

/** dL/dweight: for each place of the kernel one product of the gradient with the image shifted to that place. */
function convWeightGradient(g: Tensor, weight: Tensor, x: Tensor, stride: number, padding: number): Tensor {
  const [o, c, k] = weight.shape;
  const [b, , h, w] = g.shape;
  const columns = b * h * w;
  const byChannel = (t: Tensor) => transpose(t, [1, 0, 2, 3]);
  const rows = reshape(byChannel(g), [o, columns]);
  const padded = pads(byChannel(x), [2, 3], [padding, padding], [padding, padding]);
  const places: Tensor[] = [];
  for (let i = 0; i < k; i++)
    for (let j = 0; j < k; j++) {
      const ends = [i + (h - 1) * stride + 1, j + (w - 1) * stride + 1];
      const shifted = slices(padded, [2, 3], [i, j], ends, [stride, stride]);
      places.push(reshape(gemm(rows, reshape(shifted, [c, columns]), { transB: true }), [o, c, 1]));
    }
  return reshape(concat(places, 2), weight.shape);
}

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

/** Mean over the image plane, `[B, C, H, W]` → `[B, C]`. */
export function globalAveragePool(x: Tensor): Tensor {
  return mean(x, { axes: [2, 3] });
}

/** Maximum over the image plane, `[B, C, H, W]` → `[B, C]`; equal maxima share the gradient. */
export function globalMaxPool(x: Tensor): Tensor {
  return reduceMax(x, { axes: [2, 3] });
}
