/** Cases of matrix products (src/graph/ops/linear.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, map, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** Product over the last two axes by the definition; leading axes broadcast. */
export function product(a: NdArray, b: NdArray): NdArray {
  const [rankA, rankB] = [a.shape.length, b.shape.length];
  const k = a.shape[rankA - 1];
  const lead = map(
    () => 0,
    fill(a.shape.slice(0, -2), () => 0),
    fill(b.shape.slice(0, -2), () => 0),
  ).shape;
  const own = (x: NdArray, index: readonly number[]) => {
    const axes = x.shape.slice(0, -2);
    return axes.map((n, i) => (n === 1 ? 0 : index[lead.length - axes.length + i]));
  };
  return fill([...lead, a.shape[rankA - 2], b.shape[rankB - 1]], (index) => {
    const [i, j] = index.slice(-2);
    let sum = 0;
    for (let l = 0; l < k; l++) sum += at(a, [...own(a, index), i, l]) * at(b, [...own(b, index), l, j]);
    return sum;
  });
}

/** The last two axes exchanged. */
export function exchanged(x: NdArray): NdArray {
  const rank = x.shape.length;
  const shape = [...x.shape.slice(0, -2), x.shape[rank - 1], x.shape[rank - 2]];
  return fill(shape, (index) => at(x, [...index.slice(0, -2), index[rank - 1], index[rank - 2]]));
}

const PRODUCTS: readonly (readonly [Shape, Shape])[] = [
  [
    [2, 3],
    [3, 4],
  ],
  [
    [1, 1],
    [1, 1],
  ],
  [
    [2, 2, 3],
    [2, 3, 2],
  ],
  [
    [2, 2, 3],
    [3, 2],
  ],
  [
    [2, 3],
    [2, 3, 1],
  ],
  [
    [2, 1, 2, 3],
    [3, 3, 2],
  ],
];

const FLAGS = [false, true].flatMap((transA) => [false, true].map((transB) => ({ transA, transB })));

export const cases: OperatorCases = {
  matmul: [
    ...PRODUCTS.map((shapes) => ({
      label: shapes.map(graph.show).join(' × '),
      shapes,
      build: graph.matmul,
      oracle: product,
    })),
    {
      label: 'a vector and matrices',
      shapes: [[3], [2, 3, 4]],
      build: graph.matmul,
      oracle: (a, b) => ({ ...product({ ...a, shape: [1, 3] }, b), shape: [2, 4] }),
    },
    {
      label: 'matrices and a vector',
      shapes: [[2, 4, 3], [3]],
      build: graph.matmul,
      oracle: (a, b) => ({ ...product(a, { ...b, shape: [3, 1] }), shape: [2, 4] }),
    },
    {
      label: 'two vectors',
      shapes: [[3], [3]],
      build: graph.matmul,
      oracle: (a, b) => ({ ...product({ ...a, shape: [1, 3] }, { ...b, shape: [3, 1] }), shape: [] }),
    },
  ],
  gemm: [
    ...FLAGS.map(
      ({ transA, transB }): OperatorCase => ({
        label: `A${transA ? 'ᵀ' : ''}B${transB ? 'ᵀ' : ''}`,
        shapes: [transA ? [3, 2] : [2, 3], transB ? [4, 3] : [3, 4]],
        build: (a, b) => graph.gemm(a, b, { transA, transB }),
        oracle: (a, b) => product(transA ? exchanged(a) : a, transB ? exchanged(b) : b),
      }),
    ),
    {
      label: 'A·B + bias',
      shapes: [[2, 3], [3, 4], [4]],
      build: (a, b, bias) => graph.gemm(a, b, { bias }),
      oracle: (a, b, bias) => map((p, c) => p + c, product(a, b), bias),
    },
    {
      label: 'AᵀB + bias',
      shapes: [[3, 2], [3, 4], [4]],
      build: (a, b, bias) => graph.gemm(a, b, { transA: true, bias }),
      oracle: (a, b, bias) => map((p, c) => p + c, product(exchanged(a), b), bias),
    },
    {
      label: 'AᵀB with more rows than columns',
      shapes: [
        [3, 5],
        [3, 2],
      ],
      build: (a, b) => graph.gemm(a, b, { transA: true }),
      oracle: (a, b) => product(exchanged(a), b),
    },
  ],
  affine: [
    {
      label: 'with bias',
      shapes: [[3, 2], [4, 2], [4]],
      build: graph.affine,
      oracle: (x, weight, bias) => map((p, b) => p + b, product(x, exchanged(weight)), bias),
    },
    {
      label: 'without bias',
      shapes: [
        [3, 2],
        [4, 2],
      ],
      build: (x, weight) => graph.affine(x, weight),
      oracle: (x, weight) => product(x, exchanged(weight)),
    },
  ],
  swapLast: (
    [
      [2, 3],
      [2, 3, 4],
      [2, 1, 2, 3],
    ] as const
  ).map((shape) => ({ label: graph.show(shape), shapes: [shape], build: graph.swapLast, oracle: exchanged })),
};
