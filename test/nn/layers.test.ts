import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type DType, gradientsOf, input, type Tensor } from '../../src/graph/index.js';
import {
  batchNorm,
  convolution,
  layerNorm,
  linear,
  normalizedConvolution,
  Scope,
} from '../../src/nn/index.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, floats, numbers } from '../support/evaluate.js';
import { checkGradient } from '../support/gradientCheck.js';
import { plainConvolution, plainLayerNorm, plainLinear } from './oracle.js';
import { randomArrays, randomNumbers, run } from './support.js';

/** Rows of a flat list. */
const rowsOf = (values: number[], width: number) =>
  Array.from({ length: values.length / width }, (_, r) => values.slice(r * width, (r + 1) * width));

describe('linear and layer normalisation', () => {
  it('are their formulas over the last axis of any rank', async () => {
    const scope = new Scope({ training: true, dtype: 'float64' });
    const x = input('x', [2, 3, 5], 'float64');
    const outputs = { linear: linear(scope, 'fc', x, 4), norm: layerNorm(scope, 'norm', x) };
    assert.deepEqual(outputs.linear.shape, [2, 3, 4]);
    const values = randomArrays(scope);
    const given = randomNumbers(30, 'x');
    const result = await run(outputs, values, { x: floats('float64', given) });
    assertAllclose(result.linear, plainLinear(values, 'fc', rowsOf(given, 5)).flat(), { rtol: 1e-12 });
    assertAllclose(result.norm, plainLayerNorm(values, 'norm', rowsOf(given, 5)).flat(), { rtol: 1e-9 });
  });

  it('have the gradients of central differences', async () => {
    const asInputs = (build: (scope: Scope, x: Tensor) => Tensor, names: string[]) => (inputs: Tensor[]) => {
      const scope = new Scope({ training: true, dtype: 'float64' });
      for (const [i, name] of names.entries())
        scope.arrays.set(name, {
          name,
          shape: inputs[i + 1].shape,
          initial: { kind: 'constant', value: 0 },
          trained: true,
          tensor: inputs[i + 1],
        });
      return build(scope, inputs[0]);
    };
    const fc = asInputs((scope, x) => linear(scope, 'fc', x, 2), ['fc.weight', 'fc.bias']);
    await checkGradient(fc, [[3, 4], [2, 4], [2]]);
    const norm = asInputs((scope, x) => layerNorm(scope, 'n', x), ['n.weight', 'n.bias']);
    await checkGradient(norm, [[3, 4], [4], [4]]);
  });
});

describe('convolution', () => {
  it('is its formula', async () => {
    for (const options of [{ kernel: 3, padding: 1 }, { kernel: 2, stride: 2 }, { kernel: 1 }]) {
      const scope = new Scope({ training: true });
      const shape = [2, 3, 4, 6];
      const y = convolution(scope, 'conv', input('x', shape), 5, options);
      const values = randomArrays(scope);
      const x = floats('float32', randomNumbers(144, 'x'));
      const { y: result } = await run({ y }, values, { x });
      const expected = plainConvolution(x, shape, values['conv.weight'], { channels: 5, ...options });
      assertAllclose(result, expected, { rtol: 1e-5, atol: 1e-6 });
    }
  });
});

describe('a convolution with its frozen normalisation', () => {
  const shape = [2, 4, 6, 6];
  const names = { conv: 'conv', norm: 'norm' };
  const options = { kernel: 3, stride: 2, padding: 1 };

  it('has the value and the gradients of the two after each other', async () => {
    const sides = [true, false].map((together) => {
      const scope = new Scope({ training: true });
      const x = input('x', shape);
      const y = together
        ? normalizedConvolution(scope, names, x, 5, { ...options, frozen: true })
        : batchNorm(scope, 'norm', convolution(scope, 'conv', x, 5, options), { frozen: true });
      const learned = scope.parameters.map(({ tensor }) => tensor);
      const gradients = gradientsOf([y], [x, ...learned], [input('g', y.shape)]);
      const named = ['dx', ...scope.parameters.map(({ name }) => name)];
      return {
        scope,
        y,
        gradients: Object.fromEntries(gradients.map((g, i) => [`gradient/${named[i]}`, g])),
      };
    });
    assert.deepEqual([...sides[0].scope.arrays.keys()].sort(), [...sides[1].scope.arrays.keys()].sort());
    const values = randomArrays(sides[0].scope);
    const feeds = {
      x: floats('float32', randomNumbers(288, 'x')),
      g: floats('float32', randomNumbers(90, 'g')),
    };
    const [one, two] = await Promise.all(
      sides.map(({ y, gradients }) => run<string>({ y, ...gradients }, values, feeds)),
    );
    for (const name of Object.keys(two))
      assertAllclose(one[name], two[name] as Float32Array, { rtol: 1e-4, atol: 1e-5 }, name);
  });

  it('is written as two in evaluation, where nothing is trained, and where the statistics are the batch’s', () => {
    const isTwo = (training: boolean, frozen: boolean, trained = true) => {
      const scope = new Scope({ training, isTrained: () => trained });
      const { node } = normalizedConvolution(scope, names, input('x', shape), 5, { ...options, frozen });
      return node.op !== 'Conv';
    };
    assert.deepEqual(
      [isTwo(false, true), isTwo(true, true, false), isTwo(true, false), isTwo(true, true)],
      [true, true, true, false],
    );
  });
});

