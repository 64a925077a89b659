import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../../src/graph/index.js';
import { gradients, input, sum } from '../../../src/graph/index.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { cases } from '../cases/pooling.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('globalMaxPool: equal maxima share the gradient', async () => {
  const x = input('x', [1, 1, 2, 2]);
  const [grad] = gradients(sum(graph.globalMaxPool(x)), [x]);
  const got = await evaluate({ grad }, { x: Float32Array.of(1, 4, 4, 2) });
  assert.deepEqual(numbers(got.grad), [0, 0.5, 0.5, 0]);
});

test('maxPool2d: the first of equal maxima, row by row, gets the gradient, and padding never wins', async () => {
  const x = input('x', [1, 1, 3, 3]);
  const y = graph.maxPool2d(x, { kernel: 2, stride: 2, padding: [0, 0, 1, 1] });
  const weights = graph.constant([1, 2, 3, 4], [1, 1, 2, 2]);
  const [grad] = gradients(sum(graph.mul(y, weights)), [x]);
  const got = await evaluate({ y, grad }, { x: Float32Array.of(5, 7, -1, 7, 7, -1, -3, -2, -1) });
  assert.deepEqual(numbers(got.y), [7, -1, -2, -1]);
  assert.deepEqual(numbers(got.grad), [0, 1, 2, 0, 0, 0, 0, 3, 4]);
});
