import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importedNetwork } from '../../../../src/backbones/imported.js';
import { filesBeside } from '../../../../src/backbones/onnx/file/beside.js';
import { identityOf } from '../../../../src/backbones/onnx/file/identity.js';
import { importOnnx, openModel, writeBack } from '../../../../src/backbones/onnx/index.js';
import { DataError } from '../../../../src/errors.js';
import { type ArraySpec, arrayBytes, type FileSpec, writeOnnx } from '../build.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-identity-'));
after(() => rmSync(folder, { recursive: true }));

/** A network whose kernel, bias and a constant in a branch lie beside it. */
const kernel: ArraySpec = { dims: [2, 3, 1, 1], values: [1, 2, 3, 4, 5, 6], beside: 'kernel.bin' };
const bias: ArraySpec = { dims: [2], values: [1, 2], beside: './bias.bin' };
const shift: ArraySpec = { dims: [2], values: [7, 8], beside: 'shift.bin' };
const spec: FileSpec = {
  nodes: [
    { op: 'Constant', inputs: [], outputs: ['b'], attributes: { value: { tensor: bias } } },
    { op: 'Conv', inputs: ['image', 'w', 'b'], outputs: ['c'] },
    { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['p'] },
    { op: 'Flatten', inputs: ['p'], outputs: ['f'] },
    {
      op: 'If',
      inputs: ['yes'],
      outputs: ['y'],
      attributes: {
        then_branch: {
          graph: {
            nodes: [{ op: 'Add', inputs: ['f', 's'], outputs: ['then'] }],
            arrays: { s: shift },
            inputs: [],
            outputs: [{ name: 'then', dims: ['n', 2] }],
          },
        },
      },
    },
  ],
  arrays: { w: kernel, yes: { dims: [], values: [1], type: 'bool' } },
  inputs: [{ name: 'image', dims: ['n', 3, 4, 4] }],
  outputs: [{ name: 'y', dims: ['n', 2] }],
};
const file = writeOnnx(join(folder, 'net.onnx'), spec);
const write = (array: ArraySpec) => writeFileSync(join(folder, array.beside!), arrayBytes(array));
for (const array of [kernel, bias, shift]) write(array);

test('weights beside a file are part of what it is, wherever the file names them', () => {
  const model = openModel(file);
  assert.deepEqual(filesBeside(model, file).sort(), ['./bias.bin', 'kernel.bin', 'shift.bin']);
  const { sha256, sha256OfFile } = identityOf(model);
  assert.equal(sha256OfFile, createHash('sha256').update(readFileSync(file)).digest('hex'));
  const seen = new Set([sha256, sha256OfFile]);
  for (const array of [kernel, bias, shift]) {
    write({ ...array, values: array.values.map((x) => -x) });
    seen.add(identityOf(model).sha256);
    write(array);
  }
  assert.equal(seen.size, 5);
  assert.equal(identityOf(model).sha256, sha256);
});

test('a pinned network is refused when weights beside it were changed, also without a new start', () => {
  const { sha256, sha256OfFile } = importedNetwork({ file });
  for (const pinned of [sha256, sha256OfFile, sha256.toUpperCase()])
    assert.equal(importedNetwork({ file, sha256: pinned }).sha256, sha256);
  write({ ...kernel, values: [6, 5, 4, 3, 2, 1] });
  try {
    assert.throws(
      () => importedNetwork({ file, sha256 }),
      (error) => error instanceof DataError && /of it and of the weights beside it/.test(error.message),
    );
    // What earlier versions kept is of the ONNX file alone.
    assert.equal(importedNetwork({ file, sha256: sha256OfFile }).sha256OfFile, sha256OfFile);
  } finally {
    write(kernel);
  }
});

test('a model is read once: what was opened serves for importing, and for writing back', () => {
  const whole = writeOnnx(join(folder, 'whole.onnx'), {
    ...spec,
    nodes: spec.nodes
      .slice(1, 4)
      .map((node) => (node.op === 'Conv' ? { ...node, inputs: ['image', 'w'] } : node)),
    arrays: { w: { dims: kernel.dims, values: kernel.values } },
    outputs: [{ name: 'f', dims: ['n', 2] }],
  });
  const model = openModel(whole);
  rmSync(whole);
  const { values } = importOnnx(model);
  const tuned = new Map(
    [...values].map(([name, value]) => [name, Float32Array.from(value as Float32Array, (x) => -x)]),
  );
  const out = join(folder, 'tuned.onnx');
  assert.deepEqual(writeBack(model, tuned, out).replaced, ['w']);
  assert.deepEqual(importOnnx(out).values, tuned);
});

test('all files of weights go along when tuned weights are written back, each changed once', () => {
  const out = join(folder, 'out', 'tuned.onnx');
  const tuned = new Map([
    ['backbone.w', Float32Array.from(kernel.values, (x) => 2 * x)],
    ['backbone.b', Float32Array.of(9, 10)],
  ]);
  const { beside, replaced } = writeBack(file, tuned, out);
  assert.deepEqual(replaced, ['w', 'b']);
  assert.deepEqual(beside.map((path) => path.slice(folder.length + 5)).sort(), [
    'bias.bin',
    'kernel.bin',
    'shift.bin',
  ]);
  assert.deepEqual(importOnnx(out).values, tuned);
});
