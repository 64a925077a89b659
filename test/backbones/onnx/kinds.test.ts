import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importOnnx } from '../../../src/backbones/onnx/index.js';
import { isTooLarge } from '../../../src/backbones/onnx/tooLarge.js';
import { DataError } from '../../../src/errors.js';
import { compile, gradients, input, sum } from '../../../src/graph/index.js';
import { Scope } from '../../../src/nn/index.js';
import { type ArraySpec, behindPooling, type FileSpec, type NodeSpec, writeOnnx } from './build.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-kinds-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'model.onnx');

/** Nodes behind the pooled image, ending in `y` `[n, d]`. */
const behind = (nodes: readonly NodeSpec[], more?: Partial<FileSpec>) =>
  behindPooling(nodes, { name: 'y', dims: ['n', 'd'] }, more);
const ints = (...values: number[]): ArraySpec => ({ dims: [values.length], values, type: 'int64' });
const floats = (dims: number[], values: number[]): ArraySpec => ({ dims, values });
const to = (op: string, inputs: string[], attributes: NodeSpec['attributes'] = {}): NodeSpec => ({
  op,
  inputs,
  outputs: ['y'],
  attributes,
});

function refused(spec: FileSpec, message: RegExp): DataError {
  let found: unknown;
  assert.throws(
    () => importOnnx(writeOnnx(path, spec)),
    (error) => {
      found = error;
      return error instanceof DataError && message.test(error.message);
    },
    String(message),
  );
  return found as DataError;
}

test('what lets one image change the feature of another is refused', () => {
  refused(
    behind([to('ReduceMean', ['p'], { axes: [0] })], { opset: 13 }),
    /\(ReduceMean\) .*across the images/,
  );
  refused(
    behind([to('ReduceL2', ['p'], { keepdims: 1 })], { opset: 13 }),
    /\(ReduceL2\) .*across the images/,
  );
  refused(behind([to('Softmax', ['p'], { axis: 0 })]), /\(Softmax\) .*across the images/);
  refused(behind([to('LogSoftmax', ['p'], { axis: 0 })], { opset: 11 }), /across the images/);
  const arrays = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, floats([3], [1, 1, 1])]));
  const norm = to('BatchNormalization', ['p', 'a', 'b', 'c', 'd'], { training_mode: 1 });
  refused(behind([norm], { arrays }), /as in training.*model\.eval\(\)/);
  const older = { ...to('BatchNormalization', ['p', 'a', 'b', 'c', 'd']), outputs: ['y', 'm', 'v'] };
  refused(behind([older], { arrays, opset: 11 }), /as in training/);
});

