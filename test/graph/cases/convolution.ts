/** Cases of convolution and its transpose (src/graph/ops/convolution.ts), against direct loops. */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** How windows move, in full: [height, width] each, and the padding of the four sides. */
export interface Plan {
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  readonly groups?: number;
}

const square = (stride: number, padding: number): Plan => ({
  stride: [stride, stride],
  padding: [padding, padding, padding, padding],
});

/** Calls `visit` with the places of x, weight and y of every product that a convolution sums. */
export function everyProduct(
  x: Shape,
  weight: Shape,
  { stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1], groups = 1 }: Plan,
  visit: (x: readonly number[], weight: readonly number[], y: readonly number[]) => void,
): Shape {
  const [b, c, h, w] = x;
  const [o, part, k, l] = weight;
  const size = (axis: 0 | 1, n: number, kernel: number) =>
    Math.floor((n + padding[axis] + padding[axis + 2] - (kernel - 1) * dilation[axis] - 1) / stride[axis]) +
    1;
  const shape = [b, o, size(0, h, k), size(1, w, l)];
  fill(shape, (y) => {
    const first = Math.floor(y[1] / (o / groups)) * (c / groups);
    for (let channel = 0; channel < part; channel++)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < l; j++) {
          const row = y[2] * stride[0] + i * dilation[0] - padding[0];
          const column = y[3] * stride[1] + j * dilation[1] - padding[1];
          if (row >= 0 && row < h && column >= 0 && column < w)
            visit([y[0], first + channel, row, column], [y[1], channel, i, j], y);
        }
    return 0;
  });
  return shape;
}

/** Where an element lies in an array. */
export const placeIn = ({ shape }: NdArray, index: readonly number[]) =>
  index.reduce((offset, i, axis) => offset * shape[axis] + i, 0);

/** Convolution by the definition. */
export function convolved(x: NdArray, weight: NdArray, plan: Plan, bias?: NdArray): NdArray {
  const y = fill(
    everyProduct(x.shape, weight.shape, plan, () => {}),
    (index) => (bias ? at(bias, [index[1]]) : 0),
  );
  everyProduct(x.shape, weight.shape, plan, (from, tap, to) => {
    y.data[placeIn(y, to)] += at(x, from) * at(weight, tap);
  });
  return y;
}

/** Linear in each input: differences are exact at any step. */
const LINEAR = {
  dtype: 'float32' as const,
  step: 0.5,
  gradientTolerance: { rtol: 1e-4, atol: 1e-5 },
};

function conv(image: Shape, outputs: number, kernel: number, stride: number, padding: number): OperatorCase {
  return {
    ...LINEAR,
    label: `${graph.show(image)}, kernel ${kernel}, stride ${stride}, padding ${padding}`,
    shapes: [image, [outputs, image[1], kernel, kernel]],
    build: (x, weight) => graph.conv2d(x, weight, { stride, padding }),
    oracle: (x, weight) => convolved(x, weight, square(stride, padding)),
  };
}

function general(label: string, image: Shape, weights: Shape, plan: Plan): OperatorCase {
  return {
    ...LINEAR,
    label,
    shapes: [image, weights, [weights[0]]],
    build: (x, weight, bias) => graph.conv2d(x, weight, { ...plan, bias }),
    oracle: (x, weight, bias) => convolved(x, weight, plan, bias),
  };
}

/** What passes gradients back through the convolution of an image of this shape, with bias. */
function transposed(
  label: string,
  image: Shape,
  weights: Shape,
  outputPadding: number,
  plan: Plan,
): OperatorCase {
  const gradient = everyProduct(image, weights, plan, () => {});
  return {
    ...LINEAR,
    label,
    shapes: [gradient, weights, [image[1]]],
    build: (g, weight, bias) => graph.convTranspose2d(g, weight, { ...plan, bias, outputPadding }),
    oracle: (g, weight, bias) => {
      const x = fill(image, (index) => at(bias, [index[1]]));
      everyProduct(image, weights, plan, (to, tap, from) => {
        x.data[placeIn(x, to)] += at(g, from) * at(weight, tap);
      });
      return x;
    },
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
    general('four paddings, two strides', [2, 2, 5, 6], [3, 2, 3, 2], {
      stride: [2, 1],
      padding: [0, 1, 2, 0],
    }),
    general('a flat kernel with holes', [1, 2, 5, 7], [2, 2, 1, 3], {
      dilation: [1, 2],
      padding: [0, 2, 0, 1],
    }),
    general('holes and strides', [1, 1, 8, 7], [2, 1, 3, 3], {
      dilation: [2, 2],
      stride: [2, 2],
      padding: [1, 2, 2, 1],
    }),
    general('a kernel as large as the image, one place', [2, 2, 3, 2], [3, 2, 3, 2], { stride: [3, 2] }),
    general('two groups', [2, 4, 4, 5], [6, 2, 3, 3], { groups: 2, padding: [1, 1, 1, 1] }),
    general('two groups, strides', [1, 4, 6, 5], [2, 2, 3, 2], {
      groups: 2,
      stride: [2, 3],
      padding: [1, 0, 1, 1],
    }),
    general('depthwise', [2, 3, 5, 4], [3, 1, 3, 3], { groups: 3, padding: [1, 1, 1, 1] }),
    general('depthwise, stride 2', [2, 2, 6, 6], [2, 1, 3, 3], {
      groups: 2,
      stride: [2, 2],
      padding: [1, 1, 1, 1],
    }),
    general('depthwise, stride 2, odd size, one-sided padding', [1, 2, 7, 5], [2, 1, 3, 3], {
      groups: 2,
      stride: [2, 2],
      padding: [0, 0, 1, 1],
    }),
    general('depthwise, kernel 5, stride 3', [1, 2, 8, 9], [2, 1, 5, 5], {
      groups: 2,
      stride: [3, 3],
      padding: [2, 2, 2, 2],
    }),
    general('depthwise with holes', [1, 2, 6, 6], [2, 1, 3, 3], {
      groups: 2,
      dilation: [2, 2],
      padding: [2, 2, 2, 2],
    }),
    general('depthwise, two outputs a channel', [1, 2, 4, 4], [4, 1, 3, 3], {
      groups: 2,
      stride: [2, 1],
      padding: [1, 1, 1, 1],
    }),
    general('one by one with a stride', [2, 3, 5, 5], [4, 3, 1, 1], { stride: [2, 2] }),
  ],
  convTranspose2d: [
    transposed('stride 1', [1, 2, 4, 4], [3, 2, 3, 3], 0, { padding: [1, 1, 1, 1] }),
    transposed('stride 2, with a rest', [2, 2, 6, 6], [2, 2, 3, 3], 1, {
      stride: [2, 2],
      padding: [1, 1, 1, 1],
    }),
    transposed('kernel 2, stride 2', [1, 2, 4, 6], [3, 2, 2, 2], 0, { stride: [2, 2] }),
    transposed('two groups, four paddings', [1, 4, 5, 5], [4, 2, 3, 2], 0, {
      groups: 2,
      stride: [2, 1],
      padding: [1, 0, 1, 1],
    }),
  ],
};
