/** Cases of batch normalisation (src/graph/ops/batchNormalization.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, map, type NdArray, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

const EPSILON = 1e-3;

/** Values by channel, shaped for broadcasting over `[B, C, …]`. */
function perChannel(x: NdArray, values: NdArray): NdArray {
  return { shape: [1, x.shape[1], ...x.shape.slice(2).map(() => 1)], data: values.data };
}

function batchNorm(shape: Shape): OperatorCase {
  const channels = [shape[1]];
  return {
    label: `of the batch ${graph.show(shape)}, gradient to input, gamma and beta`,
    shapes: [shape, channels, channels],
    range: [-2, 2],
    tolerance: { rtol: 1e-6, atol: 1e-7 },
    build: (x, gamma, beta) => graph.normalizeBatch(x, { gamma, beta, epsilon: EPSILON }).result,
    oracle: (x, gamma, beta) => {
      const axes = shape.map((_, i) => i).filter((i) => i !== 1);
      const mean = reduce(x, axes, true, (v) => total(v) / v.length);
      const centred = map((v, m) => v - m, x, mean);
      const variance = reduce(centred, axes, true, (v) => total(v.map((u) => u * u)) / v.length);
      return map(
        (v, s, g, b) => (v / Math.sqrt(s + EPSILON)) * g + b,
        centred,
        variance,
        perChannel(x, gamma),
        perChannel(x, beta),
      );
    },
  };
}

/** Statistics are constants to the gradient, so they are constants here. */
function frozen(shape: Shape): OperatorCase {
  const channels = shape[1];
  const still = (name: string) => {
    const values = Array.from({ length: channels }, (_, i) => (name === 'variance' ? 0.5 + i : i - 1));
    return graph.constant(values, [channels], 'float64');
  };
  return {
    label: graph.show(shape),
    shapes: [shape, [channels], [channels]],
    tolerance: { rtol: 1e-6, atol: 1e-7 },
    build: (x, gamma, beta) =>
      graph.normalizeChannels(x, {
        gamma,
        beta,
        mean: still('mean'),
        variance: still('variance'),
        epsilon: EPSILON,
      }),
    oracle: (x, gamma, beta) =>
      fill(shape, (index) => {
        const c = index[1];
        return ((at(x, index) - (c - 1)) / Math.sqrt(0.5 + c + EPSILON)) * gamma.data[c] + beta.data[c];
      }),
  };
}

export const cases: OperatorCases = {
  normalizeChannels: [frozen([2, 3, 2, 2]), frozen([4, 2]), frozen([2, 1, 3])],
  normalizeBatch: [batchNorm([3, 2, 2, 3]), batchNorm([5, 3]), batchNorm([2, 2, 4])],
};
