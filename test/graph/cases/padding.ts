/** Cases of padding (src/graph/ops/padding.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** Zeros before and after along an axis. */
function padded(x: NdArray, axis: number, before: number, after: number): NdArray {
  return fill(x.shape.with(axis, x.shape[axis] + before + after), (index) => {
    const i = index[axis] - before;
    return i >= 0 && i < x.shape[axis] ? at(x, index.with(axis, i)) : 0;
  });
}

/** Where a place of a padded axis of n elements is read from. */
const SOURCES = {
  edge: (i: number, n: number) => Math.min(n - 1, Math.max(0, i)),
  reflect: (i: number, n: number) => (i < 0 ? -i : i >= n ? 2 * (n - 1) - i : i),
  wrap: (i: number, n: number) => (i + n) % n,
};

function fromItself(
  shape: Shape,
  mode: keyof typeof SOURCES,
  before: readonly number[],
  after: readonly number[],
): OperatorCase {
  const axes = shape.map((_, i) => i);
  return {
    label: `${mode}, ${graph.show(before)} and ${graph.show(after)} around ${graph.show(shape)}`,
    shapes: [shape],
    build: (x) => graph.pads(x, axes, before, after, { mode }),
    oracle: (x) =>
      fill(
        shape.map((n, i) => n + before[i] + after[i]),
        (index) =>
          at(
            x,
            index.map((i, axis) => SOURCES[mode](i - before[axis], shape[axis])),
          ),
      ),
  };
}

export const cases: OperatorCases = {
  pad: [
    {
      label: 'both sides',
      shapes: [[2, 3]],
      build: (x) => graph.pad(x, 1, 2, 1),
      oracle: (x) => padded(x, 1, 2, 1),
    },
    {
      label: 'one side of the first axis',
      shapes: [[3]],
      build: (x) => graph.pad(x, 0, 0, 2),
      oracle: (x) => padded(x, 0, 0, 2),
    },
    { label: 'nothing', shapes: [[3]], build: (x) => graph.pad(x, 0, 0, 0), oracle: (x) => x },
  ],
  pads: [
    {
      label: 'an image',
      shapes: [[1, 2, 2, 3]],
      build: (x) => graph.pads(x, [2, -1], [1, 0], [1, 2]),
      oracle: (x) => padded(padded(x, 2, 1, 1), 3, 0, 2),
    },
    {
      label: 'another value than 0',
      shapes: [[2, 3]],
      build: (x) => graph.pads(x, [1], [1], [2], { value: -1.5 }),
      oracle: (x) => fill([2, 6], ([i, j]) => (j >= 1 && j < 4 ? at(x, [i, j - 1]) : -1.5)),
    },
    fromItself([2, 3, 4], 'edge', [1, 0, 3], [0, 2, 1]),
    fromItself([3, 4], 'reflect', [2, 1], [1, 3]),
    fromItself([4, 3], 'wrap', [2, 0], [4, 1]),
  ],
};
