import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { gradients, input, type Tensor } from '../../../src/graph/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { checkGradient } from '../../support/gradientCheck.js';
import { runs, shapes } from '../../support/shapes.js';
import { cases } from '../cases/reduce.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

test('reductions: gradients for any shape and axes', async () => {
  const reductions = [
    graph.sum,
    graph.mean,
    graph.sumSquares,
    graph.reduceMax,
    graph.reduceMin,
    graph.logSumExp,
  ];
  const plans = shapes(1).chain((shape) => fc.tuple(fc.constant(shape), fc.subarray(shape.map((_, i) => i))));
  await fc.assert(
    fc.asyncProperty(plans, fc.boolean(), fc.nat(1e6), async ([shape, axes], keepDims, seed) => {
      const all = ([x]: Tensor[]) =>
        graph.concat(
          reductions.map((reduction) => graph.reshape(reduction(x, { axes, keepDims }), [-1])),
          0,
        );
      await checkGradient(all, [shape], { range: [-2, 2], seed, step: 1e-5, rtol: 1e-5, atol: 1e-7 });
    }),
    runs(15),
  );
});

test('reduceMax and reduceMin: equal extremes share the gradient equally', async () => {
  const x = input('x', [2, 4]);
  const weights = graph.constant([1, 6], [2]);
  const [largest] = gradients(graph.sum(graph.mul(graph.reduceMax(x, { axes: [1] }), weights)), [x]);
  const [smallest] = gradients(graph.sum(graph.mul(graph.reduceMin(x, { axes: [1] }), weights)), [x]);
  const values = await evaluate({ largest, smallest }, { x: Float32Array.of(3, 1, 3, 2, 5, 5, 5, 4) });
  assertAllclose(values.largest, [0.5, 0, 0.5, 0, 2, 2, 2, 0]);
  assertAllclose(values.smallest, [0, 1, 0, 0, 0, 0, 0, 6]);
});

test('logSumExp: huge values in float32 neither overflow nor lose the gradient', async () => {
  const rows = [
    [1e4, 1e4, 1e4 - 1],
    [-1e4, -1e4, -1e4 - 1],
    [3e38, -3e38, 0],
    [200, Number.NEGATIVE_INFINITY, 200],
  ];
  const x = input('x', [4, 3]);
  const value = graph.logSumExp(x, { axes: [1] });
  const zero = graph.logSumExp(x, { axes: [1], withZero: true });
  const [grad] = gradients(graph.sum(value), [x]);
  const [gradZero] = gradients(graph.sum(zero), [x]);
  const values = await evaluate({ value, zero, grad, gradZero }, { x: Float32Array.from(rows.flat()) });
  const shared = Math.log(2 + Math.exp(-1));
  assertAllclose(values.value, [1e4 + shared, -1e4 + shared, 3e38, 200 + Math.log(2)], { rtol: 1e-6 });
  assertAllclose(values.zero, [1e4 + shared, 0, 3e38, 200 + Math.log(2)], { rtol: 1e-6 });
  const third = [1, 1, Math.exp(-1)].map((e) => e / (2 + Math.exp(-1)));
  const tolerance = { rtol: 1e-6, atol: 1e-7 };
  assertAllclose(values.grad, [...third, ...third, 1, 0, 0, 0.5, 0, 0.5], tolerance);
  assertAllclose(values.gradZero, [...third, 0, 0, 0, 1, 0, 0, 0.5, 0, 0.5], tolerance);
});

test('logSumExp with zero is soft-plus of one value', async () => {
  const x = input('x', [5, 1]);
  const points = [-50, -1, 0, 1, 50];
  const { value } = await evaluate(
    { value: graph.logSumExp(x, { axes: [1], withZero: true }) },
    { x: Float32Array.from(points) },
  );
  assertAllclose(
    value,
    points.map((v) => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)))),
    {
      rtol: 1e-6,
      atol: 1e-7,
    },
  );
});

test('an empty axis: the sum is 0; mean and extremes are refused', async () => {
  const x = input('x', [2, 0]);
  const { value } = await evaluate({ value: graph.sum(x, { axes: [1] }) }, { x: new Float32Array(0) });
  assert.deepEqual(numbers(value), [0, 0]);
  assert.throws(() => graph.mean(x), /ReduceMean: the mean of no elements/);
  assert.throws(() => graph.reduceMax(x), /ReduceMax: there are no elements to take an extreme of/);
});
