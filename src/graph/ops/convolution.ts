/** Convolution of images `[B, C, H, W]` and its transpose. Their gradients stand beside; pooling does too. */
import { GraphError, makeTensor, show, type Tensor } from '../tensor.js';
import {
  convBiasGradient,
  convInputGradient,
  convolution,
  convWeightGradient,
  isProduct,
  productWeightGradient,
} from './convolutionGradient.js';
import { gemm } from './linear.js';
import { reshape, transpose } from './shape.js';
import { attributesOf, countOf, type Pair, reach, type WindowOptions, windowsOf } from './window.js';

/** Bias, stride, padding, dilation and groups. */
export interface ConvOptions extends WindowOptions {
  /** Added to every place of an output channel, `[O]`. */
  readonly bias?: Tensor | undefined;
  /** Parts that input and output channels are cut into; each part of the output sees its part of the input. Default 1. */
  readonly groups?: number;
  /**
   * How a weight of 1 × 1 gets its gradient: by one product over all images, or by one an image where that is expected to
   * be faster, which it is on large planes; sums are then rounded otherwise. Default 'together'.
   */
  readonly weightGradient?: 'together' | 'byImage';
}

/**
 * Convolves `x [B, C, H, W]` with `weight [O, C / groups, K, L]` → `[B, O, H', W']`, for one group and square windows
 * H' = floor((H + 2·padding − K) / stride) + 1. With as many groups as channels it is a depthwise convolution.
 */
export function conv2d(x: Tensor, weight: Tensor, options: ConvOptions = {}): Tensor {
  requirePlanes('Conv', x, weight);
  const { bias, groups = 1, weightGradient = 'together' } = options;
  const [b, c, h, w] = x.shape;
  const [o, c2, k, l] = weight.shape;
  const windows = windowsOf('Conv', [k, l], options);
  const [rows, columns] = countOf(windows, [h, w]);
  if (c !== c2 * groups || o % groups !== 0 || rows < 1 || columns < 1)
    throw new GraphError(
      `Conv: input ${show(x.shape)} and weight ${show(weight.shape)} (padding ${[...windows.before, ...windows.after]}, dilation ${windows.dilation}, ${groups} groups) do not fit; expected [B, C, H, W] and [O, C / groups, K, L] with O a multiple of groups and K ≤ H + padding`,
    );
  requireBias('Conv', x, bias, o);
  const apart =
    groups === 1 &&
    [0, 1].every((i) => windows.stride[i] === windows.kernel[i] && windows.dilation[i] === 1) &&
    [...windows.before, ...windows.after].every((n) => n === 0) &&
    h % k === 0 &&
    w % l === 0;
  if (apart && rows * columns <= FEW_PLACES) return patchProduct(x, weight, bias);
  return convolution(
    bias ? [x, weight, bias] : [x, weight],
    [b, o, rows, columns],
    windows,
    groups,
    ([g]) => [
      convInputGradient(g!, weight, x.shape, windows, groups),
      weightGradient === 'byImage' && isProduct(windows) && groups === 1 && o * c < (o + c) * h * w
        ? productWeightGradient(g!, x)
        : convWeightGradient(g!, x, weight.shape, windows, groups),
      ...(bias ? [convBiasGradient(g!)] : []),
    ],
  );
}

/** How a transposed convolution differs from a convolution. */
export interface ConvTransposeOptions extends ConvOptions {
  /** Rows and columns added at the end, below the stride. Default 0. */
  readonly outputPadding?: Pair;
}

/**
 * Transposed convolution of `x [B, C, H, W]` with `weight [C, O / groups, K, L]` → `[B, O, H', W']`, for one group and
 * square windows H' = (H − 1)·stride + K − 2·padding + outputPadding: what passes gradients back through the convolution
 * with the same weight.
 */
export function convTranspose2d(x: Tensor, weight: Tensor, options: ConvTransposeOptions = {}): Tensor {
  requirePlanes('ConvTranspose', x, weight);
  const { bias, groups = 1, outputPadding = 0 } = options;
  const [b, c, h, w] = x.shape;
  const [c2, part, k, l] = weight.shape;
  const windows = windowsOf('ConvTranspose', [k, l], options);
  const more = typeof outputPadding === 'number' ? [outputPadding, outputPadding] : outputPadding;
  const size = ([h, w] as const).map((n, i) => {
    const axis = i as 0 | 1;
    const { stride, before, after } = windows;
    return (n - 1) * stride[axis] + reach(windows, axis) - before[axis] - after[axis] + more[axis];
  });
  if (c !== c2 || c % groups !== 0 || size.some((n) => n < 1))
    throw new GraphError(
      `ConvTranspose: input ${show(x.shape)} and weight ${show(weight.shape)} (${groups} groups) do not fit; expected [B, C, H, W] and [C, O / groups, K, L]`,
    );
  if (more.some((n, i) => !(Number.isInteger(n) && n >= 0 && n < windows.stride[i])))
    throw new GraphError(
      `ConvTranspose: output padding ${more} with stride ${windows.stride}; expected whole numbers below the stride`,
    );
  requireBias('ConvTranspose', x, bias, part * groups);
  return makeTensor(
    'ConvTranspose',
    bias ? [x, weight, bias] : [x, weight],
    [b, part * groups, ...size],
    x.dtype,
    ([g]) => [
      conv2d(g!, weight, { ...options, bias: undefined, groups }),
      convWeightGradient(x, g!, weight.shape, windows, groups),
      ...(bias ? [convBiasGradient(g!)] : []),
    ],
    {
      ...attributesOf(windows),
      output_padding: { ints: more },
      ...(groups === 1 ? {} : { group: { int: groups } }),
    },
  );
}

/** Output places up to which non-overlapping kernels are cheaper as one product over the whole batch. */
const FEW_PLACES = 16;

/** Convolution whose kernels do not overlap (stride = K, no padding), as one matrix product of all patches. */
function patchProduct(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  const [b, c, h, w] = x.shape;
  const [o, , k, l] = weight.shape;
  const [rows, columns] = [h / k, w / l];
  const cut = transpose(reshape(x, [b, c, rows, k, columns, l]), [0, 2, 4, 1, 3, 5]);
  const patches = reshape(cut, [b * rows * columns, c * k * l]);
  const product = gemm(patches, reshape(weight, [o, c * k * l]), { transB: true, bias });
  return transpose(reshape(product, [b, rows, columns, o]), [0, 3, 1, 2]);
}

function requirePlanes(op: string, x: Tensor, weight: Tensor): void {
  const [given, rank] = [weight.shape.length, x.shape.length];
  if (rank !== 4 || given !== 4 || x.dtype !== weight.dtype)
    throw new GraphError(
      `${op}: ${x.dtype} input ${show(x.shape)} and ${weight.dtype} weight ${show(weight.shape)} do not fit; expected [B, C, H, W] and a kernel with two axes (convolutions of one or three axes are not known here)`,
    );
}

function requireBias(op: string, x: Tensor, bias: Tensor | undefined, channels: number): void {
  if (bias && (bias.shape.length !== 1 || bias.shape[0] !== channels || bias.dtype !== x.dtype))
    throw new GraphError(
      `${op}: ${bias.dtype} bias ${show(bias.shape)} for ${channels} output channels; expected ${x.dtype} [${channels}]`,
    );
}
