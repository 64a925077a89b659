/** Cases of the elementwise operators (src/graph/ops/arithmetic.ts). */
import * as graph from '../../../src/graph/index.js';
import { input, type Shape, type Tensor } from '../../../src/graph/index.js';
import { map } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** Pairs of shapes: equal, broadcast on either or both sides, of several ranks, with repeated dimensions of 1. */
const PAIRS: readonly (readonly [Shape, Shape])[] = [
  [[], []],
  [[5], []],
  [
    [2, 3],
    [2, 3],
  ],
  [[2, 3], [3]],
  [[], [2, 3]],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[1], [1, 1, 2]],
  [
    [2, 3, 1, 2],
    [3, 2, 1],
  ],
];

function binary(
  build: (a: Tensor, b: Tensor) => Tensor,
  oracle: (a: number, b: number) => number,
  range: readonly [number, number] = [-2, 2],
): OperatorCase[] {
  return PAIRS.map((shapes) => ({
    label: shapes.map(graph.show).join(' and '),
    shapes,
    range,
    build,
    oracle: (a, b) => map(oracle, a, b),
  }));
}

const SHAPES: readonly Shape[] = [[], [7], [2, 3], [2, 1, 3, 2]];

/** Cases of a function of one number, in several shapes. */
export function unary(
  build: (x: Tensor) => Tensor,
  oracle: (x: number) => number,
  rest: Partial<OperatorCase> = {},
): OperatorCase[] {
  return SHAPES.map((shape) => ({
    label: graph.show(shape),
    shapes: [shape],
    range: [-2, 2],
    build,
    oracle: (x) => map(oracle, x),
    ...rest,
  }));
}

/** With a number in place of an operand. */
function withNumber(build: (x: Tensor) => Tensor, oracle: (x: number) => number): OperatorCase {
  return { ...unary(build, oracle, { range: [0.5, 2] })[2], label: 'with a number' };
}

/** The error function by its power series, for |x| ≤ 3. */
export function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}

const single = { dtype: 'float32' } as const;

export const cases: OperatorCases = {
  add: [
    ...binary(graph.add, (a, b) => a + b),
    withNumber(
      (x) => graph.add(2, x),
      (x) => 2 + x,
    ),
    withNumber(
      (x) => graph.add(x, graph.add(0, x)),
      (x) => 2 * x,
    ),
  ],
  sub: [
    ...binary(graph.sub, (a, b) => a - b),
    withNumber(
      (x) => graph.sub(2, x),
      (x) => 2 - x,
    ),
    withNumber(
      (x) => graph.sub(graph.sub(x, 0), 3),
      (x) => x - 3,
    ),
  ],
  mul: [
    ...binary(graph.mul, (a, b) => a * b),
    withNumber(
      (x) => graph.mul(graph.mul(1, x), -3),
      (x) => -3 * x,
    ),
    { ...withNumber(graph.square, (x) => x * x), label: 'by itself', build: (x) => graph.mul(x, x) },
  ],
  div: [
    ...binary(graph.div, (a, b) => a / b, [0.5, 2]),
    withNumber(
      (x) => graph.div(2, x),
      (x) => 2 / x,
    ),
    withNumber(
      (x) => graph.div(graph.div(x, 1), 4),
      (x) => x / 4,
    ),
  ],
  max: [
    ...binary(graph.max, Math.max),
    withNumber(
      (x) => graph.max(x, 1),
      (x) => Math.max(x, 1),
    ),
  ],
  min: [
    ...binary(graph.min, Math.min),
    withNumber(
      (x) => graph.min(x, 1),
      (x) => Math.min(x, 1),
    ),
  ],
  pow: [-2, -0.5, 0, 0.5, 1, 2, 3, 2.5].flatMap((power) =>
    unary(
      (x) => graph.pow(x, power),
      (x) => x ** power,
      { range: [0.5, 2] },
    )
      .slice(1, 3)
      .map((one) => ({ ...one, label: `to the ${power}, ${one.label}` })),
  ),
  square: unary(graph.square, (x) => x * x),
  neg: unary(graph.neg, (x) => -x),
  abs: unary(graph.abs, Math.abs),
  exp: unary(graph.exp, Math.exp),
  log: unary(graph.log, Math.log, { range: [0.1, 3] }),
  sqrt: unary(graph.sqrt, Math.sqrt, { range: [0.1, 3] }),
  reciprocal: unary(graph.reciprocal, (x) => 1 / x, { range: [0.3, 3] }),
  tanh: unary(graph.tanh, Math.tanh),
  sigmoid: unary(graph.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  erf: unary(graph.erf, erf, single),
  relu: unary(graph.relu, (x) => Math.max(x, 0)),
  acosh: unary(graph.acosh, Math.acosh, { ...single, range: [1.2, 4] }),
  atanh: unary(graph.atanh, Math.atanh, { ...single, range: [-0.8, 0.8] }),
  asinh: [
    ...unary(graph.asinh, Math.asinh),
    { ...unary(graph.asinh, Math.asinh, { range: [-1e6, -1e3], step: 1 })[1], label: 'of large numbers' },
  ],
  sin: unary(graph.sin, Math.sin),
  cos: unary(graph.cos, Math.cos),
  maximum: [
    {
      label: 'of three that broadcast',
      shapes: [[2, 3], [3], []],
      build: (...parts) => graph.maximum(parts),
      oracle: (...parts) => map((...v) => Math.max(...v), ...parts),
    },
  ],
  minimum: [
    {
      label: 'of three that broadcast',
      shapes: [[2, 3], [3], []],
      build: (...parts) => graph.minimum(parts),
      oracle: (...parts) => map((...v) => Math.min(...v), ...parts),
    },
  ],
  clip: [
    ...unary(
      (x) => graph.clip(x, -1, 1.5),
      (x) => Math.min(Math.max(x, -1), 1.5),
    ),
    ...unary(
      (x) => graph.clip(x, 0.25, Number.POSITIVE_INFINITY),
      (x) => Math.max(x, 0.25),
    ).slice(2, 3),
    ...unary(
      (x) => graph.clip(x, Number.NEGATIVE_INFINITY, 0.25),
      (x) => Math.min(x, 0.25),
    ).slice(3),
  ],
  asTensor: [
    {
      label: 'a number beside a tensor',
      shapes: [[2]],
      build: (x) => graph.mul(x, graph.asTensor(4, x)),
      oracle: (x) => map((v) => 4 * v, x),
    },
    {
      label: 'a tensor',
      shapes: [[2]],
      build: (x) => graph.asTensor(x, input('other', [])),
      oracle: (x) => x,
    },
  ],
};
