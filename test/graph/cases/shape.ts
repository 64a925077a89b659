/** Cases of operators that move elements (src/graph/ops/shape.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { array, at, fill, map, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

function reshaped(from: Shape, to: Shape, result: Shape): OperatorCase {
  return {
    label: `${graph.show(from)} to ${graph.show(to)}`,
    shapes: [from],
    build: (x) => graph.reshape(x, to),
    oracle: (x) => array(result, x.data),
  };
}

function transposed(shape: Shape, order?: readonly number[]): OperatorCase {
  const axes = (order ?? shape.map((_, i) => i).reverse()).map((axis) =>
    axis < 0 ? axis + shape.length : axis,
  );
  return {
    label: `${graph.show(shape)} by ${order ? graph.show(order) : 'default'}`,
    shapes: [shape],
    build: (x) => graph.transpose(x, order),
    oracle: (x) =>
      fill(
        axes.map((axis) => shape[axis]),
        (index) =>
          at(
            x,
            shape.map((_, axis) => index[axes.indexOf(axis)]),
          ),
      ),
  };
}

/** Elements from `start` in steps along one axis, `count` of them. */
function cut(x: NdArray, axis: number, start: number, end: number, step: number): NdArray {
  const shape = x.shape.with(axis, Math.ceil((end - start) / step));
  return fill(shape, (index) => at(x, index.with(axis, start + step * index[axis])));
}

function sliced(shape: Shape, axis: number, start: number, end: number, step = 1): OperatorCase {
  return {
    label: `${graph.show(shape)} axis ${axis}, [${start}, ${end}) by ${step}`,
    shapes: [shape],
    build: (x) => graph.slice(x, axis, start, end, step),
    oracle: (x) => cut(x, axis < 0 ? axis + shape.length : axis, start, end, step),
  };
}

function joined(parts: readonly NdArray[], axis: number): NdArray {
  const total = parts.reduce((length, part) => length + part.shape[axis], 0);
  return fill(parts[0].shape.with(axis, total), (index) => {
    let [i, part] = [index[axis], 0];
    while (i >= parts[part].shape[axis]) i -= parts[part++].shape[axis];
    return at(parts[part], index.with(axis, i));
  });
}

export const cases: OperatorCases = {
  reshape: [
    reshaped([2, 3], [3, 2], [3, 2]),
    reshaped([2, 3], [-1], [6]),
    reshaped([4], [2, -1, 1], [2, 2, 1]),
    reshaped([1, 1], [], []),
    reshaped([], [1, 1], [1, 1]),
    reshaped([2, 3], [2, 3], [2, 3]),
  ],
  transpose: [
    transposed([2, 3]),
    transposed([2, 3, 4]),
    transposed([2, 3, 4], [1, 2, 0]),
    transposed([2, 1, 3, 2], [0, 2, 1, -1]),
    transposed([3], [0]),
  ],
  expand: (
    [
      [[3], [2, 3]],
      [[], [2, 2]],
      [
        [2, 1, 3],
        [2, 4, 3],
      ],
      [
        [1, 2, 1],
        [3, 2, 2],
      ],
    ] as const
  ).map(([from, to]) => ({
    label: `${graph.show(from)} to ${graph.show(to)}`,
    shapes: [from],
    build: (x) => graph.expand(x, to),
    oracle: (x) =>
      map(
        (v) => v,
        x,
        fill(to, () => 0),
      ),
  })),
  concat: [
    {
      label: 'three along axis 0',
      shapes: [[2], [1], [3]],
      build: (...parts) => graph.concat(parts, 0),
      oracle: (...parts) => joined(parts, 0),
    },
    {
      label: 'two along the last axis',
      shapes: [
        [2, 2, 1],
        [2, 2, 3],
      ],
      build: (...parts) => graph.concat(parts, -1),
      oracle: (...parts) => joined(parts, 2),
    },
    {
      label: 'the same tensor twice',
      shapes: [[2, 2]],
      build: (x) => graph.concat([x, graph.mul(x, 2), x], 1),
      oracle: (x) => joined([x, map((v) => 2 * v, x), x], 1),
    },
    { label: 'one', shapes: [[2]], build: (x) => graph.concat([x], 0), oracle: (x) => x },
  ],
  slice: [
    sliced([5], 0, 1, 4),
    sliced([5], 0, 0, 5),
    sliced([5], 0, 0, 5, 2),
    sliced([6], 0, 1, 6, 3),
    sliced([7], 0, 2, 4, 5),
    sliced([2, 5], -1, 3, 5),
    sliced([4, 2, 3], 0, 1, 4, 2),
    sliced([2, 4, 3], 1, 1, 2),
  ],
  slices: [
    {
      label: 'two axes with steps',
      shapes: [[4, 2, 5]],
      build: (x) => graph.slices(x, [0, -1], [1, 0], [4, 5], [2, 3]),
      oracle: (x) => cut(cut(x, 0, 1, 4, 2), 2, 0, 5, 3),
    },
    {
      label: 'backwards, with steps, beside a forward one',
      shapes: [[6, 3, 4]],
      build: (x) => graph.slices(x, [0, 1, -1], [5, 0, 3], [0, 3, -1], [-2, 2, -1]),
      oracle: (x) => fill([3, 2, 4], ([i, j, k]) => at(x, [5 - 2 * i, 2 * j, 3 - k])),
    },
    {
      label: 'a window of an image',
      shapes: [[1, 2, 4, 4]],
      build: (x) => graph.slices(x, [2, 3], [1, 0], [3, 3]),
      oracle: (x) => cut(cut(x, 2, 1, 3, 1), 3, 0, 3, 1),
    },
  ],
  reverse: [
    {
      label: 'the last of three axes',
      shapes: [[2, 3, 4]],
      build: (x) => graph.reverse(x, -1),
      oracle: (x) => fill([2, 3, 4], ([i, j, k]) => at(x, [i, j, 3 - k])),
    },
    {
      label: 'the first axis',
      shapes: [[3, 2]],
      build: (x) => graph.reverse(x, 0),
      oracle: (x) => fill([3, 2], ([i, j]) => at(x, [2 - i, j])),
    },
  ],
  split: [
    {
      label: 'three parts, weighed differently',
      shapes: [[2, 6]],
      build: (x) => {
        const [a, b, c] = graph.split(x, -1, 3);
        return graph.add(graph.mul(a, 2), graph.sub(graph.mul(b, 3), c));
      },
      oracle: (x) =>
        map((a, b, c) => 2 * a + 3 * b - c, cut(x, 1, 0, 2, 1), cut(x, 1, 2, 4, 1), cut(x, 1, 4, 6, 1)),
    },
    {
      label: 'parts of given sizes',
      shapes: [[5, 2]],
      build: (x) => {
        const [a, b] = graph.split(x, 0, [2, 3]);
        return graph.concat([graph.mul(b, 2), a], 0);
      },
      oracle: (x) => joined([map((v) => 2 * v, cut(x, 0, 2, 5, 1)), cut(x, 0, 0, 2, 1)], 0),
    },
  ],
};
