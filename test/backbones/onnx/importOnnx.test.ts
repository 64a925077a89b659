import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importOnnx, writeBack } from '../../../src/backbones/onnx/index.js';
import { DataError, UsageError } from '../../../src/errors.js';
import { compile, input } from '../../../src/graph/index.js';
import { Scope } from '../../../src/nn/index.js';
import { assertAllclose } from '../../support/allclose.js';
import { type FileSpec, type NodeSpec, writeOnnx } from './build.js';
import { goldenNumbers, imagesFor, modelFile } from './golden.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-import-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.onnx');

/** Features of the two images. */
async function features(file: string, output?: string): Promise<Float32Array> {
  const network = importOnnx(file, { output });
  const images = input('images', [2, 3, network.size, network.size]);
  const feature = network.backbone.build({}).forward(images, new Scope({ training: false }));
  const session = await compile(
    { outputs: { feature }, bound: Object.fromEntries(network.values) },
    { threads: 1 },
  );
  try {
    return (await session.run({ images: imagesFor(2) })).feature as Float32Array;
  } finally {
    await session.close();
  }
}

test('half precision is widened, computed in float32, and rounded when it is written back', async () => {
  const expected = goldenNumbers('half').get('feature')!;
  assertAllclose(await features(modelFile('half')), expected, { rtol: 0, atol: 0.01 });
  const { values, notes } = importOnnx(modelFile('half'));
  assert.match(notes.join(' '), /half precision/);
  const out = join(folder, 'half.onnx');
  assert.equal(writeBack(modelFile('half'), values, out).replaced.length, 0);
  assert.deepEqual(readFileSync(out), readFileSync(modelFile('half')));
  const [[name, first]] = values;
  const tuned = Float32Array.from(first as Float32Array, (x) => x + 0.123_456);
  assert.deepEqual(writeBack(modelFile('half'), new Map([[name, tuned]]), out).replaced, [name.slice(9)]);
  const again = importOnnx(out).values.get(name) as Float32Array;
  assertAllclose(again, tuned, { rtol: 2 ** -11, atol: 1e-7 });
  assert.equal(readFileSync(out).length, readFileSync(modelFile('half')).length);
});

test('weights in a file beside the model are read and written back there', async () => {
  const expected = goldenNumbers('mobilenetv2').get('feature')!;
  assertAllclose(await features(modelFile('external')), expected, { rtol: 0, atol: 1e-5 });
  const { values } = importOnnx(modelFile('external'));
  const tuned = new Map(
    [...values].map(([name, value]) => [name, Float32Array.from(value as Float32Array, (x) => x * 1.5)]),
  );
  const out = join(folder, 'beside', 'tuned.onnx');
  const { beside, replaced } = writeBack(modelFile('external'), tuned, out);
  assert.deepEqual(beside, [join(folder, 'beside', 'external.bin')]);
  assert.equal(replaced.length, values.size);
  assert.deepEqual(importOnnx(out).values, tuned);
});

test('of a whole CLIP the embedding of the image is taken, without its tokens', async () => {
  const file = modelFile('clip-whole');
  const { outputs, output } = importOnnx(file);
  assert.deepEqual([output.name, output.how, output.width], ['image_embeds', 'as-is', 6]);
  assert.ok(outputs.every(({ name }) => !/text|logits/.test(name)));
  const expected = goldenNumbers('clip-whole').get('feature')!;
  assertAllclose(await features(file), expected, { rtol: 0, atol: 1e-5 });
});

test('the feature: sensible without a choice, and chosen by form, name or both', () => {
  const chosen = (name: string, output?: string) => {
    const { output: found } = importOnnx(modelFile(name), { output });
    return `${found.how} ${found.width}`;
  };
  assert.equal(chosen('mobilenetv2'), 'pooled 24');
  assert.equal(chosen('mobilenetv2', 'output'), 'as-is 7');
  assert.equal(chosen('dinov2'), 'class-token 8');
  assert.equal(chosen('dinov2', 'mean-tokens'), 'mean-tokens 8');
  assert.equal(chosen('dinov2', 'last_hidden_state:mean-tokens'), 'mean-tokens 8');
  assert.equal(chosen('siglip'), 'pooled 8');
  assert.throws(
    () => importOnnx(modelFile('dinov2'), { output: 'meantokens' }),
    (error) =>
      error instanceof UsageError &&
      /no output "meantokens".*It has: last_hidden_state:class-token/.test(error.message),
  );
});

