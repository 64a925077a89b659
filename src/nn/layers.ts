/** Layers as functions of a scope and a name. Each asks for its parameters under `name.` and returns its output. */
import {
  add,
  affine,
  conv2d,
  layerNormalization,
  mul,
  normalizeBatch,
  normalizeChannels,
  reciprocal,
  reshape,
  slice,
  sqrt,
  sub,
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
  { kernel, stride = 1, padding = 0 }: ConvolutionOptions,
): Tensor {
  const weight = convolutionWeight(scope, name, x, channels, kernel);
  return conv2d(x, weight, { stride, padding, weightGradient: 'byImage' });
}

function convolutionWeight(scope: Scope, name: string, x: Tensor, channels: number, kernel: number): Tensor {
  const shape = [channels, x.shape[1], kernel, kernel];
  return scope.parameter(`${name}.weight`, shape, heNormal(shape));
}

/** How the windows of a convolution move. */
export interface ConvolutionOptions {
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
}

/**
 * A convolution without bias under the name `conv`, then batch normalisation under the name `norm`, whose running statistics are
 * constants when it is `frozen`. In training a frozen one is part of the convolution, W·s and β − μ·s with s = γ / √(σ² + ε): the
 * same function of the same parameters, with the same gradients but for rounding, and no walk over the image of its own,
 * since the gradient of s is seen from that of the weight.
 */
export function normalizedConvolution(
  scope: Scope,
  { conv, norm }: { readonly conv: string; readonly norm: string },
  x: Tensor,
  channels: number,
  { frozen = false, kernel, stride = 1, padding = 0 }: ConvolutionOptions & { readonly frozen?: boolean },
): Tensor {
  if (!frozen || !scope.training || !scope.isTrained(`${norm}.weight`))
    return batchNorm(scope, norm, convolution(scope, conv, x, channels, { kernel, stride, padding }), {
      frozen,
    });
  const weight = convolutionWeight(scope, conv, x, channels, kernel);
  const { gamma, beta, mean, variance } = normParameters(scope, norm, channels);
  const scale = mul(gamma, reciprocal(sqrt(add(variance, NORM_EPSILON))));
  return conv2d(x, mul(weight, reshape(scale, [channels, 1, 1, 1])), {
    ...{ stride, padding, weightGradient: 'byImage' },
    bias: sub(beta, mul(mean, scale)),
  });
}

/** Added to the variance in batch normalisation, as in PyTorch. */
const NORM_EPSILON = 1e-5;

/** Scale, shift and running statistics of a batch normalisation, each `[C]`. */
function normParameters(scope: Scope, name: string, channels: number, initialGamma: Initializer = ones) {
  const shape = [channels];
  return {
    gamma: scope.parameter(`${name}.weight`, shape, initialGamma),
    beta: scope.parameter(`${name}.bias`, shape, zeros),
    mean: scope.buffer(`${name}.running_mean`, shape, zeros),
    variance: scope.buffer(`${name}.running_var`, shape, ones),
  };
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
    epsilon = NORM_EPSILON,
    frozen = false,
    gamma: initialGamma,
  }: { epsilon?: number; frozen?: boolean; gamma?: Initializer } = {},
): Tensor {
  const running = normParameters(scope, name, x.shape[1], initialGamma);
  const { gamma, beta } = running;
  if (frozen || !scope.training || !scope.isTrained(`${name}.weight`))
    return normalizeChannels(x, { ...running, epsilon });
  const { result, mean, unbiasedVariance } = normalizeBatch(x, { gamma, beta, epsilon });
  scope.observe(`${name}.running_mean`, mean);
  scope.observe(`${name}.running_var`, unbiasedVariance);
  return result;
}
