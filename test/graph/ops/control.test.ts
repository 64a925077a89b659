import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum, type Tensor } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { cases } from '../cases/control.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

const POINTS = Float32Array.of(-1, 0.5, 2);

/** Value, and gradient of the sum, of a function of three float32 numbers. */
async function both(f: (x: Tensor) => Tensor): Promise<{ value: number[]; grad: number[] }> {
  const x = input('x', [3]);
  const value = f(x);
  const [grad] = gradients(sum(value), [x]);
  const got = await evaluate({ value, grad }, { x: POINTS });
  return { value: numbers(got.value), grad: numbers(got.grad) };
}

test('stopGradient: nothing passes, other ways stay open', async () => {
  assert.deepEqual((await both(graph.stopGradient)).grad, [0, 0, 0]);
  const { value, grad } = await both((x) => graph.mul(x, graph.stopGradient(x)));
  assert.deepEqual(value, [1, 0.25, 4]);
  assert.deepEqual(grad, Array.from(POINTS));
});

test('scaleGradient: the value stays, the gradient is multiplied', async () => {
  const scaled = await both((x) => graph.scaleGradient(graph.mul(x, 3), constant([2, 0, -1], [3])));
  assert.deepEqual(scaled.value, [-3, 1.5, 6]);
  assert.deepEqual(scaled.grad, [6, 0, -3]);
});

test('scaleGradient: the factor may depend on x and gets no gradient', async () => {
  const { grad } = await both((x) => graph.scaleGradient(x, graph.square(x)));
  assert.deepEqual(grad, [1, 0.25, 4]);
});

test('straightThrough: value of the first, gradient of the second', async () => {
  const { value, grad } = await both((x) =>
    graph.straightThrough(graph.oneWhere(graph.greater(x, 0)), graph.square(x)),
  );
  assert.deepEqual(value, [0, 1, 1]);
  assert.deepEqual(grad, [-2, 1, 4]);
});

test('straightThrough one-hot of a soft-max: the choice forward, the soft-max gradient back', async () => {
  const x = input('x', [3]);
  const soft = graph.softmax(x);
  const hard = graph.oneWhere(graph.equal(graph.range(3), graph.cast(graph.argMax(x), 'int32')));
  const weights = constant([1, 2, 5], [3]);
  const choice = graph.straightThrough(hard, soft);
  const [through] = gradients(sum(graph.mul(choice, weights)), [x]);
  const [own] = gradients(sum(graph.mul(soft, weights)), [x]);
  const got = await evaluate({ choice, through, own }, { x: POINTS });
  assert.deepEqual(numbers(got.choice), [0, 0, 1]);
  assertAllclose(got.through, got.own as Float32Array, { rtol: 1e-6 });
  assert.ok(Number(got.own[0]) < -0.01);
});

test('customGradient: only the rule given passes, and null stops', async () => {
  const x = input('x', [3]);
  const y = input('y', [3]);
  const product = graph.customGradient(graph.mul(x, y), [x, y], ([g]) => [graph.mul(g!, 7), null]);
  const [gradX, gradY] = gradients(sum(product), [x, y]);
  const got = await evaluate({ product, gradX, gradY }, { x: POINTS, y: Float32Array.of(2, 2, 2) });
  assert.deepEqual(numbers(got.product), [-2, 1, 4]);
  assert.deepEqual(numbers(got.gradX), [7, 7, 7]);
  assert.deepEqual(numbers(got.gradY), [0, 0, 0]);
});

test('customGradient: an input used for the gradient alone is not needed to compute the value', async () => {
  const x = input('x', [3]);
  const slope = input('slope', [3]);
  const y = graph.customGradient(graph.mul(x, 2), [x, slope], ([g]) => [graph.mul(g!, slope), null]);
  const { value } = await evaluate({ value: y }, { x: POINTS });
  assert.deepEqual(numbers(value), [-2, 1, 4]);
});
