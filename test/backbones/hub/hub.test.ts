import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import {
  fileAddress,
  getNetwork,
  keptNetwork,
  networkFile,
  parseHubName,
} from '../../../src/backbones/hub/index.js';
import { importOnnx } from '../../../src/backbones/onnx/index.js';
import { DataError, HierError, UsageError } from '../../../src/errors.js';
import { temporaryFolder } from '../../images/support.js';
import { cutHeld, type Served, sendFile, serve } from '../../io/download/support.js';
import { networkBytes } from '../frozen/support.js';
import { arrayBytes, behindPooling, onnxBytes } from '../onnx/build.js';

const NETWORK = Buffer.from(networkBytes({ width: 64 }));
const SHA256 = createHash('sha256').update(NETWORK).digest('hex');
const CONFIG = Buffer.from(
  JSON.stringify({ size: 8, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] }),
);

let folder: string;
let server: Served | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true });
});

/** A mirror with these files of `some/net`; every other path is not there. */
const mirror = (files: Record<string, Buffer>, holdAfter?: number) =>
  serve((request, response, count) => {
    const file = files[request.url!.replace('/some/net/resolve/main/', '')];
    if (file) sendFile(request, response, file, count === 1 && holdAfter ? { holdAfter } : {});
    else response.writeHead(404).end('Entry not found');
  });

const left = (...parts: string[]) => join(folder, 'hub', 'some', 'net', ...parts);

describe('names on the hub', () => {
  it('are read with and without a file, and refused with what to write', () => {
    assert.deepEqual(parseHubName('hub:a/b'), { repository: 'a/b', file: undefined });
    assert.deepEqual(parseHubName('hub:a-1/b.c:onnx/x_q.onnx'), {
      repository: 'a-1/b.c',
      file: 'onnx/x_q.onnx',
    });
    for (const wrong of [
      ...['hub:', 'hub:a', 'hub:a/b/c', 'hub:../b', 'hub:a/..', 'hub:a b/c', 'a/b', 'hub:a/b:'],
      ...['hub:a/b:../x.onnx', 'hub:a/b:/x.onnx', 'hub:a/b:x//y.onnx', 'hub:a/b:model.safetensors'],
    ])
      assert.throws(
        () => parseHubName(wrong),
        (error) => error instanceof UsageError && /hub:/.test(error.message),
        wrong,
      );
    assert.equal(
      fileAddress('a/b', 'onnx/m 1.onnx', 'https://mirror.example/'),
      'https://mirror.example/a/b/resolve/main/onnx/m%201.onnx',
    );
  });
});

