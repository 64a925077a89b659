/** Layers as functions of a scope and a name. Each asks for its parameters under `name.` and returns its output. */
import {
  affine,
  conv2d,
  layerNormalization,
  normalizeBatch,
  normalizeChannels,
  reshape,
  type Tensor,
} from '../graph/index.js';
import { heNormal, type Initializer, ones, zeros } from './initialize.js';
import type { Scope } from './scope.js';

/** x · Wᵀ + b over the last axis, `[…, I]` → `[…, width]`. */
export function linear(
  scope: Scope,
  name: string,
  x: Tensor,
  width: number,
  { bias = true, initial }: { bias?: boolean; initial?: Initializer } = {},
): Tensor {
  const from = x.shape[x.shape.length - 1];
  const shape = [width, from];
  const weight = scope.parameter(`${name}.weight`, shape, initial ?? { kind: 'truncated-normal', std: 0.02 });
  const flat = reshape(x, [-1, from]);
  const y = affine(flat, weight, bias ? scope.parameter(`${name}.bias`, [width], zeros) : undefined);
  return reshape(y, [...x.shape.slice(0, -1), width]);
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
 * Batch normalisation by channel. In training it uses the batch's statistics and reports them for the running
 * averages (variance unbiased, as PyTorch tracks it); in evaluation, or `frozen`, the running ones.
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
  if (frozen || !scope.training)
    return normalizeChannels(x, { gamma, beta, mean: runningMean, variance: runningVariance, epsilon });
  const { result, mean, unbiasedVariance } = normalizeBatch(x, { gamma, beta, epsilon });
  scope.observe(`${name}.running_mean`, mean);
  scope.observe(`${name}.running_var`, unbiasedVariance);
  return result;
}
