import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { type FrozenNetwork, frozenNetwork } from '../../../src/backbones/frozen/index.js';
import { importOnnx } from '../../../src/backbones/onnx/index.js';
import { areChannelsFirst } from '../../../src/backbones/onnx/tokens.js';
import { DataError, UsageError } from '../../../src/errors.js';
import { buildModel, input, OPEN, openSession } from '../../../src/graph/index.js';
import { Scope } from '../../../src/nn/index.js';
import { randomStream } from '../../../src/random.js';
import { temporaryFolder } from '../../images/support.js';
import { type NodeSpec, onnxBytes } from '../onnx/build.js';
import { contribBytes, fileOf, networkBytes } from './support.js';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

/** A file of these bytes. */
function written(bytes: Uint8Array, name = 'net.onnx'): string {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
}

const pixels = (count: number) => {
  const stream = randomStream(3, 'pixels');
  return Float32Array.from({ length: count }, () => 2 * stream.uniform() - 1);
};

/** A graph of which nothing but dimensions is known. */
const NOTHING_KNOWN = { made: new Map(), values: new Map(), parameters: new Set<string>() };

/** What a network makes of images. */
async function embedded({ bytes, size, width }: FrozenNetwork, images: Float32Array): Promise<Float32Array> {
  const session = await openSession({
    bytes,
    inputs: { images: { shape: [OPEN, 3, size, size], dtype: 'float32' } },
    outputs: { embeddings: { shape: [OPEN, width], dtype: 'float32' } },
    addsInPlace: false,
  });
  try {
    return Float32Array.from((await session.run({ images })).embeddings as Float32Array);
  } finally {
    await session.close();
  }
}

/** The same by the network that can be trained: an oracle that shares only the reader of the file. */
async function byGraph(file: string, output: string | undefined, images: Float32Array, count: number) {
  const { backbone, values, size } = importOnnx(file, { output });
  const x = input('images', [count, 3, size, size]);
  const embeddings = backbone.build({}).forward(x, new Scope({ training: false }));
  const session = await openSession(
    buildModel({ outputs: { embeddings }, bound: Object.fromEntries(values) }),
  );
  try {
    return Float32Array.from((await session.run({ images })).embeddings as Float32Array);
  } finally {
    await session.close();
  }
}

const near = (a: Float32Array, b: Float32Array) => {
  assert.equal(a.length, b.length);
  for (const [i, value] of a.entries()) assert.ok(Math.abs(value - b[i]) < 1e-5, `${i}: ${value}, ${b[i]}`);
};

