import assert from 'node:assert/strict';
import test from 'node:test';
import * as graph from '../../src/graph/index.js';
import { gradientsOf, input, keptBetween } from '../../src/graph/index.js';
import { topologicalOrder } from '../../src/graph/walk.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate } from '../support/evaluate.js';

test('a forward and a backward model with kept tensors between them give the gradients of one model', async () => {
  const [x, w] = [input('x', [4, 3]), input('w', [5, 3])];
  const hidden = graph.tanh(graph.affine(x, w));
  const out = graph.softmax(graph.gelu(hidden));
  const arriving = input('arriving', out.shape);
  const grads = gradientsOf([out], [x, w], [arriving]);
  const kept = keptBetween([out], grads);
  assert.ok(kept.length > 0 && kept.every(({ node }) => !['Input', 'Constant'].includes(node.op)));
  const names = new Map(kept.map((tensor, i) => [tensor, `kept/${i}`]));
  const outputs = Object.fromEntries(kept.map((tensor, i) => [`kept/${i}`, tensor]));

  const feeds = {
    x: Float32Array.from({ length: 12 }, (_, i) => Math.sin(i)),
    w: Float32Array.from({ length: 15 }, (_, i) => Math.cos(i)),
    arriving: Float32Array.from({ length: 20 }, (_, i) => Math.sin(3 * i)),
  };
  const forward = await graph.compile({ outputs: { out, ...outputs } });
  const backward = await graph.compile({ outputs: { dx: grads[0], dw: grads[1] }, given: names });
  const first = await forward.run(feeds);
  const second = await backward.run({ ...feeds, ...first });
  await forward.close();
  await backward.close();
  const whole = await evaluate({ dx: grads[0], dw: grads[1] }, feeds);
  assertAllclose(second.dx, whole.dx as Float32Array, { rtol: 1e-5, atol: 1e-6 });
  assertAllclose(second.dw, whole.dw as Float32Array, { rtol: 1e-5, atol: 1e-6 });
  // What costs more than to store it is not computed again; GELU's parts are, rather than kept.
  const again = topologicalOrder(grads, { computedOnly: true, given: names }).map(({ op }) => op);
  for (const op of ['Tanh', 'Softmax']) assert.ok(!again.includes(op), op);
  assert.ok(kept.every(({ node }) => node.op !== 'Erf') && again.includes('Erf'));
});

test('of a ReLU the result is kept and not what it is made of, unless that is kept anyway', () => {
  const [x, w] = [input('x', [1, 2, 4, 4]), input('w', [2, 2, 3, 3])];
  const keptOf = (build: (convolved: graph.Tensor) => graph.Tensor) => {
    const out = build(graph.conv2d(x, w, { padding: 1 }));
    return keptBetween([out], gradientsOf([out], [w], [input('arriving', out.shape)])).map(
      ({ node }) => node.op,
    );
  };
  const again = (y: graph.Tensor) => graph.conv2d(y, w, { padding: 1 });
  assert.deepEqual(
    keptOf((y) => again(graph.relu(y))),
    ['Relu'],
  );
  // The residual sum is made of two convolutions, of which nothing else is wanted.
  assert.deepEqual(
    keptOf((y) => again(graph.relu(graph.add(x, again(graph.relu(y)))))),
    ['Relu', 'Relu'],
  );
  // A square wants what it is the square of, and the ReLU can be had from that.
  assert.deepEqual(
    keptOf((y) => graph.add(again(graph.relu(y)), graph.square(y))),
    ['Conv'],
  );
});
