import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { gradients, input, sum } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { runs, shapes } from '../../support/shapes.js';
import { cases } from '../cases/normalization.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('layer normalisation: gradients for any shape and first axis', async () => {
  const plans = shapes(1).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)));
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(1e6), async ([shape, axis], seed) => {
      const rest = shape.slice(axis);
      await checkGradient(
        ([x, weight, bias]) => graph.layerNormalization(x, { weight, bias, epsilon: 0.1, axis }),
        [shape, rest, rest],
        { range: [-3, 3], seed },
      );
    }),
    runs(8),
  );
});

test('layer normalisation of equal numbers is 0 (or the bias), with a finite gradient', async () => {
  const [x, bias] = [input('x', [1, 4]), input('bias', [4])];
  const y = graph.layerNormalization(x, { bias });
  const [grad] = gradients(sum(graph.mul(y, graph.constant([1, 0, 0, 0], [4]))), [x]);
  const values = await evaluate(
    { y, grad },
    { x: Float32Array.of(3, 3, 3, 3), bias: Float32Array.of(1, 2, 3, 4) },
  );
  assertAllclose(values.y, [1, 2, 3, 4], { rtol: 1e-6 });
  const scale = 1 / Math.sqrt(1e-5);
  assertAllclose(values.grad, [0.75 * scale, -scale / 4, -scale / 4, -scale / 4], { rtol: 1e-5 });
});

test('l2Normalize: a row of zeros stays, and its gradient is finite', async () => {
  const x = input('x', [2, 2]);
  const y = graph.l2Normalize(x);
  const [grad] = gradients(sum(y), [x]);
  const values = await evaluate({ y, grad }, { x: Float32Array.of(0, 0, 3, 4) });
  assertAllclose(values.y, [0, 0, 0.6, 0.8], { rtol: 1e-6 });
  assert.ok(numbers(values.grad).every(Number.isFinite), String(values.grad));
});

test('norms of zeros have a gradient of 0', async () => {
  const x = input('x', [2, 2]);
  const outputs = { l2: graph.reduceL2(x, { axes: [1] }), lp: graph.lpNormalize(x) };
  const grads = Object.values(outputs).map((y) => gradients(sum(y), [x])[0]);
  const got = await evaluate({ ...outputs, a: grads[0], b: grads[1] }, { x: Float32Array.of(0, 0, 3, 4) });
  assertAllclose(got.l2, [0, 5]);
  assertAllclose(got.a, [0, 0, 0.6, 0.8], { rtol: 1e-6 });
  assertAllclose(got.lp, [0, 0, 0.6, 0.8], { rtol: 1e-6 });
  assert.ok(numbers(got.b).every(Number.isFinite), String(got.b));
});
