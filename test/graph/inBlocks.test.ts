/** Depthwise convolutions in blocks of channels: equal to the ordinary form, and only where the engine has the kernels. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InferenceSession } from 'onnxruntime-common';
import { blockSizeOf } from '../../src/graph/blockSize.js';
import { loadEngine, type Ort } from '../../src/graph/engine.js';
import * as graph from '../../src/graph/index.js';
import { buildModel, buildWithBlocks, gradientsOf, input, openSession, relu } from '../../src/graph/index.js';
import { randomStream } from '../../src/random.js';
import { assertAllclose } from '../support/allclose.js';
import { numbers } from '../support/evaluate.js';

type Case = {
  readonly image: [number, number, number, number];
  readonly kernel: [number, number];
} & graph.WindowOptions;

const cases: readonly Case[] = [
  { image: [2, 16, 9, 9], kernel: [3, 3], padding: 1 },
  { image: [2, 16, 10, 8], kernel: [3, 3], padding: 1, stride: 2 },
  { image: [3, 4, 9, 7], kernel: [3, 3], padding: [0, 0, 1, 1], stride: 2 },
  { image: [2, 12, 11, 9], kernel: [5, 5], padding: 2 },
  { image: [1, 20, 9, 12], kernel: [5, 5], padding: [1, 2, 2, 1], stride: [2, 1] },
  { image: [2, 4, 11, 9], kernel: [5, 3], padding: [2, 1, 1, 0], dilation: 2 },
  { image: [1, 20, 7, 7], kernel: [3, 3], stride: 3 },
  { image: [2, 8, 6, 6], kernel: [1, 1] },
  { image: [2, 8, 8, 8], kernel: [3, 3], padding: [3, 0, 0, 3] },
  { image: [2, 28, 9, 8], kernel: [2, 2], stride: 2 },
];

/** A depthwise convolution between other operators, with all its gradients. */
function modelOf({ image, kernel, ...windows }: Case) {
  const channels = image[1];
  const x = input('x', image);
  const weight = input('weight', [channels, 1, ...kernel]);
  const bias = input('bias', [channels]);
  const y = graph.conv2d(relu(x), weight, { ...windows, bias, groups: channels });
  const arriving = input('arriving', y.shape);
  const [dx, dWeight, dBias] = gradientsOf([graph.tanh(y)], [x, weight, bias], [arriving]);
  const random = randomStream(3, `blocks ${image} ${kernel}`);
  const feeds = Object.fromEntries(
    [x, weight, bias, arriving].map(({ node, shape }) => [
      node.name!,
      Float32Array.from({ length: graph.sizeOf(shape) }, () => 2 * random.uniform() - 1),
    ]),
  );
  return { outputs: { y, dx, dWeight, dBias }, feeds };
}

async function valuesOf(model: graph.Model, feeds: graph.Values, engine?: graph.Engine) {
  const session = await openSession(model, { threads: 1, ...(engine ? { engine } : {}) });
  const values = await session.run(feeds);
  await session.close();
  return values;
}

const { ort } = await loadEngine('native');
const size = process.arch === 'x64' ? await blockSizeOf(ort) : null;

/** The native engine, with `create` in place of how it opens a session. */
const standIn = (
  create: (bytes: Uint8Array, options?: InferenceSession.SessionOptions) => Promise<InferenceSession>,
): Ort => ({
  Tensor: ort.Tensor,
  InferenceSession: { create } as unknown as typeof ort.InferenceSession,
});

/** Whether the bytes of a model name the engine's own domain. */
const namesDomain = (bytes: Uint8Array) => Buffer.from(bytes).includes('com.microsoft.nchwc');

describe('depthwise convolution in blocks', () => {
  it('is equal to the ordinary form, forward and in every gradient', {
    skip: size === null && 'this engine has no such kernels',
  }, async () => {
    for (const one of cases) {
      const { outputs, feeds } = modelOf(one);
      const model = buildWithBlocks({ outputs });
      assert.ok(namesDomain(model.inBlocks![size!]));
      const { inBlocks: _, ...plain } = model;
      const [values, wanted] = [await valuesOf(model, feeds), await valuesOf(plain, feeds)];
      for (const name of Object.keys(wanted))
        assertAllclose(numbers(values[name]), numbers(wanted[name]), { rtol: 1e-5, atol: 1e-5 });
    }
  });

  it('is of no other than depthwise convolutions of whole fours of float32 channels', () => {
    const of = (channels: number, groups: number, dtype: graph.DType = 'float32') => {
      const x = input('x', [2, channels, 6, 6], dtype);
      const weight = input('w', [channels, channels / groups, 3, 3], dtype);
      const y = graph.conv2d(x, weight, { groups });
      const [dw] = gradientsOf([y], [weight], [input('g', y.shape, dtype)]);
      return buildWithBlocks({ outputs: { y, dw } }).inBlocks;
    };
    assert.deepEqual(Object.keys(of(8, 8)!), ['8', '16']);
    for (const other of [of(8, 1), of(8, 4), of(6, 6), of(8, 8, 'float64')]) assert.equal(other, undefined);
  });

  it('does not enter a model that is written for others, nor the model for other engines', async () => {
    const { outputs, feeds } = modelOf(cases[1]);
    const model = buildWithBlocks({ outputs });
    assert.deepEqual(model.bytes, buildModel({ outputs }).bytes);
    assert.equal(namesDomain(model.bytes), false);
    const unreadable = { 8: new Uint8Array(1), 16: new Uint8Array(1) };
    const { y } = await valuesOf({ ...model, inBlocks: unreadable }, feeds, 'wasm');
    assertAllclose(numbers(y), numbers((await valuesOf(model, feeds)).y), { rtol: 1e-5, atol: 1e-5 });
  });
});

describe('the size of a block', () => {
  it('is null for an engine that refuses the kernels, or computes something else', async () => {
    const refuses = standIn(async (bytes, options) => {
      if (namesDomain(bytes)) throw new Error('com.microsoft.nchwc is not a registered domain');
      return ort.InferenceSession.create(bytes, options);
    });
    assert.equal(await blockSizeOf(refuses), null);
    const differs = standIn(async (bytes, options) => {
      const session = await ort.InferenceSession.create(bytes, options);
      if (!namesDomain(bytes)) return session;
      const zeros = async () => ({ y: new ort.Tensor('float32', new Float32Array(16 * 12), [1, 16, 3, 4]) });
      return { run: zeros, release: () => session.release() } as unknown as typeof session;
    });
    assert.equal(await blockSizeOf(differs), null);
  });

  it('is found once for an engine', async () => {
    let opened = 0;
    const counting = standIn(async (bytes, options) => {
      opened++;
      return ort.InferenceSession.create(bytes, options);
    });
    const first = await blockSizeOf(counting);
    const after = opened;
    assert.equal(await blockSizeOf(counting), first);
    assert.equal(opened, after);
  });
});
