import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum } from '../../../src/graph/index.js';
import { randomStream } from '../../../src/random.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { array } from '../../support/ndarray.js';
import { cases } from '../cases/batchNormalization.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('normalizeBatch returns the mean and the unbiased variance of each channel', async () => {
  const x = input('x', [2, 2, 1, 2], 'float64');
  const one = constant(1, [2], 'float64');
  const { mean, unbiasedVariance } = graph.normalizeBatch(x, { gamma: one, beta: one, epsilon: 1e-5 });
  const got = await evaluate({ mean, unbiasedVariance }, { x: Float64Array.of(1, 2, 10, 10, 3, 6, 10, 10) });
  assertAllclose(got.mean, [3, 10]);
  assertAllclose(got.unbiasedVariance, [14 / 3, 0], { atol: 1e-12 });
});

test('normalizeBatch: float32 data with a mean of 100 deviations still comes out normal', async () => {
  const shape = [64, 1, 2, 2];
  const random = randomStream(5, 'offset data');
  const data = Float32Array.from({ length: 256 }, () => 100 + random.normal());
  const x = input('x', shape);
  const [gamma, beta] = [constant(1, [1]), constant(0, [1])];
  const { result } = graph.normalizeBatch(x, { gamma, beta, epsilon: 1e-5 });
  const { value } = await evaluate({ value: result }, { x: data });
  const exact = array(shape, data);
  const mean = exact.data.reduce((a, b) => a + b) / 256;
  const variance = exact.data.reduce((a, b) => a + (b - mean) ** 2, 0) / 256;
  const expected = exact.data.map((v) => (v - mean) / Math.sqrt(variance + 1e-5));
  // Means of squares lose (mean / deviation)² · 6e-8 of the variance, here 6e-4 of it.
  assertAllclose(value, expected, { rtol: 2e-3, atol: 1e-3 });
});

test('normalizeBatch: a constant channel gives beta and finite gradients', async () => {
  const x = input('x', [4, 1]);
  const [gamma, beta] = [constant(2, [1]), constant(-1, [1])];
  const { result } = graph.normalizeBatch(x, { gamma, beta, epsilon: 1e-5 });
  const [grad] = gradients(sum(graph.mul(result, constant([1, 0, 0, 0], [4, 1]))), [x]);
  const got = await evaluate({ result, grad }, { x: Float32Array.of(3, 3, 3, 3) });
  assertAllclose(got.result, [-1, -1, -1, -1], { rtol: 1e-6 });
  assert.ok(numbers(got.grad).every(Number.isFinite), String(got.grad));
});
