import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { DataError } from '../../src/errors.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { randomStream } from '../../src/random.js';
import {
  type Checkpoint,
  readCheckpoint,
  type Tensor32,
  writeCheckpoint,
} from '../../src/runs/checkpoint.js';
import { createAdamW } from '../../src/training/optimizer.js';

const folder = mkdtempSync(join(tmpdir(), 'hier-checkpoint-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'last.safetensors');

function tensor(...shape: number[]): Tensor32 {
  const random = randomStream(1, 'tensor', ...shape);
  return {
    shape,
    data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
  };
}

function example(): Checkpoint {
  const parameters = {
    'stem/weight': tensor(4, 3, 3, 3),
    classProxies: tensor(5, 8),
    hierarchicalProxies: tensor(6, 8),
  };
  const optimizer = createAdamW(
    Object.fromEntries(Object.entries(parameters).map(([name, { data }]) => [name, data])),
  );
  optimizer.step = 57;
  for (const moments of [optimizer.mean, optimizer.variance])
    for (const [i, values] of Object.values(moments).entries()) values.fill(i + 0.1);
  optimizer.mean.classProxies.set([Number.NaN, -0, 1e-45, Number.NEGATIVE_INFINITY]);
  return {
    epoch: 2,
    step: 58,
    seed: 3,
    best: { metric: 'validation.recall@1', value: 0.1 + 0.2, epoch: 1 },
    recipeHash: 'a'.repeat(64),
    dataFingerprint: 'ü "quoted"',
    parameters,
    optimizer,
    statistics: { 'stem/mean': tensor(4), 'stem/variance': tensor(4) },
  };
}

/** A checkpoint with the bit patterns of its numbers, so that NaN and -0 count. */
function bits(value: unknown): unknown {
  if (value instanceof Float32Array) return [...new Uint32Array(value.slice().buffer)];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, inner]) => [key, bits(inner)])
      .sort(),
  );
}

describe('a checkpoint whose names are those that objects have', () => {
  for (const name of ['__proto__/polluted', '__proto__', 'constructor/prototype', 'toString/x', 'x'])
    it(`is refused for a tensor "${name}", and changes nothing`, () => {
      const { metadata, tensors } = sealedParts();
      writeSafetensors(path, [...tensors, [name, tensor(2)]], { metadata, seal: true });
      assert.throws(
        () => readCheckpoint(path),
        (error: Error) => {
          assert.ok(error instanceof DataError);
          assert.match(error.message, /tensor ".*" is not one of a checkpoint/);
          return true;
        },
      );
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });

  it('may have a parameter of such a name: it is a key as any other', () => {
    for (const name of ['__proto__', 'constructor', 'hasOwnProperty']) {
      const { metadata, tensors } = sealedParts();
      const own = ['parameter', 'mean', 'variance'].map((group) => [`${group}/${name}`, tensor(2)] as const);
      writeSafetensors(path, [...tensors, ...own], { metadata, seal: true });
      const { parameters, optimizer } = readCheckpoint(path);
      for (const group of [parameters, optimizer.mean, optimizer.variance]) {
        assert.ok(Object.hasOwn(group, name));
        assert.equal(Object.getPrototypeOf(group), Object.prototype);
      }
    }
  });

  /** What a sound checkpoint holds. */
  function sealedParts() {
    writeCheckpoint(path, example());
    return readSafetensors(path);
  }
});

