/** Cases of the largest elements (src/graph/ops/top.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import type { NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** Values of each row in falling order with their positions. */
export function sorted(x: NdArray): { value: number; position: number }[][] {
  const n = x.shape[x.shape.length - 1];
  return Array.from({ length: x.data.length / n }, (_, row) =>
    Array.from(x.data.subarray(row * n, (row + 1) * n), (value, position) => ({ value, position })).sort(
      (a, b) => b.value - a.value || a.position - b.position,
    ),
  );
}

function largest(shape: Shape, k: number): OperatorCase {
  return {
    label: `${k} of ${graph.show(shape)}`,
    shapes: [shape],
    build: (x) => graph.topK(x, k).values,
    oracle: (x) => ({
      shape: shape.with(-1, k),
      data: Float64Array.from(
        sorted(x)
          .flatMap((row) => row.slice(0, k))
          .map((e) => e.value),
      ),
    }),
  };
}

export const cases: OperatorCases = {
  topK: [
    largest([5], 2),
    largest([3, 4], 1),
    largest([2, 2, 3], 3),
    {
      label: 'positions',
      shapes: [[3, 5]],
      differentiable: false,
      build: (x) => graph.cast(graph.topK(x, 3).indices, 'float64'),
      oracle: (x) => ({
        shape: [3, 3],
        data: Float64Array.from(sorted(x).flatMap((row) => row.slice(0, 3).map((e) => e.position))),
      }),
    },
  ],
  argMax: [
    {
      label: 'last axis',
      shapes: [[2, 2, 4]],
      differentiable: false,
      build: (x) => graph.cast(graph.argMax(x), 'float64'),
      oracle: (x) => ({ shape: [2, 2], data: Float64Array.from(sorted(x).map((row) => row[0].position)) }),
    },
    {
      label: 'first axis, the first of equal values',
      shapes: [[3, 2]],
      values: [[1, 5, 4, 5, 4, 0]],
      differentiable: false,
      build: (x) => graph.cast(graph.argMax(x, 0), 'float64'),
      oracle: () => ({ shape: [2], data: Float64Array.of(1, 0) }),
    },
  ],
};
