/** Cases of shapes seen another way (src/graph/ops/rearrange.ts). */

import type { Shape, Tensor } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { array, at, fill, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

function seen(label: string, from: Shape, to: Shape, build: (x: Tensor) => Tensor): OperatorCase {
  return { label, shapes: [from], build, oracle: (x) => array(to, x.data) };
}

/** Where an element of an image comes from, whose channels hold blocks of size s. */
function fromBlocks(x: NdArray, s: number, order: 'DCR' | 'CRD'): NdArray {
  const [b, c, h, w] = x.shape;
  const depth = c / (s * s);
  return fill([b, depth, h * s, w * s], ([image, d, row, column]) => {
    const block = (row % s) * s + (column % s);
    const channel = order === 'DCR' ? block * depth + d : d * s * s + block;
    return at(x, [image, channel, Math.floor(row / s), Math.floor(column / s)]);
  });
}

/** The inverse of `fromBlocks`. */
function toBlocks(x: NdArray, s: number, order: 'DCR' | 'CRD'): NdArray {
  const [b, c, h, w] = x.shape;
  return fill([b, c * s * s, h / s, w / s], ([image, channel, row, column]) => {
    const block = order === 'DCR' ? Math.floor(channel / c) : channel % (s * s);
    const d = order === 'DCR' ? channel % c : Math.floor(channel / (s * s));
    return at(x, [image, d, row * s + Math.floor(block / s), column * s + (block % s)]);
  });
}

const ORDERS = ['DCR', 'CRD'] as const;

export const cases: OperatorCases = {
  squeeze: [
    seen('all', [1, 2, 1, 3], [2, 3], (x) => graph.squeeze(x)),
    seen('one', [1, 2, 1], [1, 2], (x) => graph.squeeze(x, [-1])),
  ],
  unsqueeze: [
    seen('two', [2, 3], [1, 2, 3, 1], (x) => graph.unsqueeze(x, [0, -1])),
    seen('neighbours', [2], [2, 1, 1], (x) => graph.unsqueeze(x, [2, 1])),
  ],
  flatten: [
    seen('from the second axis', [2, 3, 2], [2, 6], (x) => graph.flatten(x)),
    seen('from the first', [2, 3], [1, 6], (x) => graph.flatten(x, 0)),
    seen('from the last', [2, 3, 2], [6, 2], (x) => graph.flatten(x, -1)),
    seen('after the last', [2, 3], [6, 1], (x) => graph.flatten(x, 2)),
  ],
  tile: [
    {
      label: 'two axes',
      shapes: [[2, 1, 3]],
      build: (x) => graph.tile(x, [2, 1, 2]),
      oracle: (x) => fill([4, 1, 6], ([i, j, k]) => at(x, [i % 2, j, k % 3])),
    },
  ],
  depthToSpace: ORDERS.map((order) => ({
    label: order,
    shapes: [[1, 8, 2, 3]],
    build: (x) => graph.depthToSpace(x, 2, order),
    oracle: (x) => fromBlocks(x, 2, order),
  })),
  spaceToDepth: ORDERS.map((order) => ({
    label: order,
    shapes: [[2, 2, 4, 2]],
    build: (x) => graph.spaceToDepth(x, 2, order),
    oracle: (x) => toBlocks(x, 2, order),
  })),
};