describe('a checkpoint', () => {
  it('comes back bit for bit', () => {
    writeCheckpoint(path, example());
    assert.deepEqual(bits(readCheckpoint(path)), bits(example()));
    const fresh = { ...example(), best: null, statistics: {} };
    writeCheckpoint(path, fresh);
    assert.deepEqual(bits(readCheckpoint(path)), bits(fresh));
  });

  it('is an ordinary safetensors file', () => {
    writeCheckpoint(path, example());
    const { tensors } = readSafetensors(path, { names: ['parameter/classProxies'] });
    assert.deepEqual(tensors.get('parameter/classProxies'), example().parameters.classProxies);
  });

  it('is refused after any truncation or flipped bit, with the way out', () => {
    writeCheckpoint(join(folder, 'best.safetensors'), example());
    const whole = readFileSync(join(folder, 'best.safetensors'));
    const refused = (error: unknown) => {
      assert.ok(error instanceof DataError, `${error}`);
      assert.ok(error.message.includes(path), error.message);
      assert.match(error.message, /Other checkpoints beside it: best\.safetensors\. Resume from one/);
      return true;
    };
    fc.assert(
      fc.property(fc.nat(whole.length - 1), (length) => {
        writeFileSync(path, whole.subarray(0, length));
        assert.throws(() => readCheckpoint(path), refused);
      }),
      { numRuns: 200 },
    );
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (position, mask) => {
        const bytes = Buffer.from(whole);
        bytes[position] ^= mask;
        writeFileSync(path, bytes);
        assert.throws(() => readCheckpoint(path), refused);
      }),
      { numRuns: 500 },
    );
    rmSync(path);
    assert.throws(() => readCheckpoint(path), refused);
  });

  it('cannot write into the language, whatever its tensors are called', () => {
    writeCheckpoint(path, example());
    const { metadata } = readSafetensors(path);
    const { 'hier.sha256': _, ...texts } = metadata;
    const one = { shape: [1], data: Float32Array.of(1) };
    for (const name of ['__proto__/polluted', 'constructor/polluted', 'toString/x', '__proto__']) {
      writeSafetensors(path, [[name, one]], { metadata: texts, seal: true });
      assert.throws(
        () => readCheckpoint(path),
        (error) => error instanceof DataError && /is not one of a checkpoint/.test(error.message),
      );
    }
    const names = ['parameter', 'mean', 'variance'].map((group) => [`${group}/__proto__`, one] as const);
    writeSafetensors(path, names, { metadata: texts, seal: true });
    const { parameters, optimizer } = readCheckpoint(path);
    assert.deepEqual([Object.keys(parameters), Object.keys(optimizer.mean)], [['__proto__'], ['__proto__']]);
    assert.equal(({} as { polluted?: unknown }).polluted, undefined);
  });

  it('is refused when it is not a checkpoint, or a newer one', () => {
    const alone = join(folder, 'alone', 'x.safetensors');
    writeSafetensors(alone, []);
    assert.throws(
      () => readCheckpoint(alone),
      /not a checkpoint\. There is no other checkpoint beside it: start/,
    );
    writeSafetensors(alone, [], { metadata: { format: 'hier-checkpoint', version: '2' }, seal: true });
    assert.throws(
      () => readCheckpoint(alone),
      /written by a newer hier \(checkpoint version 2; this one reads 1\)/,
    );
    writeSafetensors(alone, [], {
      metadata: { format: 'hier-checkpoint', version: '1', progress: '{}' },
      seal: true,
    });
    assert.throws(() => readCheckpoint(alone), /progress cannot be read/);
    const good = example();
    writeCheckpoint(path, good);
    const { tensors, metadata } = readSafetensors(path);
    tensors.delete('mean/classProxies');
    writeSafetensors(alone, tensors, { metadata, seal: true });
    assert.throws(() => readCheckpoint(alone), /moments of "classProxies" are missing/);
    writeSafetensors(alone, tensors, { metadata: { ...metadata, 'hier.sha256': '0' } });
    assert.throws(() => readCheckpoint(alone), DataError);
  });

  it('is not written when it could not be read back, and the old one stays', () => {
    writeCheckpoint(path, example());
    copyFileSync(path, join(folder, 'copy'));
    const bad = { ...example(), best: { metric: 'm', value: Number.NaN, epoch: 0 } };
    assert.throws(() => writeCheckpoint(path, bad));
    assert.ok(readFileSync(path).equals(readFileSync(join(folder, 'copy'))));
  });
});
