import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { input, type Tensor } from '../../../src/graph/index.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { runs, shapes } from '../../support/shapes.js';
import { cases } from '../cases/shape.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('slices with steps, pads and transposes: gradients for any shape, one after the other', async () => {
  const plans = shapes(1, 4, 5).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.tuple(...shape.map((n) => fc.nat(n - 1))),
      fc.tuple(...shape.map(() => fc.integer({ min: 1, max: 3 }))),
      fc.shuffledSubarray(
        shape.map((_, i) => i),
        { minLength: shape.length },
      ),
    ),
  );
  await fc.assert(
    fc.asyncProperty(plans, async ([shape, starts, steps, order]) => {
      const axes = shape.map((_, i) => i);
      const all = ([x]: Tensor[]) => {
        const cut = graph.slices(graph.square(x), axes, starts, shape, steps);
        const wide = graph.pads(
          cut,
          axes,
          steps.map((n) => n - 1),
          starts.map((n) => n % 2),
        );
        return graph.transpose(wide, order);
      };
      if (graph.sizeOf(shape) <= 60) await checkGradient(all, [shape]);
    }),
    runs(12),
  );
});

test('what changes nothing adds no node', () => {
  const x = input('x', [2, 3]);
  for (const same of [
    graph.reshape(x, [2, -1]),
    graph.transpose(x, [0, 1]),
    graph.expand(x, [2, 3]),
    graph.concat([x], 1),
    graph.slice(x, 1, 0, 3),
    graph.pad(x, 0, 0, 0),
  ])
    assert.equal(same, x);
});

test('empty slices with steps have empty values and zero gradients', async () => {
  const x = input('x', [4]);
  const none = graph.slice(x, 0, 2, 2, 2);
  const [grad] = graph.gradients(graph.sum(none), [x]);
  const got = await evaluate({ none, grad }, { x: Float32Array.of(1, 2, 3, 4) });
  assert.equal(got.none.length, 0);
  assert.deepEqual(numbers(got.grad), [0, 0, 0, 0]);
});
