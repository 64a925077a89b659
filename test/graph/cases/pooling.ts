/** Cases of pooling (src/graph/ops/pooling.ts), against direct loops. */

import type { AveragePoolOptions, PoolOptions, Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, type NdArray, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

/** Options in full. */
interface Plan {
  readonly kernel: readonly [number, number];
  readonly stride?: readonly [number, number];
  readonly padding?: readonly [number, number, number, number];
  readonly dilation?: readonly [number, number];
  readonly ceil?: boolean;
  readonly countPadding?: boolean;
}

/** Every window's values within the image, and how many of its places lie within image and padding. */
function pooled(
  x: NdArray,
  { kernel, stride = [1, 1], padding = [0, 0, 0, 0], dilation = [1, 1], ceil = false }: Plan,
  value: (within: readonly number[], places: number) => number,
): NdArray {
  const [b, c, ...size] = x.shape;
  const counts = [0, 1].map((axis) => {
    const starts: number[] = [];
    const whole = size[axis] + padding[axis] + padding[axis + 2];
    const reach = (kernel[axis] - 1) * dilation[axis] + 1;
    for (let start = 0; start + reach <= whole; start += stride[axis]) starts.push(start);
    const next = starts.length * stride[axis];
    // One more where the last window leaves something out and the next starts within image or padding before it.
    const left = whole - reach - (next - stride[axis]);
    if (ceil && left > 0 && next < size[axis] + padding[axis]) starts.push(next);
    return starts.length;
  });
  return fill([b, c, ...counts], ([image, channel, row, column]) => {
    const within: number[] = [];
    let places = 0;
    for (let i = 0; i < kernel[0]; i++)
      for (let j = 0; j < kernel[1]; j++) {
        const y = row * stride[0] + i * dilation[0] - padding[0];
        const z = column * stride[1] + j * dilation[1] - padding[1];
        if (y < size[0] + padding[2] && z < size[1] + padding[3]) places++;
        if (y >= 0 && y < size[0] && z >= 0 && z < size[1]) within.push(at(x, [image, channel, y, z]));
      }
    return value(within, places);
  });
}

function maxima(label: string, shape: Shape, plan: Plan): OperatorCase {
  return {
    label,
    shapes: [shape],
    build: (x) => graph.maxPool2d(x, plan as PoolOptions),
    oracle: (x) => pooled(x, plan, (within) => Math.max(...within)),
  };
}

function averages(label: string, shape: Shape, plan: Plan): OperatorCase {
  return {
    label,
    shapes: [shape],
    dtype: 'float32',
    step: 0.5,
    gradientTolerance: { rtol: 1e-4, atol: 1e-5 },
    build: (x) => graph.averagePool2d(x, plan as AveragePoolOptions),
    oracle: (x) =>
      pooled(x, plan, (within, places) => total(within) / (plan.countPadding ? places : within.length)),
  };
}

const PLANS: readonly (readonly [string, Shape, Plan])[] = [
  ['apart', [2, 2, 4, 6], { kernel: [2, 2], stride: [2, 2] }],
  ['overlapping', [1, 2, 5, 5], { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1] }],
  ['at every place', [1, 2, 4, 3], { kernel: [3, 2], padding: [1, 0, 1, 1] }],
  ['with gaps', [1, 1, 7, 8], { kernel: [2, 1], stride: [3, 2] }],
  ['one-sided padding', [1, 1, 6, 5], { kernel: [3, 3], stride: [2, 2], padding: [0, 0, 1, 1] }],
  ['rounded up', [1, 2, 6, 5], { kernel: [3, 2], stride: [2, 2], ceil: true }],
  ['rounded up, padded', [1, 1, 5, 6], { kernel: [3, 3], stride: [2, 2], padding: [1, 1, 1, 1], ceil: true }],
  [
    'rounded up beyond the start',
    [1, 1, 4, 5],
    { kernel: [2, 1], stride: [3, 3], padding: [1, 0, 1, 0], ceil: true },
  ],
];

export const cases: OperatorCases = {
  maxPool2d: [
    ...PLANS.map((plan) => maxima(...plan)),
    maxima('holes', [1, 1, 6, 7], { kernel: [3, 2], dilation: [2, 3], padding: [2, 1, 1, 1] }),
    maxima('holes, padding as large as the kernel', [1, 1, 6, 6], {
      kernel: [2, 2],
      dilation: [3, 3],
      stride: [2, 2],
      padding: [2, 2, 2, 2],
    }),
  ],
  averagePool2d: [
    ...PLANS.map((plan) => averages(...plan)),
    ...PLANS.slice(1).map(([label, shape, plan]) =>
      averages(`${label}, padding counts`, shape, { ...plan, countPadding: true }),
    ),
  ],
  globalAveragePool: [
    {
      label: 'mean of the plane',
      shapes: [[2, 3, 2, 3]],
      build: graph.globalAveragePool,
      oracle: (x) => reduce(x, [2, 3], false, (values) => total(values) / values.length),
    },
  ],
  globalMaxPool: [
    {
      label: 'maximum of the plane',
      shapes: [[2, 3, 2, 3]],
      build: graph.globalMaxPool,
      oracle: (x) => reduce(x, [2, 3], false, (values) => Math.max(...values)),
    },
  ],
};
