/** Cases of comparison, selection and casts (src/graph/ops/logic.ts). */
import * as graph from '../../../src/graph/index.js';
import { constant, oneWhere, type Shape, type Tensor } from '../../../src/graph/index.js';
import { fill, map } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** Three against three values, so that less, equal and greater all occur; as 0 and 1. */
function comparison(
  build: (a: Tensor, b: Tensor) => Tensor,
  oracle: (a: number, b: number) => boolean,
): OperatorCase[] {
  return [
    {
      label: 'broadcasting',
      shapes: [[3, 1], [3]],
      values: [
        [1, 2, 3],
        [1, 2, 3],
      ],
      differentiable: false,
      build: (a, b) => oneWhere(build(a, b), 'float64'),
      oracle: (a, b) => map((x, y) => Number(oracle(x, y)), a, b),
    },
    {
      label: 'of int32 and a number',
      shapes: [[3]],
      values: [[1, 2, 3]],
      differentiable: false,
      build: (a) => oneWhere(build(graph.cast(a, 'int32'), constant(2, [], 'int32')), 'float64'),
      oracle: (a) => map((x) => Number(oracle(x, 2)), a),
    },
  ];
}

/** All four pairs of truth values. */
function logic(
  build: (a: Tensor, b: Tensor) => Tensor,
  oracle: (a: number, b: number) => number,
): OperatorCase {
  return {
    label: 'truth table',
    shapes: [[2, 1], [2]],
    values: [
      [0, 1],
      [0, 1],
    ],
    differentiable: false,
    build: (a, b) => oneWhere(build(graph.greater(a, 0.5), graph.greater(b, 0.5)), 'float64'),
    oracle: (a, b) => map(oracle, a, b),
  };
}

function selection(condition: Shape, a: Shape, b: Shape): OperatorCase {
  return {
    label: [condition, a, b].map(graph.show).join(', '),
    shapes: [a, b],
    build: (x, y) => {
      const flags = fill(condition, (index) => index.reduce((s, i) => s + i, 0) % 2);
      return graph.where(constant(flags.data, condition, 'bool'), x, y);
    },
    oracle: (x, y) => {
      const flags = fill(condition, (index) => index.reduce((s, i) => s + i, 0) % 2);
      return map((flag, u, v) => (flag ? u : v), flags, x, y);
    },
  };
}

export const cases: OperatorCases = {
  equal: comparison(graph.equal, (a, b) => a === b),
  greater: comparison(graph.greater, (a, b) => a > b),
  greaterOrEqual: comparison(graph.greaterOrEqual, (a, b) => a >= b),
  less: comparison(graph.less, (a, b) => a < b),
  lessOrEqual: comparison(graph.lessOrEqual, (a, b) => a <= b),
  and: [logic(graph.and, (a, b) => a * b)],
  or: [logic(graph.or, (a, b) => Math.max(a, b))],
  not: [
    {
      label: 'truth table',
      shapes: [[2]],
      values: [[0, 1]],
      differentiable: false,
      build: (a) => oneWhere(graph.not(graph.greater(a, 0.5)), 'float64'),
      oracle: (a) => map((x) => 1 - x, a),
    },
  ],
  where: [
    selection([2, 3], [2, 3], [2, 3]),
    selection([3], [2, 3], []),
    selection([2, 1], [3], [2, 1]),
    selection([2, 2, 3], [1, 3], [2, 1, 1]),
    {
      label: 'with a number',
      shapes: [[4]],
      build: (x) => graph.where(graph.greater(x, 0), x, -3),
      oracle: (x) => map((v) => (v > 0 ? v : -3), x),
    },
    {
      label: 'a number first',
      shapes: [[4]],
      build: (x) => graph.where(graph.greater(x, 0), -3, x),
      oracle: (x) => map((v) => (v > 0 ? -3 : v), x),
    },
  ],
  cast: [
    {
      label: 'to float32, whose gradient comes back as float64',
      shapes: [[2, 3]],
      build: (x) => graph.cast(graph.mul(graph.cast(x, 'float32'), 2), 'float64'),
      oracle: (x) => map((v) => 2 * Math.fround(v), x),
      tolerance: { rtol: 1e-6 },
      step: 0.05,
      gradientTolerance: { rtol: 1e-4, atol: 1e-5 },
    },
    {
      label: 'to int32, towards zero',
      shapes: [[4]],
      values: [[-1.7, -0.2, 0.9, 2.5]],
      differentiable: false,
      build: (x) => graph.cast(graph.cast(x, 'int32'), 'float64'),
      oracle: (x) => map(Math.trunc, x),
    },
  ],
  oneWhere: [
    {
      label: 'counts',
      shapes: [[5]],
      differentiable: false,
      build: (x) => oneWhere(graph.greater(x, 0), 'float64'),
      oracle: (x) => map((v) => (v > 0 ? 1 : 0), x),
    },
  ],
  diagonal: [
    {
      label: 'a selection by place',
      shapes: [[3, 3]],
      differentiable: false,
      build: (x) => oneWhere(graph.and(graph.diagonal(3), graph.greater(x, 0)), 'float64'),
      oracle: (x) => fill([3, 3], ([i, j]) => (i === j && x.data[i * 3 + j] > 0 ? 1 : 0)),
    },
  ],
  range: [
    {
      label: 'compared with an index: a one-hot',
      shapes: [[]],
      values: [[2]],
      differentiable: false,
      build: (x) => oneWhere(graph.equal(graph.range(4), graph.cast(x, 'int32')), 'float64'),
      oracle: (x) => fill([4], ([i]) => (i === x.data[0] ? 1 : 0)),
    },
  ],
};
