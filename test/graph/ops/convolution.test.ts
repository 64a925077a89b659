import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum } from '../../../src/graph/index.js';
import { randomStream } from '../../../src/random.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate, numbers } from '../../support/evaluate.js';
import { array, at, fill, type NdArray } from '../../support/ndarray.js';
import { runs } from '../../support/shapes.js';
import { cases, convolved } from '../cases/convolution.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

function drawn(shape: readonly number[], seed: number, purpose: string): NdArray {
  const random = randomStream(seed, purpose);
  return fill(shape, () => Math.fround(2 * random.uniform() - 1));
}

/** Gradients of Σ g · conv(x, weight) by the definition: every product gives to both of its factors. */
function gradientLoops(x: NdArray, weight: NdArray, g: NdArray, stride: number, padding: number) {
  const [dx, dw] = [fill(x.shape, () => 0), fill(weight.shape, () => 0)];
  const [, c, h, w] = x.shape;
  const k = weight.shape[2];
  const flat = ({ shape }: NdArray, index: readonly number[]) =>
    index.reduce((offset, i, axis) => offset * shape[axis] + i, 0);
  fill(g.shape, ([b, o, row, column]) => {
    const slope = at(g, [b, o, row, column]);
    for (let channel = 0; channel < c; channel++)
      for (let i = 0; i < k; i++)
        for (let j = 0; j < k; j++) {
          const [y, z] = [row * stride + i - padding, column * stride + j - padding];
          if (y < 0 || y >= h || z < 0 || z >= w) continue;
          const [place, tap] = [flat(x, [b, channel, y, z]), flat(weight, [o, channel, i, j])];
          dx.data[place] += slope * weight.data[tap];
          dw.data[tap] += slope * x.data[place];
        }
    return 0;
  });
  return { dx, dw };
}

test('conv2d: value and both gradients against direct loops, for any sizes', async () => {
  const plans = fc
    .record({
      kernel: fc.integer({ min: 1, max: 5 }),
      stride: fc.integer({ min: 1, max: 3 }),
      padding: fc.integer({ min: 0, max: 3 }),
      extra: fc.tuple(fc.nat(6), fc.nat(6)),
      counts: fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
      ),
      seed: fc.nat(1e6),
    })
    .map(({ kernel, stride, padding, extra, counts: [b, c, o], seed }) => {
      const size = (more: number) => Math.max(1, kernel - 2 * padding) + more;
      return {
        image: [b, c, size(extra[0]), size(extra[1])],
        weights: [o, c, kernel, kernel],
        stride,
        padding,
        seed,
      };
    });
  await fc.assert(
    fc.asyncProperty(plans, async ({ image, weights, stride, padding, seed }) => {
      const [x, weight] = [input('x', image), input('weight', weights)];
      const y = graph.conv2d(x, weight, { stride, padding });
      const values = {
        x: drawn(image, seed, 'x'),
        weight: drawn(weights, seed, 'w'),
        g: drawn(y.shape, seed, 'g'),
      };
      const loss = sum(graph.mul(y, constant(values.g.data, y.shape)));
      const [dx, dw] = gradients(loss, [x, weight]);
      const got = await evaluate(
        { y, dx, dw },
        { x: Float32Array.from(values.x.data), weight: Float32Array.from(values.weight.data) },
      );
      const expected = gradientLoops(values.x, values.weight, values.g, stride, padding);
      const tolerance = { rtol: 1e-4, atol: 2e-5 };
      assertAllclose(got.y, convolved(values.x, values.weight, stride, padding).data, tolerance, 'value');
      assertAllclose(got.dx, expected.dx.data, tolerance, 'input gradient');
      assertAllclose(got.dw, expected.dw.data, tolerance, 'weight gradient');
    }),
    runs(60),
  );
});

test('normalizeBatch returns the mean and the unbiased variance of each channel', async () => {
  const x = input('x', [2, 2, 1, 2], 'float64');
  const one = constant(1, [2], 'float64');
  const { mean, unbiasedVariance } = graph.normalizeBatch(x, { gamma: one, beta: one, epsilon: 1e-5 });
  const got = await evaluate({ mean, unbiasedVariance }, { x: Float64Array.of(1, 2, 10, 10, 3, 6, 10, 10) });
  assertAllclose(got.mean, [3, 10]);
  assertAllclose(got.unbiasedVariance, [14 / 3, 0], { atol: 1e-12 });
});

test('normalizeBatch: float32 data with a mean of 100 deviations still comes out normal', async () => {
  const shape = [64, 1, 2, 2];
  const random = randomStream(5, 'offset data');
  const data = Float32Array.from({ length: 256 }, () => 100 + random.normal());
  const x = input('x', shape);
  const [gamma, beta] = [constant(1, [1]), constant(0, [1])];
  const { result } = graph.normalizeBatch(x, { gamma, beta, epsilon: 1e-5 });
  const { value } = await evaluate({ value: result }, { x: data });
  const exact = array(shape, data);
  const mean = exact.data.reduce((a, b) => a + b) / 256;
  const variance = exact.data.reduce((a, b) => a + (b - mean) ** 2, 0) / 256;
  const expected = exact.data.map((v) => (v - mean) / Math.sqrt(variance + 1e-5));
  // Means of squares lose (mean / deviation)² · 6e-8 of the variance, here 6e-4 of it.
  assertAllclose(value, expected, { rtol: 2e-3, atol: 1e-3 });
});

test('normalizeBatch: a constant channel gives beta and finite gradients', async () => {
  const x = input('x', [4, 1]);
  const [gamma, beta] = [constant(2, [1]), constant(-1, [1])];
  const { result } = graph.normalizeBatch(x, { gamma, beta, epsilon: 1e-5 });
  const [grad] = gradients(sum(graph.mul(result, constant([1, 0, 0, 0], [4, 1]))), [x]);
  const got = await evaluate({ result, grad }, { x: Float32Array.of(3, 3, 3, 3) });
  assertAllclose(got.result, [-1, -1, -1, -1], { rtol: 1e-6 });
  assert.ok(numbers(got.grad).every(Number.isFinite), String(got.grad));
});

test('globalMaxPool: equal maxima share the gradient', async () => {
  const x = input('x', [1, 1, 2, 2]);
  const [grad] = gradients(sum(graph.globalMaxPool(x)), [x]);
  const got = await evaluate({ grad }, { x: Float32Array.of(1, 4, 4, 2) });
  assert.deepEqual(numbers(got.grad), [0, 0.5, 0.5, 0]);
});
