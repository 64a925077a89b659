import assert from 'node:assert/strict';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { importOnnx, writeBack } from '../../../src/backbones/onnx/index.js';
import { DataError, HierError } from '../../../src/errors.js';
import { randomStream } from '../../../src/random.js';
import { FOLDER, modelFile } from './golden.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-hostile-'));
after(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'model.onnx');

/** Imports bytes: a network, or an error that a user is meant to read; anything else fails the test. */
function tryImport(bytes: Uint8Array, what: string): 'network' | HierError {
  writeFileSync(file, bytes);
  try {
    importOnnx(file);
    return 'network';
  } catch (error) {
    if (error instanceof HierError && error.message.length < 1500) return error;
    throw new Error(`${what}: ${String(error)}`, { cause: error });
  }
}

/** Bytes with a text exchanged for one of the same length. */
function exchanged(bytes: Uint8Array, from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length);
  const text = Buffer.from(bytes).toString('latin1');
  assert.ok(text.includes(from), from);
  return Buffer.from(text.replaceAll(from, to), 'latin1');
}

const SMALL = ['tensorflow', 'vit-dynamo', 'half'];

test('a file that is cut short anywhere is refused as that, or read as far as it makes sense', () => {
  for (const name of SMALL) {
    const whole = readFileSync(modelFile(name));
    let refused = 0;
    for (let i = 0; i < 60; i++) {
      const length = Math.floor((whole.length * i) / 60);
      if (tryImport(whole.subarray(0, length), `${name} cut to ${length}`) !== 'network') refused++;
    }
    assert.ok(refused >= 59, `${name}: ${refused} refused`);
  }
});

test('bytes that were changed give typed errors alone, and in good time', () => {
  for (const name of SMALL) {
    const whole = readFileSync(modelFile(name));
    const random = randomStream(0, 'hostile', name);
    for (let i = 0; i < 40; i++) {
      const bytes = Uint8Array.from(whole);
      for (let flips = 1 + (i % 4); flips > 0; flips--)
        bytes[Math.floor(random.uniform() * bytes.length)] = Math.floor(random.uniform() * 256);
      tryImport(bytes, `${name}, change ${i}`);
    }
  }
});

test('a graph that needs its own result, or something that nobody makes', () => {
  const whole = readFileSync(modelFile('tensorflow'));
  const cycle = tryImport(exchanged(whole, '\n\x02x5', '\n\x02x9'), 'cycle');
  assert.match(String(cycle), /needs its own result/);
  const missing = tryImport(exchanged(whole, '\n\x02x5', '\n\x02q5'), 'missing');
  assert.match(String(missing), /needs "q5", which the file neither holds nor computes/);
  const twice = tryImport(exchanged(whole, '\x12\x02x6', '\x12\x02x5'), 'twice');
  assert.match(String(twice), /"x5" is made twice/);
});

/** A copy of the network with external weights, its folder's own, with its text changed. */
function external(from: string, to: string): string {
  const own = mkdtempSync(join(folder, 'external-'));
  cpSync(`${FOLDER}/external.bin`, join(own, 'external.bin'));
  const path = join(own, 'model.onnx');
  writeFileSync(path, exchanged(readFileSync(modelFile('external')), from, to));
  return path;
}

test('weights beside the model are taken from its folder alone', () => {
  const refused = (path: string, message: RegExp) =>
    assert.throws(
      () => importOnnx(path),
      (error) => error instanceof DataError && message.test(error.message),
    );
  assert.equal(importOnnx(external('external.bin', 'external.bin')).values.size, 26);
  refused(external('external.bin', '../../../etc'), /not a file in the folder of the model/);
  refused(external('external.bin', '/etc/passwd1'), /not a file in the folder of the model/);
  refused(external('external.bin', 'c:\\etcetc.bi'), /not a file in the folder of the model/);
  refused(external('external.bin', 'externax.bin'), /not beside it; fetch that file too/);
  const short = external('external.bin', 'external.bin');
  truncateSync(join(short, '..', 'external.bin'), 5000);
  refused(short, /5000 in all; a file was cut short/);
  const link = external('external.bin', 'elsewhere.bi');
  mkdirSync(join(folder, 'other'));
  writeFileSync(join(folder, 'other', 'secret'), Buffer.alloc(100_000));
  symlinkSync(join(folder, 'other', 'secret'), join(link, '..', 'elsewhere.bi'));
  refused(link, /a link that leaves the folder of the model/);
  const directory = external('external.bin', 'elsewhere.bi');
  mkdirSync(join(directory, '..', 'elsewhere.bi'));
  refused(directory, /cut short|which has/);
});

test('what is given instead of a model is named', () => {
  const cases: [string | Uint8Array, RegExp][] = [
    ['', /is empty/],
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 12\n',
      /pointer of Git LFS.*git lfs pull/,
    ],
    ['PK\x03\x04rest', /zip archive/],
    ['<!DOCTYPE html><html>', /web page/],
    ['{"a": 1}', /JSON/],
    [Uint8Array.of(0x80, 2, 0x8a, 10), /pickle/],
    [readFileSync(`${FOLDER}/images.safetensors`), /safetensors file: weights without a network/],
    ['no model at all, but text', /not a whole ONNX model/],
    [Uint8Array.of(8, 8), /holds no graph/],
  ];
  for (const [bytes, message] of cases) {
    writeFileSync(file, bytes);
    assert.throws(
      () => importOnnx(file),
      (error) => error instanceof DataError && message.test(error.message),
      String(message),
    );
  }
  assert.throws(() => importOnnx(folder), /is a folder/);
  assert.throws(() => importOnnx(join(folder, 'absent.onnx')), /there is no such file/);
});

test('writing back refuses what would do harm', () => {
  const original = modelFile('vit');
  const { values } = importOnnx(original);
  const out = join(folder, 'out.onnx');
  const [[name, value]] = values;
  const one = (data: Float32Array) => new Map([[name, data]]);
  assert.throws(() => writeBack(original, values, original), /is the original file/);
  assert.throws(() => writeBack(original, one(new Float32Array(3)), out), /3 values were given/);
  assert.throws(
    () => writeBack(original, one(new Float32Array(value.length).fill(Number.NaN)), out),
    /Training went astray/,
  );
  assert.throws(
    () => writeBack(original, new Map([['backbone.absent', value]]), out),
    /has no array "backbone.absent"/,
  );
  const half = modelFile('half');
  const [[key, weights]] = importOnnx(half).values;
  const large = new Map([[key, new Float32Array(weights.length).fill(1e6)]]);
  assert.throws(() => writeBack(half, large, out), /too large for float16/);
  assert.throws(
    () => writeBack(modelFile('external'), importOnnx(modelFile('external')).values, `${FOLDER}/other.onnx`),
    /Write the tuned network into another folder/,
  );
});