describe('a network from the hub', () => {
  it('is fetched with what lies beside it, resumed after a cut, and not fetched twice', async () => {
    server = await mirror({ 'onnx/model.onnx': NETWORK, 'preprocessor_config.json': CONFIG }, 1000);
    const from = server.address;
    const notes: string[] = [];
    const how = { from, retryDelay: 1, onProgress: cutHeld, onNote: (note: string) => notes.push(note) };
    const got = await getNetwork('hub:some/net', folder, how);
    assert.equal(notes.length, 1);
    assert.match(server.asked[1], /onnx\/model\.onnx bytes=\d+-/);
    assert.deepEqual(
      [got.name, got.path, got.sha256, got.fetched, got.beside],
      [
        'hub:some/net:onnx/model.onnx',
        left('onnx', 'model.onnx'),
        SHA256,
        true,
        [left('preprocessor_config.json')],
      ],
    );
    assert.ok(readFileSync(got.path).equals(NETWORK));
    const before = server.asked.length;
    assert.equal((await getNetwork('hub:some/net', folder, { from })).fetched, false);
    assert.equal(server.asked.length, before);
    assert.equal(keptNetwork('hub:some/net:onnx/model.onnx', folder)?.sha256, SHA256);
    writeFileSync(got.path, NETWORK.subarray(0, -1));
    await assert.rejects(
      getNetwork('hub:some/net', folder, { from }),
      (error) => error instanceof DataError && /--force/.test(error.message),
    );
    assert.equal((await getNetwork('hub:some/net', folder, { from, force: true })).fetched, true);
    assert.ok(readFileSync(got.path).equals(NETWORK));
  });

  it('is known with its weights beside it, which are looked at too', async () => {
    const kernel = { dims: [2, 3], values: [1, 0, 0, 0, 1, 1], beside: 'model.onnx_data' };
    const network = Buffer.from(
      onnxBytes(
        behindPooling(
          [{ op: 'Gemm', inputs: ['p', 'w'], outputs: ['y'], attributes: { transB: 1 } }],
          { name: 'y', dims: ['n', 2] },
          { arrays: { w: kernel } },
        ),
      ),
    );
    server = await mirror({ 'model.onnx': network, 'model.onnx_data': Buffer.from(arrayBytes(kernel)) });
    const { address: from } = server;
    const got = await getNetwork('hub:some/net', folder, { from });
    assert.deepEqual(got.beside, [left('model.onnx_data')]);
    assert.equal(got.sha256, importOnnx(got.path).sha256, 'as a run pins it');
    const own = createHash('sha256').update(network).digest('hex');
    assert.notEqual(got.sha256, own);
    for (const sha256 of [undefined, own, got.sha256])
      assert.equal((await getNetwork('hub:some/net', folder, { from, sha256 })).fetched, false);
    const weights = readFileSync(got.beside[0]);
    weights[3] ^= 1;
    writeFileSync(got.beside[0], weights);
    await assert.rejects(
      getNetwork('hub:some/net', folder, { from }),
      (error) => error instanceof DataError && /not what is expected: .*--force/.test(error.message),
    );
  });

  it('may lie at the top, or where its name says', async () => {
    server = await mirror({ 'model.onnx': NETWORK, 'deep/q.onnx': NETWORK });
    const { address: from } = server;
    assert.equal((await getNetwork('hub:some/net', folder, { from })).path, left('model.onnx'));
    assert.equal(
      (await getNetwork('hub:some/net:deep/q.onnx', folder, { from })).path,
      left('deep', 'q.onnx'),
    );
  });

  it('is refused when it is not there, not a network, or fails its checksum, and leaves nothing', async () => {
    server = await mirror({ 'model.onnx': Buffer.from('<!doctype html>'), 'sound.onnx': NETWORK });
    const { address: from } = server;
    for (const [name, sha256, what] of [
      ['hub:some/net', undefined, /web page/],
      ['hub:some/net:absent.onnx', undefined, /There is no .*absent\.onnx.*hub:OWNER\/NAME:FILE/],
      ['hub:some/net:sound.onnx', '0'.repeat(64), /checksum/],
    ] as const)
      await assert.rejects(
        getNetwork(name, folder, { from, sha256, retries: 0 }),
        (error) => error instanceof DataError && what.test(error.message),
      );
    assert.equal(keptNetwork('hub:some/net', folder), null);
    assert.ok(!existsSync(left('sound.onnx')));
    await server.close();
    await assert.rejects(
      getNetwork('hub:some/net', folder, { from, retries: 0 }),
      (error) =>
        error instanceof HierError &&
        !(error instanceof DataError) &&
        /Run the same command again/.test(error.message),
    );
    server = undefined;
  });

  it('comes from a folder laid out as its repository, or from a file', async () => {
    const source = join(folder, 'copy');
    mkdirSync(join(source, 'onnx'), { recursive: true });
    writeFileSync(join(source, 'onnx', 'model.onnx'), NETWORK);
    writeFileSync(join(source, 'config.json'), '{}');
    const got = await getNetwork('hub:some/net', folder, { from: source });
    assert.deepEqual([got.verified, got.beside], [false, [left('config.json')]]);
    const one = await getNetwork('hub:other/net', folder, { from: join(source, 'onnx', 'model.onnx') });
    assert.ok(readFileSync(one.path).equals(NETWORK));
    await assert.rejects(
      getNetwork('hub:third/net', folder, { from: join(folder, 'nowhere') }),
      (error) => error instanceof DataError && /There is neither/.test(error.message),
    );
  });
});

describe('the file of a network', () => {
  it('is what a path names, and what is missing is said with how to get it', () => {
    writeFileSync(join(folder, 'a.onnx'), NETWORK);
    assert.equal(networkFile(join(folder, 'a.onnx')), join(folder, 'a.onnx'));
    assert.throws(
      () => networkFile(join(folder, 'b.onnx')),
      (error) => error instanceof UsageError && /There is no file .*b\.onnx/.test(error.message),
    );
    assert.throws(
      () => networkFile('hub:no/such'),
      (error) => error instanceof UsageError && /npx hier weights get hub:no\/such/.test(error.message),
    );
  });
});
