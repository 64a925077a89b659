/** Layers as functions of a scope and a name. Each asks for its parameters under `name.` and returns its output. */
import {
  affine,
  conv2d,
  layerNormalization,
  max,
  normalizeBatch,
  normalizeChannels,
  pads,
  reshape,
  slice,
  type Tensor,
} from '../graph/index.js';
import { heNormal, type Initializer, ones, zeros } from './initialize.js';
import type { Scope } from './scope.js';

/** How a {@link linear} layer differs from the usual one. */
export interface LinearOptions {
  readonly bias?: boolean;
  readonly initial?: Initializer;
  /** Parameters that are not trained. */
  readonly frozen?: boolean;
  /** Only these of its outputs, from the first to before the last. */
  readonly outputs?: readonly [from: number, to: number];
}

/** x · Wᵀ + b over the last axis, `[…, I]` → `[…, width]`, or as many as `outputs` asks for. */
export function linear(
  scope: Scope,
  name: string,
  x: Tensor,
  width: number,
  { bias = true, initial, frozen = false, outputs = [0, width] }: LinearOptions = {},
): Tensor {
  const from = x.shape[x.shape.length - 1];
  const shape = [width, from];
  const first = initial ?? { kind: 'truncated-normal', std: 0.02 };
  const chosen = (whole: Tensor) =>
    outputs[1] - outputs[0] === width ? whole : slice(whole, 0, outputs[0], outputs[1]);
  const weight = chosen(scope.parameter(`${name}.weight`, shape, first, { frozen }));
  const flat = reshape(x, [-1, from]);
  const offset = bias ? chosen(scope.parameter(`${name}.bias`, [width], zeros, { frozen })) : undefined;
  const y = affine(flat, weight, offset);
  return reshape(y, [...x.shape.slice(0, -1), outputs[1] - outputs[0]]);
}

/** Layer normalisation of the last axis with trained scale and shift. */
export function layerNorm(scope: Scope, name: string, x: Tensor, epsilon = 1e-6): Tensor {
  const width = x.shape[x.shape.length - 1];
  const weight = scope.parameter(`${name}.weight`, [width], ones);
  const bias = scope.parameter(`${name}.bias`, [width], zeros);
  return layerNormalization(x, { weight, bias, epsilon });
}

/** Convolution without bias, `[B, C, H, W]` → `[B, channels, H', W']`. */
export function convolution(
  scope: Scope,
  name: string,
  x: Tensor,
  channels: number,
  { kernel, stride = 1, padding = 0 }: { kernel: number; stride?: number; padding?: number },
): Tensor {
  const shape = [channels, x.shape[1], kernel, kernel];
  return conv2d(x, scope.parameter(`${name}.weight`, shape, heNormal(shape)), { stride, padding });
}

/**
 * Maximum over windows of `kernel` × `kernel`, `[B, C, H, W]` → `[B, C, H', W']`, for values of at least 0, such
 * as those after a ReLU: what lies beyond the border counts as 0. Equal maxima share the gradient.
 */
export function maxPool(
  x: Tensor,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): Tensor {
  let y = pads(x, [2, 3], [padding, padding], [padding, padding]);
  for (const axis of [2, 3]) {
    const last = Math.floor((y.shape[axis] - kernel) / stride) * stride;
    const shifted = Array.from({ length: kernel }, (_, i) => slice(y, axis, i, i + last + 1, stride));
    y = shifted.reduce(max);
  }
  return y;
}

/**
 * Batch normalisation by channel. In training it uses the batch's statistics and reports them for the running
 * averages (variance unbiased, as PyTorch tracks it); in evaluation, `frozen`, or when its scale is not trained, the
 * running ones.
 */
export function batchNorm(
  scope: Scope,
  name: string,
  x: Tensor,
  {
    epsilon = 1e-5,
    frozen = false,
    gamma: initialGamma = ones,
  }: { epsilon?: number; frozen?: boolean; gamma?: Initializer } = {},
): Tensor {
  const shape = [x.shape[1]];
  const gamma = scope.parameter(`${name}.weight`, shape, initialGamma);
  const beta = scope.parameter(`${name}.bias`, shape, zeros);
  const runningMean = scope.buffer(`${name}.running_mean`, shape, zeros);
  const runningVariance = scope.buffer(`${name}.running_var`, shape, ones);
  if (frozen || !scope.training || !scope.isTrained(`${name}.weight`))
    return normalizeChannels(x, { gamma, beta, mean: runningMean, variance: runningVariance, epsilon });
  const { result, mean, unbiasedVariance } = normalizeBatch(x, { gamma, beta, epsilon });
  scope.observe(`${name}.running_mean`, mean);
  scope.observe(`${name}.running_var`, unbiasedVariance);
  return result;
}
