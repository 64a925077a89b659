import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { constant, gradients, gradientsOf, input, sum, type Tensor } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/walk.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, numbers } from '../support/evaluate.js';
import { checkGradient } from '../support/gradientCheck.js';

test('a tensor used along many ways gets the sum of their gradients', async () => {
  await checkGradient(
    ([x, y]) => {
      const a = graph.mul(x, y);
      const b = graph.add(graph.mul(a, x), graph.exp(a));
      return graph.div(graph.add(b, graph.square(a)), graph.add(graph.square(b), 1));
    },
    [[2, 3], [3]],
  );
});

test('second derivatives, where every node on the way has a rule', async () => {
  await checkGradient(([x]) => gradients(sum(graph.mul(graph.tanh(x), graph.exp(x))), [x])[0], [[2, 3]]);
  await checkGradient(
    ([x]) => gradients(sum(graph.square(graph.softmax(graph.mul(x, x)))), [x])[0],
    [[2, 3]],
  );
});

test('gradients at tensors inside the graph, at the output itself, and at what it does not depend on', async () => {
  const [x, other] = [input('x', [2]), input('other', [3])];
  const y = graph.square(x);
  const z = sum(graph.mul(y, 3));
  const [dy, dz, dOther, dx, again] = gradients(z, [y, z, other, x, x]);
  const got = await evaluate({ dy, dz, dOther, dx, again }, { x: Float32Array.of(1, 2) });
  assert.deepEqual(numbers(got.dy), [3, 3]);
  assert.deepEqual(numbers(got.dz), [1]);
  assert.deepEqual(numbers(got.dOther), [0, 0, 0]);
  assert.deepEqual(numbers(got.dx), [6, 12]);
  assert.deepEqual(numbers(got.again), [6, 12]);
});

test('a seed weighs the output: gradients of several outputs are those of their weighted sum', async () => {
  const x = input('x', [2, 3], 'float64');
  const [a, b] = [graph.exp(x), sum(graph.square(x), { axes: [1] })];
  const [seedA, seedB] = [constant([1, 2, 3, 4, 5, 6], [2, 3], 'float64'), constant([-1, 2], [2], 'float64')];
  const [joint] = gradientsOf([a, b], [x], [seedA, seedB]);
  const [summed] = gradients(graph.add(sum(graph.mul(a, seedA)), sum(graph.mul(b, seedB))), [x]);
  const [single] = gradients(a, [x], seedA);
  const feeds = { x: Float64Array.of(0.1, -0.2, 0.3, 0.4, 0.5, -0.6) };
  const got = await evaluate({ joint, summed, single }, feeds);
  assertAllclose(got.joint, got.summed as Float64Array, { rtol: 1e-14 });
  const powers = feeds.x.map((v, i) => Math.exp(v) * (i + 1));
  assertAllclose(got.single, powers, { rtol: 1e-14 });
});

test('choices and comparisons pass nothing and are no error', async () => {
  const x = input('x', [3]);
  const chosen = graph.mul(graph.oneWhere(graph.greater(x, 0)), x);
  const [grad] = gradients(sum(chosen), [x]);
  const got = await evaluate({ grad }, { x: Float32Array.of(-1, 2, 3) });
  assert.deepEqual(numbers(got.grad), [0, 1, 1]);
});

test('graphs of ten thousand nodes in a row are differentiated and written', async () => {
  const x = input('x', []);
  let y: Tensor = x;
  for (let i = 0; i < 10_000; i++) y = graph.add(graph.neg(y), x);
  const [grad] = gradients(y, [x]);
  assert.ok(topologicalOrder([grad]).length > 0);
  assert.ok(graph.buildModel({ outputs: { y } }).bytes.length > 100_000);
});
