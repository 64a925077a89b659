import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import * as graph from '../../../src/graph/index.js';
import { constant, gradients, input, sum } from '../../../src/graph/index.js';
import { randomStream } from '../../../src/random.js';
import { assertAllclose } from '../../support/allclose.js';
import { evaluate } from '../../support/evaluate.js';
import { at, fill, type NdArray, reduce } from '../../support/ndarray.js';
import { runs } from '../../support/shapes.js';
import { cases, convolved, everyProduct, type Plan, placeIn } from '../cases/convolution.js';
import { testCases } from '../operatorCase.js';

testCases(cases);

function drawn(shape: readonly number[], seed: number, purpose: string): NdArray {
  const random = randomStream(seed, purpose);
  return fill(shape, () => Math.fround(2 * random.uniform() - 1));
}

/** Gradients of Σ g · conv(x, weight) by the definition: every product gives to both of its factors. */
function gradientLoops(x: NdArray, weight: NdArray, g: NdArray, plan: Plan) {
  const [dx, dw] = [fill(x.shape, () => 0), fill(weight.shape, () => 0)];
  everyProduct(x.shape, weight.shape, plan, (from, tap, to) => {
    const slope = at(g, to);
    dx.data[placeIn(x, from)] += slope * at(weight, tap);
    dw.data[placeIn(weight, tap)] += slope * at(x, from);
  });
  return { dx, dw };
}

const pairOf = (min: number, max: number) =>
  fc.tuple(fc.integer({ min, max }), fc.integer({ min, max })) as fc.Arbitrary<[number, number]>;

/** Convolutions that fit: kernels of any size, strides, four paddings, holes, groups of equal or depthwise channels. */
const plans = fc
  .record({
    kernel: pairOf(1, 5),
    stride: pairOf(1, 3),
    dilation: fc.oneof(fc.constant<[number, number]>([1, 1]), pairOf(1, 2)),
    before: pairOf(0, 3),
    after: pairOf(0, 3),
    extra: pairOf(0, 6),
    batch: fc.integer({ min: 1, max: 3 }),
    groups: fc.integer({ min: 1, max: 3 }),
    part: fc.integer({ min: 1, max: 3 }),
    outputs: fc.integer({ min: 1, max: 2 }),
    seed: fc.nat(1e6),
  })
  .map(({ kernel, stride, dilation, before, after, extra, batch, groups, part, outputs, seed }) => {
    const size = [0, 1].map(
      (i) => Math.max(1, (kernel[i] - 1) * dilation[i] + 1 - before[i] - after[i]) + extra[i],
    );
    const plan: Plan = { stride, dilation, padding: [...before, ...after], groups };
    return {
      image: [batch, groups * part, ...size],
      weights: [groups * outputs, part, ...kernel],
      plan,
      seed,
    };
  });

test('conv2d: value and gradients against direct loops, for any sizes', async () => {
  await fc.assert(
    fc.asyncProperty(plans, async ({ image, weights, plan, seed }) => {
      const [x, weight, bias] = [input('x', image), input('weight', weights), input('bias', [weights[0]])];
      const y = graph.conv2d(x, weight, { ...plan, bias });
      const values = {
        x: drawn(image, seed, 'x'),
        weight: drawn(weights, seed, 'w'),
        bias: drawn([weights[0]], seed, 'b'),
        g: drawn(y.shape, seed, 'g'),
      };
      const loss = sum(graph.mul(y, constant(values.g.data, y.shape)));
      const [dx, dw, db] = gradients(loss, [x, weight, bias]);
      const got = await evaluate(
        { y, dx, dw, db },
        {
          x: Float32Array.from(values.x.data),
          weight: Float32Array.from(values.weight.data),
          bias: Float32Array.from(values.bias.data),
        },
      );
      const expected = gradientLoops(values.x, values.weight, values.g, plan);
      const db0 = reduce(values.g, [0, 2, 3], false, (v) => v.reduce((a, b) => a + b, 0));
      const tolerance = { rtol: 1e-4, atol: 2e-5 };
      const y0 = convolved(values.x, values.weight, plan, values.bias);
      assertAllclose(got.y, y0.data, tolerance, 'value');
      assertAllclose(got.dx, expected.dx.data, tolerance, 'input gradient');
      assertAllclose(got.dw, expected.dw.data, tolerance, 'weight gradient');
      assertAllclose(got.db, db0.data, tolerance, 'bias gradient');
    }),
    runs(120),
  );
});

test('a weight of 1 × 1 has the same gradient by image as over all images', async () => {
  const [image, weights] = [
    [3, 6, 5, 4],
    [8, 6, 1, 1],
  ];
  const [x, weight] = [input('x', image), input('weight', weights)];
  const gradientOf = (weightGradient: 'together' | 'byImage') => {
    const y = graph.conv2d(x, weight, { weightGradient });
    const seed = constant(drawn(y.shape, 5, 'g').data, y.shape);
    return gradients(sum(graph.mul(y, seed)), [weight])[0];
  };
  const outputs = { together: gradientOf('together'), byImage: gradientOf('byImage') };
  assert.equal(outputs.byImage.node.inputs[0].node.inputs[0].node.op, 'MatMul');
  const values = await evaluate(outputs, {
    x: Float32Array.from(drawn(image, 5, 'x').data),
    weight: Float32Array.from(drawn(weights, 5, 'w').data),
  });
  assertAllclose(values.byImage, values.together, { rtol: 1e-5, atol: 1e-5 });
});

test('the weight has the same gradient in many channels as in few at a time', async () => {
  const [image, weights, few] = [[2, 18, 6, 5], [3, 18, 3, 2], 9] as const;
  const [x, weight] = [input('x', image), input('weight', weights)];
  const options = { stride: 2, padding: 1 };
  const whole = graph.conv2d(x, weight, options);
  const [left, right] = [0, few].map((from) =>
    graph.conv2d(graph.slice(x, 1, from, from + few), graph.slice(weight, 1, from, from + few), options),
  );
  const seed = constant(drawn(whole.shape, 7, 'g').data, whole.shape);
  const gradientOf = (y: graph.Tensor) => gradients(sum(graph.mul(y, seed)), [weight])[0];
  const outputs = { many: gradientOf(whole), few: gradientOf(graph.add(left, right)) };
  const values = await evaluate(outputs, {
    x: Float32Array.from(drawn(image, 7, 'x').data),
    weight: Float32Array.from(drawn(weights, 7, 'w').data),
  });
  assertAllclose(values.few, values.many, { rtol: 1e-5, atol: 1e-5 });
});
