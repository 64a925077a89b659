import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum, type Tensor } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { broadcasting, runs } from '../../support/shapes.js';
import { cases } from '../cases/arithmetic.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

/** dΣf/dx at given float32 points. */
async function slopes(f: (x: Tensor) => Tensor, points: readonly number[]): Promise<number[]> {
  const x = input('x', [points.length]);
  const [grad] = gradients(sum(f(x)), [x]);
  return numbers((await evaluate({ grad }, { x: Float32Array.from(points) })).grad);
}

test('binary operators: gradients for any shapes that broadcast', async () => {
  const operators = [graph.add, graph.sub, graph.mul, graph.div, graph.max, graph.min];
  await fc.assert(
    fc.asyncProperty(broadcasting(2), fc.nat(1e6), async (shapes, seed) => {
      const all = ([a, b]: Tensor[]) =>
        graph.concat(
          operators.map((operator) => graph.reshape(operator(a, b), [-1])),
          0,
        );
      await checkGradient(all, shapes, { range: [0.5, 2], seed, step: 1e-5, rtol: 1e-5, atol: 1e-7 });
    }),
    runs(15),
  );
});

test('max and min: equal operands get half of the gradient each', async () => {
  const [a, b] = [input('a', [3]), input('b', [3])];
  const [maxA, maxB] = gradients(sum(graph.max(a, b)), [a, b]);
  const [minA, minB] = gradients(sum(graph.min(a, b)), [a, b]);
  const values = await evaluate(
    { maxA, maxB, minA, minB },
    { a: Float32Array.of(1, 2, 3), b: Float32Array.of(1, 3, 2) },
  );
  assert.deepEqual(numbers(values.maxA), [0.5, 0, 1]);
  assert.deepEqual(numbers(values.maxB), [0.5, 1, 0]);
  assert.deepEqual(numbers(values.minA), [0.5, 1, 0]);
  assert.deepEqual(numbers(values.minB), [0.5, 0, 1]);
  assert.deepEqual(await slopes((x) => graph.max(x, x), [1, -2]), [1, 1]);
});

test('where a function bends, the gradient is the documented one', async () => {
  assert.deepEqual(await slopes(graph.abs, [-2, 0, 2]), [-1, 0, 1]);
  assert.deepEqual(await slopes(graph.relu, [-2, 0, 2]), [0, 0, 1]);
  assert.deepEqual(await slopes((x) => graph.clip(x, -1, 1), [-1.5, -1, 0, 1, 1.5]), [0, 1, 1, 1, 0]);
  assert.deepEqual(await slopes((x) => graph.clip(x, 0, Number.POSITIVE_INFINITY), [-1, 0, 1]), [0, 1, 1]);
  assert.deepEqual(await slopes((x) => graph.clip(x, Number.NEGATIVE_INFINITY, 0), [-1, 0, 1]), [1, 1, 0]);
  assert.deepEqual(await slopes((x) => graph.pow(x, 0), [0, 1, 2]), [0, 0, 0]);
  assert.deepEqual(await slopes((x) => graph.pow(x, 2), [0, 1]), [0, 2]);
});

test('asinh: large negative, tiny and zero arguments in float32, value and slope', async () => {
  const points = Float32Array.of(-1e9, -1e6, -1000, -101, -0.3, -1e-3, -1e-6, 0, 1e-8, 1e-4, 0.02, 5, 1e9);
  const x = input('x', [points.length]);
  const { value } = await evaluate({ value: graph.asinh(x) }, { x: points });
  assertAllclose(value, Array.from(points, Math.asinh), { rtol: 3e-7 });
  const exact = Array.from(points, (v) => 1 / Math.sqrt(v * v + 1));
  assertAllclose(await slopes(graph.asinh, Array.from(points)), exact, { rtol: 3e-7 });
});

test('acosh and atanh: slopes keep their digits close to the ends of their domains', async () => {
  const nearOne = Float32Array.of(1.0001, 1.001, 1.01, 10);
  assertAllclose(
    await slopes(graph.acosh, Array.from(nearOne)),
    Array.from(nearOne, (x) => 1 / Math.sqrt((x - 1) * (x + 1))),
    { rtol: 1e-6 },
  );
  const inside = Float32Array.of(-0.99999, -0.999, 0, 1e-6, 0.9999, 0.99999);
  assertAllclose(
    await slopes(graph.atanh, Array.from(inside)),
    Array.from(inside, (x) => 1 / ((1 - x) * (1 + x))),
    { rtol: 1e-6 },
  );
});

test('integers: arithmetic without gradient', async () => {
  const x = input('x', [3], 'int32');
  const y = graph.sub(graph.mul(graph.add(x, 2), graph.max(x, 1)), graph.neg(x));
  const { value } = await evaluate({ value: y }, { x: Int32Array.of(-1, 0, 5) });
  assert.deepEqual(numbers(value), [0, 2, 40]);
});

test('neutral elements add no nodes', () => {
  const x = input('x', [2]);
  for (const same of [
    graph.add(x, 0),
    graph.add(0, x),
    graph.sub(x, 0),
    graph.mul(x, 1),
    graph.div(x, 1),
    graph.pow(x, 1),
    graph.add(x, constant(0)),
  ])
    assert.equal(same, x);
});
