/** Cases of rounding, sign and remainder (src/graph/ops/rounding.ts). */

import * as graph from '../../../src/graph/index.js';
import { map } from '../../support/ndarray.js';
import type { OperatorCases } from '../operatorCase.js';
import { unary } from './arithmetic.js';

const STEPS = { differentiable: false };

/** The nearest whole number, of two equally near the even one. */
function nearestEven(x: number): number {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

export const cases: OperatorCases = {
  sign: unary(graph.sign, Math.sign, STEPS),
  floor: unary(graph.floor, Math.floor, STEPS),
  ceil: unary(graph.ceil, Math.ceil, STEPS),
  round: [
    ...unary(graph.round, nearestEven, STEPS),
    {
      label: 'halves',
      shapes: [[4]],
      values: [[-1.5, -0.5, 0.5, 2.5]],
      ...STEPS,
      build: graph.round,
      oracle: (x) => map(nearestEven, x),
    },
  ],
  mod: [
    {
      label: 'of both signs',
      shapes: [[6], [6]],
      values: [
        [5.3, -5.3, 5.3, -5.3, 0.2, 7.1],
        [3, 3, -3, -3, 1.5, 2.5],
      ],
      build: graph.mod,
      oracle: (a, b) => map((x, y) => x - y * Math.floor(x / y), a, b),
    },
  ],
  notANumber: [
    {
      label: 'of the root of some negative numbers',
      shapes: [[4]],
      values: [[-1, 4, -0.5, 0]],
      ...STEPS,
      build: (x) => graph.notANumber(graph.sqrt(x)),
      oracle: (x) => map((v) => (v < 0 ? 1 : 0), x),
    },
  ],
};
