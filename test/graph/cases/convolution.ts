/** Cases of convolution, pooling and batch normalisation (src/graph/ops/convolution.ts), against direct loops. */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, map, type NdArray, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Convolution by the definition. */
export function convolved(x: NdArray, weight: NdArray, stride: number, padding: number): NdArray {
  const [b, c, h, w] = x.shape;
  const [o, , k] = weight.shape;
  const size = (n: number) => Math.floor((n + 2 * padding - k) / stride) + 1;
  return fill([b, o, size(h), size(w)], ([image, out, row, column]) => {
    let sum = 0;
    for (let channel = 0; channel < c; channel++)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++) {
          const [y, z] = [row * stride + i - padding, column * stride + j - padding];
          if (y >= 0 && y < h && z >= 0 && z < w)
            sum += at(x, [image, channel, y, z]) * at(weight, [out, channel, i, j]);
        }
    return sum;
  });
}

function conv(image: Shape, outputs: number, kernel: number, stride: number, padding: number): OperatorCase {
  return {
    label: `${graph.show(image)}, kernel ${kernel}, stride ${stride}, padding ${padding}`,
    shapes: [image, [outputs, image[1], kernel, kernel]],
    dtype: 'float32',
    // Linear in each input: differences are exact at any step.
    step: 0.5,
    gradientTolerance: { rtol: 1e-4, atol: 1e-5 },
    build: (x, weight) => graph.conv2d(x, weight, { stride, padding }),
    oracle: (x, weight) => convolved(x, weight, stride, padding),
  };
}

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
  conv2d: [
    conv([2, 2, 4, 5], 3, 1, 1, 0),
    conv([1, 2, 5, 5], 2, 1, 2, 0),
    conv([1, 1, 4, 4], 2, 2, 1, 0),
    conv([1, 2, 5, 4], 2, 2, 2, 1),
    conv([2, 2, 5, 4], 2, 3, 1, 1),
    conv([1, 2, 5, 7], 2, 3, 2, 1),
    conv([1, 1, 6, 6], 1, 3, 2, 1),
    conv([1, 1, 7, 8], 2, 3, 3, 0),
    conv([1, 2, 4, 4], 2, 3, 1, 2),
    conv([1, 1, 3, 3], 1, 3, 1, 0),
    conv([1, 1, 7, 7], 1, 4, 3, 2),
    conv([1, 1, 6, 5], 2, 5, 1, 2),
    conv([1, 1, 8, 7], 1, 5, 3, 1),
    conv([1, 1, 2, 2], 1, 1, 1, 1),
    conv([1, 1, 2, 3], 1, 2, 2, 3),
    conv([2, 3, 4, 6], 2, 2, 2, 0),
    conv([2, 2, 3, 3], 4, 3, 3, 0),
    conv([1, 1, 12, 10], 2, 2, 2, 0),
  ],
  normalizeChannels: [frozen([2, 3, 2, 2]), frozen([4, 2]), frozen([2, 1, 3])],
  normalizeBatch: [batchNorm([3, 2, 2, 3]), batchNorm([5, 3]), batchNorm([2, 2, 4])],
  globalAveragePool: [
    {
      label: 'mean of the plane',
      shapes: [[2, 3, 2, 3]],
      build: graph.globalAveragePool,
      oracle: (x) => reduce(x, [2, 3], false, (values) => total(values) / values.length),
    },
  ],
  globalMaxPool: [
    {
      label: 'maximum of the plane',
      shapes: [[2, 3, 2, 3]],
      build: graph.globalMaxPool,
      oracle: (x) => reduce(x, [2, 3], false, (values) => Math.max(...values)),
    },
  ],
};
