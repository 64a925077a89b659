import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createBackbone, residualCnn } from '../../src/backbones/index.js';
import { input, sizeOf } from '../../src/graph/index.js';
import { initialize, Scope } from '../../src/nn/index.js';
import { plainConvolution } from '../nn/oracle.js';
import { randomArrays, randomNumbers, run } from '../nn/support.js';
import { assertAllclose } from '../support/allclose.js';
import { floats, numbers } from '../support/evaluate.js';
import { checkSlopes } from './support.js';

const TINY = { patch: 3, stem: 4, widths: [5], blocks: [1], bottleneck: [2], features: 'last' } as const;

describe('the residual network', () => {
  it('is its formula in evaluation', async () => {
    const [b, side] = [2, 8];
    const scope = new Scope({ training: false });
    const y = residualCnn(TINY).forward(input('images', [b, 3, side, side]), scope);
    const values = randomArrays(scope);
    const images = floats('float32', randomNumbers(b * 3 * side * side, 'images'));
    const result = await run({ y }, values, { images });

    let [x, shape] = [Array.from(images), [b, 3, side, side]];
    type Options = { kernel: number; stride?: number; padding?: number };
    const convolve = (name: string, channels: number, options: Options) => {
      const { stride = 1 } = options;
      const [, , h, w] = shape;
      const y = plainConvolution(x, shape, values[`backbone.${name}.weight`], { channels, ...options });
      [x, shape] = [y, [b, channels, h / stride, w / stride]];
    };
    const normalise = (name: string) => {
      const of = (part: string) => values[`backbone.${name}.${part}`];
      x = x.map((value, at) => {
        const c = Math.floor(at / (shape[2] * shape[3])) % shape[1];
        const deviation = Math.sqrt(of('running_var')[c] + 1e-5);
        return ((value - of('running_mean')[c]) / deviation) * of('weight')[c] + of('bias')[c];
      });
    };
    const unit = (name: string, channels: number, options: Options) => {
      convolve(`${name}.conv`, channels, options);
      normalise(`${name}.norm`);
      x = x.map((value) => Math.max(0, value));
    };
    unit('patch', 3, { kernel: 2, stride: 2 });
    unit('stem', 4, { kernel: 3, padding: 1 });
    unit('stages.0.down', 5, { kernel: 2, stride: 2 });
    const kept = x;
    unit('stages.0.blocks.0.1', 2, { kernel: 1 });
    unit('stages.0.blocks.0.2', 2, { kernel: 3, padding: 1 });
    convolve('stages.0.blocks.0.3.conv', 5, { kernel: 1 });
    normalise('stages.0.blocks.0.3.norm');
    x = x.map((value, at) => Math.max(0, value + kept[at]));
    const expected = Array.from({ length: b * 5 }, (_, at) => {
      const plane = x.slice(at * 4, at * 4 + 4);
      return plane.reduce((sum, value) => sum + value, 0) / 4 + Math.max(...plane);
    });
    assertAllclose(result.y, expected, { rtol: 1e-4, atol: 1e-5 });
  });

  it('has the slopes of central differences, with statistics of the batch and with running ones', async () => {
    for (const training of [true, false])
      await checkSlopes(residualCnn(TINY), { images: 6, side: 8, training });
  });

  it('reports a mean and a variance for every normalisation', () => {
    const scope = new Scope({ training: true });
    residualCnn(TINY).forward(input('images', [2, 3, 8, 8]), scope);
    const buffers = [...scope.arrays.values()].filter(({ trained }) => !trained).map(({ name }) => name);
    assert.deepEqual(
      scope.observations.map(({ buffer }) => buffer),
      buffers,
    );
    assert.equal(buffers.length, 2 * 6);
  });

  it('starts with blocks that change nothing', async () => {
    const features = async (blocks: number) => {
      const scope = new Scope({ training: true });
      const y = residualCnn({ ...TINY, blocks: [blocks] }).forward(input('images', [3, 3, 8, 8]), scope);
      const values = Object.fromEntries(
        [...scope.arrays.values()].map(({ name, shape, initial }) => [
          name,
          initialize(initial, shape, 1, name),
        ]),
      );
      const images = floats('float32', randomNumbers(3 * 3 * 64, 'images'));
      return numbers((await run({ y }, values, { images })).y);
    };
    assertAllclose(await features(2), await features(0), { rtol: 1e-6 });
  });

  it('has the pooled stages one after the other as its feature, when asked for', async () => {
    const options = { ...TINY, widths: [5, 4], blocks: [1, 0], bottleneck: [2, 2] };
    const scope = new Scope({ training: false });
    const images = input('images', [2, 3, 8, 8]);
    const [both, second, first] = [
      residualCnn({ ...options, features: 'all' }),
      residualCnn(options),
      residualCnn(TINY),
    ];
    assert.deepEqual([both.width, second.width, first.width], [9, 4, 5]);
    const outputs = {
      both: both.forward(images, scope),
      second: second.forward(images, scope),
      first: first.forward(images, scope),
    };
    assert.deepEqual(outputs.both.shape, [2, 9]);
    const feeds = { images: floats('float32', randomNumbers(2 * 3 * 64, 'images')) };
    const result = await run(outputs, randomArrays(scope), feeds);
    const rows = (values: number[], width: number) => [values.slice(0, width), values.slice(width)];
    const [a, b] = [rows(numbers(result.first), 5), rows(numbers(result.second), 4)];
    assertAllclose(result.both, [...a[0], ...b[0], ...a[1], ...b[1]], { rtol: 1e-6 });
  });

  it('has as many parameters as its sizes say', () => {
    const scope = new Scope({ training: true });
    const choice = {
      patch: 16,
      stem: 32,
      widths: [48, 96, 192],
      blocks: [1, 1, 1],
      bottleneck: [24, 48, 96],
      features: 'last',
    } as const;
    const backbone = createBackbone({ name: 'residual-cnn', ...choice });
    assert.equal(backbone.width, 192);
    backbone.forward(input('images', [2, 3, 32, 32]), scope);
    let expected = 3 * 16 * 4 + 2 * 16 + 16 * 32 * 9 + 2 * 32;
    let before = 32;
    choice.widths.forEach((width, s) => {
      const inner = choice.bottleneck[s];
      expected += before * width * 4 + 2 * width;
      expected += width * inner + 2 * inner + inner * inner * 9 + 2 * inner + inner * width + 2 * width;
      before = width;
    });
    assert.equal(
      scope.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0),
      expected,
    );
  });
});
