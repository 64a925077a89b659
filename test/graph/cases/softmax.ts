/** Cases of soft-max and its logarithm (src/graph/ops/softmax.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { map, reduce } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

function normalized(shape: Shape, axis: number): OperatorCase {
  const along = axis < 0 ? axis + shape.length : axis;
  return {
    label: `${graph.show(shape)} along ${axis}`,
    shapes: [shape],
    range: [-3, 3],
    build: (x) => graph.softmax(x, axis),
    oracle: (x) => {
      const powers = map(Math.exp, x);
      return map((p, s) => p / s, powers, reduce(powers, [along], true, total));
    },
  };
}

export const cases: OperatorCases = {
  softmax: [
    normalized([4], -1),
    normalized([2, 3], 0),
    normalized([2, 3], 1),
    normalized([2, 3, 2], 1),
    normalized([2, 1, 2, 3], -1),
    normalized([2, 2, 2, 2], 0),
  ],
  logSoftmax: [
    [[4], -1],
    [[2, 3], 0],
    [[2, 3, 2], 1],
  ].map(([shape, axis]) => {
    const one = normalized(shape as Shape, axis as number);
    return {
      ...one,
      build: (x) => graph.logSoftmax(x, axis as number),
      oracle: (x) => map(Math.log, one.oracle(x)),
    };
  }),
};