test('outputs that are no feature are refused with their types', () => {
  const of = (nodes: readonly NodeSpec[], type?: number) =>
    behind(nodes, { outputs: [{ name: 'y', dims: ['n', 3], ...(type ? { type } : {}) }] });
  const zero = { z: floats([1], [0]), none: ints(0), one: ints(1), axis: ints(1) };
  refused(
    { ...of([to('Greater', ['p', 'z'])], 9), arrays: zero },
    /none of its outputs \("y" bool \[n, 3\]\)/,
  );
  refused(
    { ...of([to('Slice', ['p', 'none', 'none', 'one'])]), arrays: zero },
    /none of its outputs \("y" float32/,
  );
  refused({ ...of([to('ReduceSum', ['p', 'axis'], { keepdims: 0 })]), arrays: zero }, /none of its outputs/);
  refused(of([]), /no node makes its output "y"/);
  refused({ ...of([]), outputs: [] }, /it has no outputs/);
});

test('inputs beside the images are named with what to do', () => {
  const other = (dims: (string | number)[], type = 1, name = 'other'): FileSpec =>
    behind([to('Mul', ['p', name])], {
      inputs: [
        { name: 'image', dims: ['n', 3, 8, 8] },
        { name, dims, type },
      ],
    });
  refused(
    other(['n', 3]),
    /other inputs than images: "other" float32 \[n, 3\]\. A network is given images alone/,
  );
  refused(
    other(['n', 'tokens'], 7, 'input_ids'),
    /"input_ids" int64 \[n, tokens\].*onnx\/vision_model\.onnx/,
  );
  refused(other(['n', 3, 8, 8]), /Export the part that embeds one image/);
});

test('weights that are not finite, or do not fit what is said of them, are refused by name', () => {
  const conv = (values: number[], attributes: NodeSpec['attributes'] = {}): FileSpec => ({
    nodes: [
      { op: 'Conv', inputs: ['image', 'w'], outputs: ['c'], attributes },
      { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['y'] },
    ],
    arrays: { w: floats([2, 3, 1, 1], values) },
    inputs: [{ name: 'image', dims: ['n', 3, 8, 8] }],
    outputs: [{ name: 'y', dims: ['n', 2, 1, 1] }],
  });
  refused(conv([1, 2, Number.NaN, 4, 5, 6]), /weights "w" hold NaN \(element 2\)/);
  refused(conv([1, 2, 3, 4, 5, Number.POSITIVE_INFINITY]), /weights "w" hold Infinity/);
  refused(
    conv([1, 2, 3, 4, 5, 6], { kernel_shape: [3, 3] }),
    /says that its kernel is 3 × 3, and has \[2, 3, 1, 1\]/,
  );
});

test('what only other outputs need may be of any kind', () => {
  const names: NodeSpec = { op: 'Identity', inputs: ['labels'], outputs: ['z'] };
  const spec = behind([to('Relu', ['p']), names], {
    outputs: [
      { name: 'z', dims: [2], type: 8 },
      { name: 'y', dims: ['n', 3] },
    ],
    arrays: { labels: { dims: [2], values: [1, 2], type: 'complex' } },
  });
  assert.equal(importOnnx(writeOnnx(path, spec)).output.name, 'y');
  refused({ ...spec, ...behind([to('Add', ['p', 'labels'])]), arrays: spec.arrays! }, /holds complex64/);
});

test('graphs that ask for far too much are told from those that hier merely does not build', () => {
  const grown = behind([to('Tile', ['p', 'times'])], { arrays: { times: ints(1, 2e9) } });
  assert.ok(isTooLarge(refused(grown, /\(Tile\) repeats \[B, 3\] by/)));
  const table = behind(
    [
      { op: 'ConstantOfShape', inputs: ['dims'], outputs: ['t'] },
      { op: 'ReduceSum', inputs: ['t'], outputs: ['s'] },
      to('Add', ['p', 's']),
    ],
    { arrays: { dims: ints(1e5, 1e5) } },
  );
  assert.ok(isTooLarge(refused(table, /a table of \[100000, 100000\]/)));
  assert.ok(!isTooLarge(refused(behind([to('Nonsense', ['p'])]), /is not among the operators/)));
});

test('names of a file are shown on one line and cut', () => {
  const node = { ...to('No\u001b[31mp\n', ['p']), name: 'n'.repeat(5000), domain: 'a\u001b[2J' };
  const { message } = refused(behind([node]), /a\\u001b\[2J\.No\\u001b\[31mp\\n/);
  assert.ok(message.length < 800 && !message.includes('\n'));
});

test('ReLU6 passes no gradient on its limits, as in the frameworks it comes from; clamping does', async () => {
  const clipped = (low: number, high: number): FileSpec => ({
    nodes: [
      { op: 'Clip', inputs: ['image', 'low', 'high'], outputs: ['c'] },
      { op: 'Flatten', inputs: ['c'], outputs: ['y'] },
    ],
    arrays: { low: floats([], [low]), high: floats([], [high]) },
    inputs: [{ name: 'image', dims: ['n', 3, 1, 1] }],
    outputs: [{ name: 'y', dims: ['n', 3] }],
  });
  const images = input('images', [2, 3, 1, 1]);
  const outputs = Object.fromEntries(
    [clipped(0, 6), clipped(-1, 6)].map((spec, i) => {
      const { backbone } = importOnnx(writeOnnx(path, spec));
      const feature = backbone.build({}).forward(images, new Scope({ training: false }));
      return [`g${i}`, gradients(sum(feature), [images])[0]];
    }),
  );
  const session = await compile({ outputs }, { threads: 1 });
  try {
    const { g0, g1 } = await session.run({ images: Float32Array.of(0, 6, 3, -1, 7, -2) });
    assert.deepEqual([...g0], [0, 0, 1, 0, 0, 0]);
    assert.deepEqual([...g1], [1, 1, 1, 1, 0, 0]);
  } finally {
    await session.close();
  }
});
