import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { frozenNetwork } from '../../../src/backbones/frozen/index.js';
import { reasonOf } from '../../../src/backbones/frozen/trial.js';
import { openModel } from '../../../src/backbones/onnx/index.js';
import { DataError } from '../../../src/errors.js';
import {
  type ArraySpec,
  arrayBytes,
  behindPooling,
  type FileSpec,
  type NodeSpec,
  writeOnnx,
} from '../onnx/build.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-trial-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'net.onnx');

/** Nodes behind the pooled image, ending in `feat` `[n, 3]`. */
const behind = (nodes: readonly NodeSpec[], more?: Partial<FileSpec>) =>
  behindPooling(nodes, { name: 'feat', dims: ['n', 3] }, more);
const to = (op: string, inputs: string[], more: Partial<NodeSpec> = {}): NodeSpec => ({
  op,
  inputs,
  outputs: ['feat'],
  ...more,
});

const refused = (spec: FileSpec, message: RegExp) =>
  assert.rejects(
    frozenNetwork(writeOnnx(path, spec)),
    (error) => error instanceof DataError && error.message.startsWith(path) && message.test(error.message),
    String(message),
  );

test('a network that the engine does not run, or not image by image, is refused when it is made ready', async () => {
  const arrays: Record<string, ArraySpec> = {
    seven: { dims: [2], values: [-1, 7], type: 'int64' },
    zero: { dims: [1], values: [0], type: 'int64' },
  };
  await refused(
    behind([to('Reshape', ['p', 'seven'])], { arrays }),
    /ONNX Runtime cannot run it: .*Nor can hier build it: node "feat" \(Reshape\).*does not fit\.$/,
  );
  await refused(
    behind([to('Softmax', ['p'], { attributes: { axis: 0 } })]),
    /changes with the other images.*model\.eval/,
  );
  await refused(behind([to('ReduceMean', ['p', 'zero'])], { arrays }), /3 numbers of one image and 3 of two/);
  await refused(
    behind(
      [
        to('Shape', ['image'], { outputs: ['s'] }),
        to('ConstantOfShape', ['s'], { outputs: ['c'] }),
        to('ReduceMax', ['c'], { attributes: { axes: [2, 3], keepdims: 0 } }),
      ],
      { opset: 13 },
    ),
    /same numbers of different images/,
  );
  const twice = { op: 'F', domain: 'local', inputs: ['x'], outputs: ['y'] };
  await refused(
    behind([to('F', ['p'], { domain: 'local' })], { functions: { F: twice } }),
    /calls functions 16 deep/,
  );
});

test('what the engine has no kernels for is built anew, and that is said', async () => {
  const spec = behind(
    [
      { op: 'Conv', inputs: ['image', 'w'], outputs: ['c'] },
      { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['feat'] },
    ],
    {
      inputs: [{ name: 'image', dims: ['n', 3, 8, 8], type: 11 }],
      outputs: [{ name: 'feat', dims: ['n', 2, 1, 1], type: 11 }],
      arrays: { w: { dims: [2, 3, 1, 1], values: [1, 2, 3, 4, 5, 6], type: 'double' } },
    },
  );
  const { width, notes } = await frozenNetwork(openModel(writeOnnx(path, spec)));
  assert.equal(width, 2);
  assert.match(notes.join(' '), /not used as it is \(ONNX Runtime cannot run it: .*built anew in float32/);
});

test('names and weights in branches and nodes come along, whatever they are called', async () => {
  const beside: ArraySpec = { dims: [3], values: [1, 2, 3], beside: 'shift.bin' };
  writeFileSync(join(folder, 'shift.bin'), arrayBytes(beside));
  const side = (op: string) => ({
    graph: {
      nodes: [{ op, inputs: ['images/turned', 'embeddings/0'], outputs: [`embeddings/${op}`] }],
      inputs: [],
      outputs: [{ name: `embeddings/${op}`, dims: ['n', 3] }],
    },
  });
  // A branch that depends on the image keeps hier from building it, so that the file is used as it is.
  const spec = behind(
    [
      to('Identity', ['p'], { outputs: ['images/turned'] }),
      to('Constant', [], { outputs: ['embeddings/0'], attributes: { value: { tensor: beside } } }),
      to('ReduceMax', ['p'], { outputs: ['m'], attributes: { keepdims: 0 } }),
      to('Greater', ['m', 'm'], { outputs: ['hier/images'] }),
      to('If', ['hier/images'], {
        outputs: ['images'],
        attributes: { then_branch: side('Sub'), else_branch: side('Add') },
      }),
    ],
    { outputs: [{ name: 'images', dims: ['n', 3] }], opset: 13 },
  );
  const { width, output, notes } = await frozenNetwork(writeOnnx(path, spec));
  assert.deepEqual([width, output.name], [3, 'images']);
  assert.match(notes[0], /used as it is, and not be trained/);
});

test('what the engine says comes without the places in its code', () => {
  const cases: [string, string][] = [
    [
      "Non-zero status code returned while running Conv node. Name:'c_nchwc' Status Message: Invalid input shape: {2,2}\n",
      'Conv: Invalid input shape: {2,2}',
    ],
    [
      '/onnxruntime_src/onnxruntime/core/graph/model.cc:202 onnxruntime::Model::Model(onnx::ModelProto&&, const std::f<a(b)>&) Unsupported model IR version: 99.',
      'Unsupported model IR version: 99',
    ],
    [
      "tensorprotoutils.cc:1469 ValidateSize Initializer 'w': raw_data size",
      "Initializer 'w': raw_data size",
    ],
    ['Fatal error: a\u001b[2J', 'Fatal error: a\\u001b[2J'],
  ];
  for (const [said, expected] of cases) assert.equal(reasonOf(said), expected);
});
