/** Cases of resampling (src/graph/ops/resize.ts), against the definitions of the interpolations. */

import type { ResizeOptions, Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** Resampled along one axis: `read` makes a value of the place in the source and a way to read elements. */
function along(
  x: NdArray,
  axis: number,
  to: number,
  place: (i: number) => number,
  read: (place: number, element: (i: number) => number) => number,
): NdArray {
  const n = x.shape[axis];
  return fill(x.shape.with(axis, to), (index) =>
    read(place(index[axis]), (i) => at(x, index.with(axis, Math.min(n - 1, Math.max(0, i))))),
  );
}

const between = (place: number, element: (i: number) => number): number => {
  const low = Math.floor(place);
  return element(low) * (low + 1 - place) + element(low + 1) * (place - low);
};

/** Keys' cubic through four neighbours, with constant −3/4. */
const throughFour = (place: number, element: (i: number) => number): number => {
  const low = Math.floor(place);
  const a = -0.75;
  let sum = 0;
  for (let i = low - 1; i <= low + 2; i++) {
    const d = Math.abs(place - i);
    const weight =
      d <= 1 ? (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1 : a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a;
    sum += weight * element(i);
  }
  return sum;
};

const centred = (from: number, to: number) => (i: number) => ((i + 0.5) * from) / to - 0.5;

function resized(
  label: string,
  shape: Shape,
  options: ResizeOptions,
  oracle: (x: NdArray) => NdArray,
): OperatorCase {
  return { label, shapes: [shape], build: (x) => graph.resize(x, options), oracle };
}

export const cases: OperatorCases = {
  resize: [
    resized('nothing', [2, 3], { sizes: [2, 3] }, (x) => x),
    resized('twice as large, nearest', [1, 2, 2, 3], { axes: [2, 3], scales: [2, 2] }, (x) =>
      fill([1, 2, 4, 6], ([b, c, i, j]) => at(x, [b, c, i >> 1, j >> 1])),
    ),
    resized(
      'five of three, nearest',
      [3, 2],
      { axes: [0], sizes: [5], coordinates: 'asymmetric', nearest: 'floor' },
      (x) => fill([5, 2], ([i, j]) => at(x, [Math.floor((i * 3) / 5), j])),
    ),
    resized(
      'half as large, linear',
      [1, 1, 4, 6],
      { axes: [2, 3], scales: [0.5, 0.5], mode: 'linear' },
      (x) => along(along(x, 2, 2, centred(4, 2), between), 3, 3, centred(6, 3), between),
    ),
    resized('to other sizes, linear', [2, 3, 4], { axes: [-1, 1], sizes: [7, 5], mode: 'linear' }, (x) =>
      along(along(x, 2, 7, centred(4, 7), between), 1, 5, centred(3, 5), between),
    ),
    resized(
      'corners over corners, linear',
      [4, 3],
      { axes: [0], sizes: [7], mode: 'linear', coordinates: 'align_corners' },
      (x) => along(x, 0, 7, (i) => (i * 3) / 6, between),
    ),
    resized('cubic', [2, 5], { axes: [1], sizes: [8], mode: 'cubic' }, (x) =>
      along(x, 1, 8, centred(5, 8), throughFour),
    ),
  ],
};
