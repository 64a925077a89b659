import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { runs, shapes } from '../../support/shapes.js';
import { cases } from '../cases/select.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('gather: a row gathered n times gets n gradients', async () => {
  const x = input('x', [4, 2]);
  const rows = graph.gather(x, constant([1, 1, 3, 1], [4], 'int32'));
  const [grad] = gradients(sum(rows), [x]);
  const values = await evaluate({ grad }, { x: new Float32Array(8) });
  assert.deepEqual(numbers(values.grad), [0, 0, 3, 3, 0, 0, 1, 1]);
});

test('gather and scatterAdd: gradients for any shapes and indices', async () => {
  const plans = shapes(1, 3).chain((shape) =>
    fc.tuple(
      fc.constant(shape),
      fc.array(fc.nat(shape[0] - 1), { minLength: 1, maxLength: 6 }),
      fc.constantFrom('int32' as const, 'int64' as const),
    ),
  );
  await fc.assert(
    fc.asyncProperty(plans, async ([shape, rows, dtype]) => {
      const indices = constant(rows, [rows.length], dtype);
      await checkGradient(
        ([x]) => graph.scatterAdd(graph.square(graph.gather(x, indices)), indices, shape[0]),
        [shape],
      );
    }),
    runs(10),
  );
});

test('indices may be computed and fed', async () => {
  const x = input('x', [2, 3]);
  const order = input('order', [2], 'int64');
  const best = graph.gatherElements(x, graph.topK(x, 2).indices, 1);
  const rows = graph.gather(best, order);
  const [grad] = gradients(sum(graph.mul(rows, constant([1, 2, 3, 4], [2, 2]))), [x]);
  const values = await evaluate(
    { rows, grad },
    { x: Float32Array.of(1, 3, 2, 6, 4, 5), order: BigInt64Array.of(1n, 0n) },
  );
  assert.deepEqual(numbers(values.rows), [6, 5, 3, 2]);
  assert.deepEqual(numbers(values.grad), [0, 3, 4, 1, 0, 2]);
});

test('scatterElements: no gradient passes', async () => {
  const [base, values] = [input('base', [3]), input('values', [1])];
  const written = graph.scatterElements(base, constant([1], [1], 'int64'), values, 0);
  const grads = gradients(sum(graph.add(written, base)), [base, values]);
  const got = await evaluate(
    { a: grads[0], b: grads[1] },
    { base: new Float32Array(3), values: new Float32Array(1) },
  );
  assertAllclose(got.a, [1, 1, 1]);
  assertAllclose(got.b, [0]);
});
