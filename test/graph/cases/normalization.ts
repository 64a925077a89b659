/** Cases of normalisation within one image or token (src/graph/ops/normalization.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, map, type NdArray, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

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

/** x in another shape. */
const seenAs = (x: NdArray, shape: Shape): NdArray => ({ shape, data: x.data });

function severalAxes(shape: Shape, axis: number): OperatorCase {
  const rest = shape.slice(axis);
  const size = rest.reduce((a, b) => a * b, 1);
  return {
    label: `${graph.show(shape)} from axis ${axis}, weight, bias`,
    shapes: [shape, rest, rest],
    range: [-2, 2],
    tolerance: { rtol: 1e-7, atol: 1e-8 },
    build: (x, weight, bias) => graph.layerNormalization(x, { weight, bias, epsilon: EPSILON, axis }),
    oracle: (x, weight, bias) => {
      const normal = standardized(seenAs(x, [...shape.slice(0, axis), size]));
      return map((v, w, b) => v * w + b, seenAs(normal, shape), weight, bias);
    },
  };
}

/** Groups of channels to mean 0 and variance 1, with scale and shift by channel. */
function grouped(x: NdArray, groups: number, weight?: NdArray, bias?: NdArray): NdArray {
  const [b, c] = x.shape;
  const normal = standardized(seenAs(x, [b, groups, x.data.length / (b * groups)]));
  const one = fill([c], () => 1);
  return fill(x.shape, (index) => {
    const value = at(seenAs(normal, x.shape), index);
    return value * at(weight ?? one, [index[1]]) + (bias ? at(bias, [index[1]]) : 0);
  });
}

const CLOSE = { rtol: 1e-7, atol: 1e-8 };

export const cases: OperatorCases = {
  layerNormalization: [
    layerNorm([5], false, false),
    layerNorm([2, 4], true, true),
    layerNorm([2, 4], true, false),
    layerNorm([2, 4], false, true),
    layerNorm([2, 2, 3], true, true),
    layerNorm([1, 2, 2, 3], false, false),
    severalAxes([2, 2, 3], 1),
    severalAxes([2, 3], 0),
  ],
  l2Normalize: ([[4], [2, 3], [2, 1, 3]] as const).map((shape) => ({
    label: graph.show(shape),
    shapes: [shape],
    build: graph.l2Normalize,
    oracle: (x) => {
      const squares = reduce(x, [shape.length - 1], true, (values) => total(values.map((v) => v * v)));
      return map((v, s) => v / Math.sqrt(s), x, squares);
    },
  })),
  rmsNormalization: [
    {
      label: 'the last axis, weight',
      shapes: [[2, 3, 4], [4]],
      build: (x, weight) => graph.rmsNormalization(x, { weight, epsilon: EPSILON }),
      oracle: (x, weight) => {
        const power = reduce(x, [2], true, (v) => total(v.map((u) => u * u)) / v.length);
        return map((v, p, w) => (v / Math.sqrt(p + EPSILON)) * w, x, power, weight);
      },
    },
    {
      label: 'two axes',
      shapes: [[2, 3, 2]],
      build: (x) => graph.rmsNormalization(x, { epsilon: EPSILON, axis: 1 }),
      oracle: (x) => {
        const power = reduce(x, [1, 2], true, (v) => total(v.map((u) => u * u)) / v.length);
        return map((v, p) => v / Math.sqrt(p + EPSILON), x, power);
      },
    },
  ],
  instanceNormalization: [
    {
      label: 'weight and bias',
      shapes: [[2, 3, 2, 3], [3], [3]],
      tolerance: CLOSE,
      build: (x, weight, bias) => graph.instanceNormalization(x, { weight, bias, epsilon: EPSILON }),
      oracle: (x, weight, bias) => grouped(x, 3, weight, bias),
    },
    {
      label: 'a signal',
      shapes: [[2, 2, 5]],
      tolerance: CLOSE,
      build: (x) => graph.instanceNormalization(x, { epsilon: EPSILON }),
      oracle: (x) => grouped(x, 2),
    },
  ],
  groupNormalization: [
    {
      label: 'two groups, weight and bias',
      shapes: [[2, 4, 2, 2], [4], [4]],
      tolerance: CLOSE,
      build: (x, weight, bias) => graph.groupNormalization(x, 2, { weight, bias, epsilon: EPSILON }),
      oracle: (x, weight, bias) => grouped(x, 2, weight, bias),
    },
  ],
  lpNormalize: [
    {
      label: 'sum of magnitudes',
      shapes: [[2, 3]],
      build: (x) => graph.lpNormalize(x, { p: 1 }),
      oracle: (x) =>
        map(
          (v, s) => v / s,
          x,
          reduce(x, [1], true, (values) => total(values.map(Math.abs))),
        ),
    },
    {
      label: 'Euclidean, along the first axis',
      shapes: [[3, 2]],
      build: (x) => graph.lpNormalize(x, { axis: 0 }),
      oracle: (x) =>
        map(
          (v, s) => v / s,
          x,
          reduce(x, [0], true, (values) => Math.hypot(...values)),
        ),
    },
  ],
};