describe('batch normalisation', () => {
  const shape = [4, 3, 2, 2];
  const perChannel = shape[0] * shape[2] * shape[3];
  const given = randomNumbers(perChannel * 3, 'images');
  const channelOf = (at: number) => Math.floor(at / 4) % 3;
  const channel = (c: number) => given.filter((_, at) => channelOf(at) === c);
  const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
  const squares = (values: number[]) => values.reduce((sum, x) => sum + (x - mean(values)) ** 2, 0);

  /** The layer's output and observations. */
  async function layer({
    training,
    frozen = false,
    dtype = 'float32',
  }: {
    training: boolean;
    frozen?: boolean;
    dtype?: DType;
  }) {
    const scope = new Scope({ training, dtype });
    const y = batchNorm(scope, 'norm', input('x', shape, dtype), { frozen });
    const observed = Object.fromEntries(scope.observations.map(({ buffer, value }) => [buffer, value]));
    const values = randomArrays(scope);
    const feeds = { x: floats(dtype as 'float32', given) };
    // Arrays that the graph does not use are no inputs of it; feeding them is harmless.
    return { values, ...(await evaluate({ y, ...observed }, { ...values, ...feeds })) } as {
      values: typeof values;
      y: Float32Array;
    } & Record<string, Float32Array>;
  }

  it('normalises by the statistics of the batch in training, and reports them', async () => {
    const { values, y, ...observed } = await layer({ training: true });
    const expected = given.map((x, at) => {
      const c = channelOf(at);
      const variance = squares(channel(c)) / perChannel;
      const normal = (x - mean(channel(c))) / Math.sqrt(variance + 1e-5);
      return normal * values['norm.weight'][c] + values['norm.bias'][c];
    });
    assertAllclose(y, expected, { rtol: 1e-4, atol: 1e-5 });
    const channels = [0, 1, 2].map(channel);
    assertAllclose(observed['norm.running_mean'], channels.map(mean), { rtol: 1e-5, atol: 1e-6 });
    const unbiased = channels.map((values) => squares(values) / (perChannel - 1));
    assertAllclose(observed['norm.running_var'], unbiased, { rtol: 1e-5 });
  });

  it('normalises by the running statistics in evaluation, and in training when frozen', async () => {
    for (const settings of [{ training: false }, { training: true, frozen: true }]) {
      const { values, y, ...observed } = await layer(settings);
      const expected = given.map((x, at) => {
        const c = channelOf(at);
        const deviation = Math.sqrt(values['norm.running_var'][c] + 1e-5);
        const normal = (x - values['norm.running_mean'][c]) / deviation;
        return normal * values['norm.weight'][c] + values['norm.bias'][c];
      });
      assertAllclose(y, expected, { rtol: 1e-5, atol: 1e-6 });
      assert.deepEqual(Object.keys(observed), []);
    }
  });

  it('is one and the same when the running statistics are those of the batch', async () => {
    const scope = new Scope({ training: true });
    const x = input('x', shape);
    const trained = batchNorm(scope, 'norm', x);
    const frozen = batchNorm(scope, 'norm', x, { frozen: true });
    const values = randomArrays(scope);
    values['norm.running_mean'] = floats(
      'float32',
      [0, 1, 2].map((c) => mean(channel(c))),
    );
    values['norm.running_var'] = floats(
      'float32',
      [0, 1, 2].map((c) => squares(channel(c)) / perChannel),
    );
    const result = await run({ trained, frozen }, values, { x: floats('float32', given) });
    assertAllclose(result.trained, numbers(result.frozen), { rtol: 1e-5, atol: 1e-6 });
  });
});
