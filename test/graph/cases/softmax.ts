/** Cases of soft-max, normalisation and GELU (src/graph/ops/softmax.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { map, type NdArray, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';
import { erf } from './arithmetic.js';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function normalized(shape: Shape, axis: number): OperatorCase {
  const along = axis < 0 ? axis + shape.length : axis;
  return {
    label: `${graph.show(shape)} along ${axis}`,
    shapes: [shape],
    range: [-3, 3],
    build: (x) => graph.softmax(x, axis),
    oracle: (x) => {
      const powers = map(Math.exp, x);
      return map((p, s) => p / s, powers, reduce(powers, [along], true, total));
    },
  };
}

const EPSILON = 1e-3;

/** (x − mean) / √(variance + ε) over the last axis. */
function standardized(x: NdArray): NdArray {
  const last = [x.shape.length - 1];
  const mean = reduce(x, last, true, (values) => total(values) / values.length);
  const centred = map((v, m) => v - m, x, mean);
  const variance = reduce(centred, last, true, (values) => total(values.map((v) => v * v)) / values.length);
  return map((v, s) => v / Math.sqrt(s + EPSILON), centred, variance);
}

function layerNorm(shape: Shape, weight: boolean, bias: boolean): OperatorCase {
  const width = shape[shape.length - 1];
  return {
    label: `${graph.show(shape)}${weight ? ', weight' : ''}${bias ? ', bias' : ''}`,
    shapes: [shape, ...(weight ? [[width]] : []), ...(bias ? [[width]] : [])],
    range: [-2, 2],
    // The attribute epsilon is a 32-bit float.
    tolerance: { rtol: 1e-7, atol: 1e-8 },
    build: (x, ...rest) =>
      graph.layerNormalization(x, {
        ...(weight ? { weight: rest[0] } : {}),
        ...(bias ? { bias: rest[rest.length - 1] } : {}),
        epsilon: EPSILON,
      }),
    oracle: (x, ...rest) => {
      const scaled = weight ? map((v, w) => v * w, standardized(x), rest[0]) : standardized(x);
      return bias ? map((v, b) => v + b, scaled, rest[rest.length - 1]) : scaled;
    },
  };
}

export const cases: OperatorCases = {
  softmax: [
    normalized([4], -1),
    normalized([2, 3], 0),
    normalized([2, 3], 1),
    normalized([2, 3, 2], 1),
    normalized([2, 1, 2, 3], -1),
    normalized([2, 2, 2, 2], 0),
  ],
  layerNormalization: [
    layerNorm([5], false, false),
    layerNorm([2, 4], true, true),
    layerNorm([2, 4], true, false),
    layerNorm([2, 4], false, true),
    layerNorm([2, 2, 3], true, true),
    layerNorm([1, 2, 2, 3], false, false),
  ],
  gelu: ([[], [5], [2, 3, 2]] as const).map((shape) => ({
    label: graph.show(shape),
    shapes: [shape],
    range: [-3, 3],
    dtype: 'float32',
    step: 0.05,
    build: graph.gelu,
    oracle: (x) => map((v) => (v * (1 + erf(v * Math.SQRT1_2))) / 2, x),
  })),
  l2Normalize: ([[4], [2, 3], [2, 1, 3]] as const).map((shape) => ({
    label: graph.show(shape),
    shapes: [shape],
    build: graph.l2Normalize,
    oracle: (x) => {
      const squares = reduce(x, [shape.length - 1], true, (values) => total(values.map((v) => v * v)));
      return map((v, s) => v / Math.sqrt(s), x, squares);
    },
  })),
};
