/** Cases of reductions (src/graph/ops/reduce.ts). */

import type { ReduceOptions, Shape, Tensor } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, type NdArray, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

const PLANS: readonly (readonly [Shape, ReduceOptions])[] = [
  [[4], {}],
  [[2, 3], {}],
  [[2, 3], { axes: [0] }],
  [[2, 3], { axes: [-1], keepDims: true }],
  [[2, 3, 2], { axes: [0, 2] }],
  [[2, 1, 3], { axes: [1] }],
  [[2, 3, 2, 2], { axes: [3, 1], keepDims: true }],
  [[2, 2], { axes: [] }],
  [[], {}],
];

/** The plain reduction that a graph's options ask for. */
function plain(
  x: NdArray,
  { axes, keepDims = false }: ReduceOptions,
  f: (values: readonly number[]) => number,
) {
  const rank = x.shape.length;
  const along = (axes ?? x.shape.map((_, i) => i)).map((axis) => (axis < 0 ? axis + rank : axis));
  return reduce(x, along, keepDims, f);
}

function reduction(
  build: (x: Tensor, options: ReduceOptions) => Tensor,
  f: (values: readonly number[]) => number,
): OperatorCase[] {
  return PLANS.map(([shape, options]) => ({
    label: `${graph.show(shape)} ${JSON.stringify(options)}`,
    shapes: [shape],
    range: [-2, 2],
    build: (x) => build(x, options),
    oracle: (x) => plain(x, options, f),
  }));
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function running(shape: Shape, axis: number, exclusive: boolean, reverse: boolean): OperatorCase {
  return {
    label: `${graph.show(shape)} along ${axis}${exclusive ? ', exclusive' : ''}${reverse ? ', reverse' : ''}`,
    shapes: [shape],
    build: (x) => graph.cumulativeSum(x, axis, { exclusive, reverse }),
    oracle: (x) => {
      const along = axis < 0 ? axis + shape.length : axis;
      return fill(shape, (index) => {
        let sum = 0;
        for (let i = 0; i < shape[along]; i++) {
          const before = reverse ? i > index[along] : i < index[along];
          if (before || (!exclusive && i === index[along])) sum += at(x, index.with(along, i));
        }
        return sum;
      });
    },
  };
}

const MODES = [false, true].flatMap((exclusive) =>
  [false, true].map((reverse) => [exclusive, reverse] as const),
);

function broadcastBack(from: Shape, to: Shape): OperatorCase {
  return {
    label: `${graph.show(from)} to ${graph.show(to)}`,
    shapes: [from],
    build: (x) => graph.sumTo(x, to),
    oracle: (x) => {
      const lead = from.length - to.length;
      const result = fill(to, () => 0);
      fill(from, (index) => {
        const offset = to.reduce((o, n, axis) => o * n + (n === 1 ? 0 : index[lead + axis]), 0);
        return (result.data[offset] += at(x, index));
      });
      return result;
    },
  };
}

export const cases: OperatorCases = {
  sum: reduction(graph.sum, total),
  mean: reduction(graph.mean, (values) => total(values) / values.length),
  sumSquares: reduction(graph.sumSquares, (values) => total(values.map((v) => v * v))),
  reduceMax: reduction(graph.reduceMax, (values) => Math.max(...values)),
  reduceMin: reduction(graph.reduceMin, (values) => Math.min(...values)),
  reduceL1: reduction(graph.reduceL1, (values) => total(values.map(Math.abs))),
  reduceL2: reduction(graph.reduceL2, (values) => Math.hypot(...values)),
  reduceProduct: reduction(graph.reduceProduct, (values) => values.reduce((a, b) => a * b, 1)),
  logSumExp: [
    ...reduction(graph.logSumExp, (values) => Math.log(total(values.map(Math.exp)))),
    ...reduction(
      (x, options) => graph.logSumExp(x, { ...options, withZero: true }),
      (values) => Math.log(1 + total(values.map(Math.exp))),
    ).map((one) => ({ ...one, label: `with zero, ${one.label}` })),
  ],
  sumTo: [
    broadcastBack([2, 3], [2, 3]),
    broadcastBack([2, 3], []),
    broadcastBack([2, 3], [3]),
    broadcastBack([2, 3], [2, 1]),
    broadcastBack([2, 3, 4], [1, 4]),
    broadcastBack([2, 3, 2, 2], [3, 1, 2]),
    broadcastBack([1, 1, 2], [1]),
  ],
  cumulativeSum: MODES.flatMap(([exclusive, reverse]) => [
    running([5], 0, exclusive, reverse),
    running([2, 3], 0, exclusive, reverse),
    running([2, 3, 2], -2, exclusive, reverse),
  ]),
};