test('blocks follow each other from the image to the feature, and every array lies in one', () => {
  assert.deepEqual(importOnnx(modelFile('resnet')).blocks, [
    'conv1',
    'layer1.0',
    'layer2.0',
    'layer3.0',
    'layer4.0',
  ]);
  assert.deepEqual(importOnnx(modelFile('vit-dynamo')).blocks.slice(-3), ['blocks.0', 'blocks.1', 'norm']);
  assert.deepEqual(importOnnx(modelFile('siglip-dynamo')).blocks.slice(-2), [
    'model.post_layernorm',
    'model.head',
  ]);
  for (const name of ['resnet', 'clip', 'vit-fixed', 'siglip-dynamo', 'tensorflow']) {
    const { blocks, blockArrays, values } = importOnnx(modelFile(name));
    assert.deepEqual([...blockArrays.keys()], blocks);
    assert.deepEqual([...blockArrays.values()].flat().sort(), [...values.keys()].sort(), name);
  }
});

test('a size that the file does not have is refused, and any other taken', () => {
  assert.throws(
    () => importOnnx(modelFile('vit'), { size: 64 }),
    /made for images of 32 × 32 px, and does not work at 64: node "\/Add"/,
  );
  const open: FileSpec = {
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['image'], outputs: ['y'] },
      { op: 'Flatten', inputs: ['y'], outputs: ['feature'] },
    ],
    inputs: [{ name: 'image', dims: ['n', 3, 'h', 'w'] }],
    outputs: [{ name: 'feature', dims: ['n', 3] }],
  };
  const network = importOnnx(writeOnnx(path, open), { size: 48 });
  assert.equal(network.size, 48);
  assert.match(network.notes.join(' '), /frozen features only/);
  assert.equal(importOnnx(path).size, 224);
  assert.deepEqual(network.backbone.problems!({}, { size: 64 }).length, 1);
});

/** A file of one node between an image and a feature. */
const oneNode = (node: Partial<NodeSpec>, more: Partial<FileSpec> = {}): FileSpec => ({
  nodes: [{ op: 'Identity', inputs: ['image'], outputs: ['feature'], name: 'the/node', ...node }],
  inputs: [{ name: 'image', dims: ['n', 3, 8, 8] }],
  outputs: [{ name: 'feature', dims: ['n', 3] }],
  ...more,
});

