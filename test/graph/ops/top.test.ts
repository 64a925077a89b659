import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum } from '../../../src/graph/index.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { cases } from '../cases/top.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('topK: gradients go to the chosen places, also where values repeat', async () => {
  const x = input('x', [4]);
  const { values, indices } = graph.topK(x, 2);
  const [grad] = gradients(sum(graph.mul(values, constant([10, 20], [2]))), [x]);
  const got = await evaluate({ values, indices, grad }, { x: Float32Array.of(7, 1, 7, 7) });
  assert.deepEqual(numbers(got.values), [7, 7]);
  const expected = [0, 0, 0, 0];
  numbers(got.indices).forEach((place, i) => {
    expected[place] += 10 * (i + 1);
  });
  assert.deepEqual(numbers(got.grad), expected);
  assert.equal(new Set(got.indices as BigInt64Array).size, 2);
});