describe('a network from a file as it is', () => {
  it('embeds any number of images as the network built for training does, whatever its feature is', async () => {
    const images = pixels(3 * 3 * 8 * 8);
    for (const [tokens, outputs] of [
      [false, [undefined]],
      [true, [undefined, 'class-token', 'mean-tokens']],
    ] as const) {
      const file = written(networkBytes({ tokens }));
      for (const output of outputs) {
        const network = await frozenNetwork(file, { output });
        assert.deepEqual([network.size, network.width, network.notes], [8, 6, []]);
        near(await embedded(network, images), await byGraph(file, output, images, 3));
      }
    }
  });

  it('finds the tokens where the channels come first, by the nodes or by the numbers', async () => {
    const images = pixels(2 * 3 * 8 * 8);
    const turned = (dims: readonly (number | string)[], nodes: readonly NodeSpec[]) =>
      written(
        onnxBytes({
          nodes: [
            {
              op: 'MaxPool',
              inputs: ['image'],
              outputs: ['map'],
              attributes: { kernel_shape: [2, 2], strides: [2, 2] },
            },
            ...nodes,
          ],
          arrays: {
            flat: { dims: [3], values: [0, 3, 16], type: 'int64' },
          },
          inputs: [{ name: 'image', dims: ['n', 3, 8, 8] }],
          outputs: [{ name: 'tokens', dims }],
        }),
        `${dims[1]}.onnx`,
      );
    const flat = { op: 'Reshape', inputs: ['map', 'flat'] };
    // [n, 3, 16] could be 3 tokens of 16 numbers.
    const byNodes = turned(
      ['n', 3, 16],
      [
        { ...flat, outputs: ['f'] },
        { op: 'Relu', inputs: ['f'], outputs: ['tokens'] },
      ],
    );
    const asUsual = turned(
      ['n', 16, 3],
      [
        { ...flat, outputs: ['f'] },
        { op: 'Transpose', inputs: ['f'], outputs: ['tokens'], attributes: { perm: [0, 2, 1] } },
      ],
    );
    for (const [file, width, channelsFirst] of [
      [byNodes, 3, true],
      [asUsual, 3, undefined],
    ] as const) {
      const network = await frozenNetwork(file);
      assert.deepEqual(
        [network.width, network.output.how, network.output.channelsFirst],
        [width, 'mean-tokens', channelsFirst],
      );
      near(await embedded(network, images), await byGraph(file, undefined, images, 2));
    }
    assert.equal(areChannelsFirst('x', [1, 384, 196], NOTHING_KNOWN), true);
    assert.equal(areChannelsFirst('x', [1, 197, 768], NOTHING_KNOWN), false);
    assert.equal(areChannelsFirst('x', [1, 1280, 49], NOTHING_KNOWN), true);
    assert.equal(areChannelsFirst('x', [1, 261, 384], NOTHING_KNOWN), false);
  });

  it('takes a file that is fixed to one image for any number', async () => {
    const images = pixels(2 * 3 * 8 * 8);
    const any = await frozenNetwork(written(networkBytes()));
    const one = await frozenNetwork(written(networkBytes({ batch: 1 }), 'one.onnx'));
    near(await embedded(one, images), await embedded(any, images));
  });

  it('takes what the engine runs and nothing can train, and says so', async () => {
    const network = await frozenNetwork(written(contribBytes()));
    assert.equal(network.width, 48);
    assert.match(network.notes[0], /used as it is, and not be trained: .*QuickGelu/);
    const images = pixels(2 * 48);
    const expected = images.map((x) => x / (1 + Math.exp(-1.702 * x)));
    near(await embedded(network, images), expected);
  });

  it('keeps clear of the names that a file has for its own values', async () => {
    const file = written(
      fileOf({
        inputs: [{ name: 'images', dims: [OPEN, 3, 4, 4] }],
        outputs: [{ name: 'feat', dims: [OPEN, 48] }],
        nodes: [
          { op: 'Relu', inputs: ['images'], outputs: ['embeddings'] },
          { op: 'Flatten', inputs: ['embeddings'], outputs: ['feat'] },
        ],
      }),
    );
    const images = pixels(2 * 48);
    near(
      await embedded(await frozenNetwork(file), images),
      images.map((x) => Math.max(0, x)),
    );
  });

  it('says what a file is that cannot be used, and what to do', async () => {
    const flat = (inputs: Parameters<typeof fileOf>[0]['inputs'], op: string) =>
      fileOf({
        inputs,
        outputs: [{ name: 'feat', dims: [OPEN, 48] }],
        nodes: [
          { op, inputs: inputs.map(({ name }) => name), outputs: ['y'] },
          { op: 'Flatten', inputs: ['y'], outputs: ['feat'] },
        ],
      });
    const image = { name: 'pixel_values', dims: [OPEN, 3, 4, 4] };
    for (const [bytes, what] of [
      [flat([{ name: 'x', dims: [OPEN, 10] }], 'Relu'), /does not take images.*--data/],
      [
        flat([{ name: 'input_ids', dims: [OPEN, 77], type: 7 }], 'Identity'),
        /network for text.*vision_model/,
      ],
      [flat([image, { name: 'mask', dims: [OPEN, 3, 4, 4] }], 'Add'), /mask/],
      [Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n'), /Git LFS/],
      [networkBytes().subarray(0, 200), /not a whole ONNX model.*Fetch or export/],
      [Buffer.from('<!doctype html><html></html>'), /web page/],
    ] as const)
      await assert.rejects(
        frozenNetwork(written(bytes, 'bad.onnx')),
        (error) =>
          error instanceof DataError && what.test(error.message) && error.message.includes('bad.onnx'),
        String(what),
      );
    await assert.rejects(
      frozenNetwork(written(networkBytes({ tokens: true })), { output: 'pooled' }),
      (error) => error instanceof UsageError && /class-token.*mean-tokens/.test(error.message),
    );
  });
});
