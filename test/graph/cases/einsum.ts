/** Cases of sums of products (src/graph/ops/einsum.ts). */

import type { Shape } from '../../../src/graph/index.js';
import * as graph from '../../../src/graph/index.js';
import { at, fill, type NdArray } from '../../support/ndarray.js';
import type { OperatorCase, OperatorCases } from '../operatorCase.js';

/** The sum by its definition: every combination of all labels. */
function summed(terms: readonly string[], result: string, operands: readonly NdArray[]): NdArray {
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => {
    [...term].forEach((label, axis) => {
      sizes.set(label, Math.max(sizes.get(label) ?? 1, operands[i].shape[axis]));
    });
  });
  const inner = [...sizes.keys()].filter((label) => !result.includes(label));
  return fill(
    [...result].map((label) => sizes.get(label)!),
    (outer) => {
      let total = 0;
      fill(
        inner.map((label) => sizes.get(label)!),
        (step) => {
          const place = (label: string) =>
            result.includes(label) ? outer[result.indexOf(label)] : step[inner.indexOf(label)];
          const factors = terms.map((term, i) =>
            at(
              operands[i],
              [...term].map((label, axis) => (operands[i].shape[axis] === 1 ? 0 : place(label))),
            ),
          );
          return (total += factors.reduce((a, b) => a * b, 1));
        },
      );
      return total;
    },
  );
}

/** An equation, and what it says with every label written out. */
function equation(text: string, shapes: readonly Shape[], spelled = text): OperatorCase {
  const [left, result] = spelled.split('->');
  return {
    label: text,
    shapes,
    build: (...operands) => graph.einsum(text, operands),
    oracle: (...operands) => summed(left.split(','), result, operands),
  };
}

const [AB, BC] = [
  [2, 3],
  [3, 4],
];

export const cases: OperatorCases = {
  einsum: [
    equation('ab->ba', [AB]),
    equation('ab->b', [AB]),
    equation('ab->', [AB]),
    equation('ii->i', [[3, 3]]),
    equation('bii->b', [[2, 3, 3]]),
    equation('ab,bc->ac', [AB, BC]),
    equation('ab , bc', [AB, BC], 'ab,bc->ac'),
    equation('ab,cb->ca', [AB, [4, 3]]),
    equation('a,b->ba', [[2], [3]]),
    equation('ab,ab->a', [AB, AB]),
    equation('ab,ab->ab', [AB, AB]),
    equation('a,a->', [[3], [3]]),
    equation('bhid,bhjd->bhij', [
      [2, 2, 3, 2],
      [2, 2, 4, 2],
    ]),
    equation('bhwc,hkc->bhwk', [
      [2, 2, 3, 2],
      [2, 4, 2],
    ]),
    equation('ab,bc,cd->ad', [AB, BC, [4, 2]]),
    equation('abc,bd,a->d', [[2, 3, 2], BC, [2]]),
    equation(
      '...ij,...jk->...ik',
      [
        [2, 1, 2, 3],
        [3, 3, 2],
      ],
      'xyij,yjk->xyik',
    ),
    equation('i...->...', [[3, 2, 2]], 'ixy->xy'),
  ],
};