test('what cannot be trained is refused with node, operator and what to take instead', () => {
  const cases: [FileSpec, RegExp][] = [
    [oneNode({ op: 'QLinearConv' }), /node "the\/node" \(QLinearConv\) .*quantised.*onnx\/model\.onnx/],
    [oneNode({ op: 'DequantizeLinear' }), /quantised weights/],
    [
      oneNode({ op: 'FusedConv', domain: 'com.microsoft' }),
      /\(com\.microsoft\.FusedConv\) .*ONNX Runtime's own.*onnx\/model\.onnx/,
    ],
    [oneNode({ op: 'Special', domain: 'org.example' }), /operator of "org\.example"/],
    [oneNode({ op: 'Loop' }), /\(Loop\) repeats a part/],
    [oneNode({ op: 'SequenceConstruct' }), /sequences or text/],
    [oneNode({ op: 'Nonsense' }), /\(Nonsense\) is not among the operators.*docs\/backbones-onnx\.md/],
    [oneNode({ op: 'NonZero' }), /is computed from the image/],
    [
      oneNode({ op: 'Reshape', inputs: ['image', 'image'] }),
      /takes its input 1 \("image"\) from what is in the image/,
    ],
    [
      oneNode({}, { inputs: [{ name: 'input_ids', dims: ['n', 't'], type: 7 }] }),
      /"input_ids" int64 \[n, t\]. It is a network for text.*vision_model\.onnx/,
    ],
    [oneNode({}, { inputs: [{ name: 'x', dims: ['n', 100] }] }), /It takes vectors/],
    [oneNode({}, { inputs: [{ name: 'x', dims: ['n', 1, 28, 28] }] }), /one channel/],
    [oneNode({}, { inputs: [{ name: 'x', dims: ['n', 224, 224, 3], type: 2 }] }), /images are bytes/],
    [oneNode({}, { inputs: [{ name: 'x', dims: ['n', 3, 200, 300] }] }), /200 high and 300 wide/],
    [oneNode({}, { inputs: [] }), /its inputs are none at all/],
    [oneNode({}, { opset: 5 }), /version 5 of ONNX's operators/],
    [
      oneNode(
        { op: 'Expand', inputs: ['image', 'huge'] },
        { arrays: { huge: { dims: [5], values: [2e9, 1, 3, 8, 8], type: 'int64' } } },
      ),
      /more than any backbone/,
    ],
    [
      oneNode(
        { op: 'Tile', inputs: ['image', 'huge'] },
        { arrays: { huge: { dims: [4], values: [1, 2e9, 1, 1], type: 'int64' } } },
      ),
      /repeats/,
    ],
    [
      oneNode({ op: 'MaxPool', attributes: { kernel_shape: [3, 3], pads: [2e9, 0, 0, 0] } }),
      /windows of 3,3/,
    ],
  ];
  for (const [spec, message] of cases) {
    writeOnnx(path, spec);
    assert.throws(
      () => importOnnx(path),
      (error) => {
        assert.ok(error instanceof DataError, String(error));
        assert.match(error.message, message);
        return true;
      },
    );
  }
});

test('masks, tables and what normalises pixels stay constants; kernels and tokens are trained', () => {
  const array = (dims: number[], value: (i: number) => number) => ({
    dims,
    values: Array.from({ length: dims.reduce((a, b) => a * b, 1) }, (_, i) => value(i)),
  });
  const spec: FileSpec = {
    nodes: [
      { op: 'Sub', inputs: ['image', 'average'], outputs: ['a'] },
      { op: 'Conv', inputs: ['a', 'kernel', 'bias'], outputs: ['b'] },
      { op: 'Add', inputs: ['b', 'mask'], outputs: ['c'] },
      { op: 'Mul', inputs: ['c', 'waves'], outputs: ['d'] },
      { op: 'Add', inputs: ['d', 'positions'], outputs: ['e'] },
      { op: 'BatchNormalization', inputs: ['e', 'gamma', 'beta', 'mean', 'variance'], outputs: ['f'] },
      { op: 'GlobalAveragePool', inputs: ['f'], outputs: ['g'] },
      { op: 'Flatten', inputs: ['g'], outputs: ['feature'] },
    ],
    arrays: {
      average: array([3, 1, 1], () => 0.4),
      kernel: array([4, 3, 1, 1], (i) => i / 10),
      bias: array([4], () => 0),
      mask: array([8, 8], (i) => (i % 3 === 0 ? -100 : 0)),
      waves: array([8, 8], Math.cos),
      positions: array([1, 4, 8, 8], Math.sin),
      gamma: array([4], () => 1),
      beta: array([4], () => 0),
      mean: array([4], () => 0),
      variance: array([4], () => 1),
    },
    inputs: [{ name: 'image', dims: ['n', 3, 8, 8] }],
    outputs: [{ name: 'feature', dims: ['n', 4] }],
  };
  const { values, notes } = importOnnx(writeOnnx(path, spec));
  assert.deepEqual([...values.keys()].sort(), [
    'backbone.beta',
    'backbone.bias',
    'backbone.gamma',
    'backbone.kernel',
    'backbone.positions',
  ]);
  assert.match(notes.join(' '), /keeps the statistics that the file holds/);
});
