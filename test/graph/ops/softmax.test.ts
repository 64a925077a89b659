import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { gradients, input, sum } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { runs, shapes } from '../../support/shapes.js';
import { cases } from '../cases/softmax.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('softmax and layer normalisation: gradients for any shape and axis', async () => {
  const plans = shapes(1).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)));
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(1e6), async ([shape, axis], seed) => {
      await checkGradient(([x]) => graph.softmax(x, axis), [shape], { range: [-3, 3], seed });
      const width = [shape[shape.length - 1]];
      await checkGradient(
        ([x, weight, bias]) => graph.layerNormalization(x, { weight, bias, epsilon: 0.1 }),
        [shape, width, width],
        { range: [-3, 3], seed },
      );
    }),
    runs(8),
  );
});

test('softmax: logits of ±10,000 give exact probabilities and gradients', async () => {
  const x = input('x', [2, 3]);
  const y = graph.softmax(x);
  const [grad] = gradients(sum(graph.mul(y, graph.constant([1, 2, 3], [3]))), [x]);
  const feeds = { x: Float32Array.of(1e4, -1e4, 1e4, -1e4, -1e4, -1e4) };
  const values = await evaluate({ y, grad }, feeds);
  assertAllclose(values.y, [0.5, 0, 0.5, 1 / 3, 1 / 3, 1 / 3], { rtol: 1e-6 });
  assertAllclose(values.grad, [-0.5, 0, 0.5, -1 / 3, 0, 1 / 3], { rtol: 1e-5, atol: 1e-7 });
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

test('gelu far from 0 is the identity or 0', async () => {
  const x = input('x', [4]);
  const y = graph.gelu(x);
  const [grad] = gradients(sum(y), [x]);
  const values = await evaluate({ y, grad }, { x: Float32Array.of(-100, -20, 20, 100) });
  assertAllclose(values.y, [0, 0, 20, 100], { atol: 1e-6 });
  assertAllclose(values.grad, [0, 0, 1, 1], { atol: 1e-6 });
});

test('l2Normalize: a row of zeros stays, and its gradient is finite', async () => {
  const x = input('x', [2, 2]);
  const y = graph.l2Normalize(x);
  const [grad] = gradients(sum(y), [x]);
  const values = await evaluate({ y, grad }, { x: Float32Array.of(0, 0, 3, 4) });
  assertAllclose(values.y, [0, 0, 0.6, 0.8], { rtol: 1e-6 });
  assert.ok(numbers(values.grad).every(Number.isFinite), String(values.grad));
});
