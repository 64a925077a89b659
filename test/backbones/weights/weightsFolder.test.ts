import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { createBackbone } from '../../../src/backbones/index.js';
import {
  getWeights,
  keptPath,
  listWeights,
  loadWeights,
  SOURCES,
  type WantedArray,
  weightsAddress,
} from '../../../src/backbones/weights/index.js';
import { DataError, HierError, UsageError } from '../../../src/errors.js';
import { input } from '../../../src/graph/index.js';
import { acquireLock } from '../../../src/io/lock.js';
import { Scope } from '../../../src/nn/index.js';
import { temporaryFolder } from '../../images/support.js';
import { type Served, sendFile, serve } from '../../io/download/support.js';
import { safetensorsBytes } from './support.js';

/** ViT-S/16 of ones in bfloat16 under the names of timm: 43 MB. */
function vitFile(): Buffer {
  const scope = new Scope({ training: false });
  createBackbone({ name: 'vit-s16' }).forward(input('images', [1, 3, 224, 224]), scope);
  const arrays = [...scope.arrays.values()].map(({ name, shape }): WantedArray => {
    const own = name.replace('backbone.', '');
    return { name: own, shape: own === 'patch_embed.proj.weight' ? [384, 3, 16, 16] : shape };
  });
  return safetensorsBytes([...arrays, { name: 'head.weight', shape: [10, 384] }]);
}

describe('the folder of weights', () => {
  let file: Buffer;
  let folder: string;
  let server: Served;
  before(async () => {
    file = vitFile();
    server = await serve((request, response) => {
      if (request.url!.endsWith('/model.safetensors')) sendFile(request, response, file);
      else response.writeHead(200).end('<html>please sign in</html>');
    });
  });
  after(() => server.close());
  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('takes weights from a mirror by their name, and leaves them alone the next time', async () => {
    const got = await getWeights('vit-s16', folder, { from: `${server.address}/` });
    assert.equal(got.fetched, true);
    assert.equal(got.path, keptPath(folder, 'vit-s16'));
    assert.equal(
      got.from,
      `${server.address}/timm/vit_small_patch16_224.augreg_in21k_ft_in1k/resolve/main/model.safetensors`,
    );
    assert.ok(readFileSync(got.path).equals(file));
    assert.deepEqual(readdirSync(folder).sort(), ['vit-s16.safetensors', 'vit-s16.safetensors.json']);

    const asked = server.asked.length;
    const { fetched, ...again } = await getWeights('vit-s16', folder, { from: `${server.address}/` });
    assert.deepEqual([fetched, server.asked.length], [false, asked]);
    const kept = listWeights(folder).map((entry) => entry.kept);
    assert.deepEqual(kept, [again, null, null, null, null]);

    const scope = new Scope({ training: true });
    createBackbone({ name: 'vit-s16' }).forward(input('images', [1, 3, 32, 32]), scope);
    const { values, ignored, resized } = loadWeights(got.path, [...scope.arrays.values()]);
    assert.deepEqual([ignored, resized], [['head.weight'], { from: 14, to: 2 }]);
    assert.ok(values.get('backbone.blocks.11.mlp.fc2.weight')!.every((x) => x === 1));

    writeFileSync(got.path, file.subarray(0, file.length - 1));
    await assert.rejects(getWeights('vit-s16', folder), /cut short: 1 of/);
    const other = Buffer.from(file);
    other[other.length - 1] ^= 1;
    writeFileSync(got.path, other);
    await assert.rejects(getWeights('vit-s16', folder), /SHA-256 is .*hier weights get vit-s16 --force/);
    await getWeights('vit-s16', folder, { from: `${server.address}/x/model.safetensors`, force: true });
    assert.ok(readFileSync(got.path).equals(file));
  });

  it('takes a local file, with or without a stated checksum', async () => {
    const given = join(folder, 'given.safetensors');
    writeFileSync(given, file);
    const { sha256, verified, from } = await getWeights('dino-s16', folder, { from: given });
    assert.deepEqual([verified, from], [false, given]);
    const stated = await getWeights('vit-s16', folder, { from: given, sha256: sha256!.toUpperCase() });
    assert.equal(stated.verified, true);
    await assert.rejects(
      getWeights('vit-s16', folder, { from: given, sha256: 'f'.repeat(64), force: true }),
      (error) => error instanceof DataError && error.message.includes(`expected ${'f'.repeat(64)}`),
    );
    await assert.rejects(
      getWeights('deit-s16', folder, { from: join(folder, 'absent') }),
      /There is no file/,
    );
  });

  it('keeps nothing that does not fit the backbone', async () => {
    await assert.rejects(
      getWeights('deit-s16', folder, { from: `${server.address}/x/model.safetensors` }),
      (error) => error instanceof DataError && /missing \(1\): dist_token/.test(error.message),
    );
    await assert.rejects(
      getWeights('vit-s16', folder, { from: `${server.address}/sign-in` }),
      /not a sound safetensors file/,
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it('knows its names, and lets one process fetch at a time', async () => {
    await assert.rejects(
      getWeights('vit-s15', folder),
      (error) =>
        error instanceof UsageError &&
        /Did you mean "vit-s16"\? Known: vit-s16, deit-s16/.test(error.message),
    );
    const held = acquireLock(`${keptPath(folder, 'resnet50')}.lock`);
    assert.ok('lock' in held);
    await assert.rejects(
      getWeights('resnet50', folder, { from: `${server.address}/` }),
      (error) => error instanceof HierError && /is fetching resnet50 already/.test(error.message),
    );
    held.lock.release();
    assert.ok(!existsSync(keptPath(folder, 'resnet50')));
  });

  it('has an address on the hub for every published backbone', () => {
    const addresses = SOURCES.map((source) => weightsAddress(source, 'https://hub.example/'));
    assert.equal(new Set(addresses).size, 5);
    for (const address of addresses) {
      assert.match(address, /^https:\/\/hub\.example\/timm\/[\w.]+\/resolve\/main\//);
      assert.equal(basename(address), 'model.safetensors');
    }
  });
});
