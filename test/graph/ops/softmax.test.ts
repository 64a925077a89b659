import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { gradients, input, sum } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { runs, shapes } from '../../support/shapes.js';
import { cases } from '../cases/softmax.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('softmax and its logarithm: gradients for any shape and axis', async () => {
  const plans = shapes(1).chain((shape) => fc.tuple(fc.constant(shape), fc.nat(shape.length - 1)));
  await fc.assert(
    fc.asyncProperty(plans, fc.nat(1e6), async ([shape, axis], seed) => {
      await checkGradient(([x]) => graph.softmax(x, axis), [shape], { range: [-3, 3], seed });
      await checkGradient(([x]) => graph.logSoftmax(x, axis), [shape], { range: [-3, 3], seed });
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

test('logSoftmax stays exact where the soft-max is 0', async () => {
  const x = input('x', [1, 3]);
  const y = graph.logSoftmax(x);
  const [grad] = gradients(sum(graph.mul(y, graph.constant([1, 0, 0], [3]))), [x]);
  const got = await evaluate({ y, grad }, { x: Float32Array.of(-1000, 0, -1000) });
  assertAllclose(got.y, [-1000, 0, -1000], { rtol: 1e-6 });
  assertAllclose(got.grad, [1, -1, 0], { atol: 1e-6 });
});
