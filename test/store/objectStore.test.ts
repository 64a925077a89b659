/**
 * Tables on an object store: the contract, the probe for conditional writes, and who may write. The store is
 * s3rver, with conditional writes added and as it comes, without them.
 */
import assert from 'node:assert/strict';
import { utimesSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { addColumns, admitWriter, createTable, openTable, tableExists } from '../../src/engines/open.js';
import { HierError, UsageError } from '../../src/errors.js';
import {
  lanceStorage,
  objectStoreSettings,
  objectsOf,
  probeConditionalPut,
} from '../../src/store/objectStore.js';
import { fitSpace } from '../../src/store/space.js';
import { BUCKET, startObjectStore, type TestStore } from '../engines/s3.js';
import { testStore } from './contract.js';
import { clustered, item, rowOf } from './support.js';

let good: TestStore;
let ignorant: TestStore;
before(async () => {
  good = await startObjectStore({ conditional: true });
  ignorant = await startObjectStore({ conditional: false });
});
after(() => {
  good.close();
  ignorant.close();
});

const uri = (name: string) => `s3://${BUCKET}/some/${name}`;
const within = ({ settings }: TestStore) => ({ objectStore: settings });

testStore(
  'a LanceDB table on an object store',
  (name, options) => createTable(uri(name), options, within(good)),
  (name) => openTable(uri(name), within(good)),
  (name, columns) => addColumns(uri(name), columns, within(good)),
);

describe('the probe for conditional writes', () => {
  it('passes where the second write is refused, fails where it is not, and leaves nothing', async () => {
    for (const [store, expected] of [
      [good, true],
      [ignorant, false],
    ] as const) {
      const objects = objectsOf(BUCKET, store.settings);
      assert.equal(await probeConditionalPut(objects, 'probed'), expected);
      assert.deepEqual(await objects.list('probed/'), []);
    }
  });

  it('fails where the first write is refused', async () => {
    const objects = { ...objectsOf(BUCKET, good.settings), put: async () => false };
    assert.equal(await probeConditionalPut(objects, 'probed'), false);
  });
});

describe('writers of a table on an object store', () => {
  const dim = 8;
  const vectors = clustered({ rows: 40, dim });
  const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
  const items = Array.from({ length: 40 }, (_, i) => item(String(i), rowOf(vectors, dim, i)));

  it('are several where writes are conditional', async () => {
    const writers = [await admitWriter(uri('w'), within(good)), await admitWriter(uri('w'), within(good))];
    assert.deepEqual(
      writers.map(({ alone }) => alone),
      [false, false],
    );
    for (const writer of writers) await writer.release();
    assert.deepEqual(await objectsOf(BUCKET, good.settings).list('some/w/'), []);
  });

  it('are one where they are not, until it has gone', async () => {
    const table = uri('single');
    const writer = await admitWriter(table, within(ignorant));
    assert.equal(writer.alone, true);
    await assert.rejects(admitWriter(table, within(ignorant)), (error: Error) => {
      assert.ok(error instanceof HierError);
      assert.match(
        error.message,
        new RegExp(`s3://tables/some/single is being written by process ${process.pid} on .*If-None-Match`),
      );
      return true;
    });
    const store = await createTable(table, { space }, within(ignorant));
    await store.write(items.slice(0, 20), { allNew: true });
    await store.write(items);
    assert.equal(await store.count(), 40);
    await store.close();
    await (await admitWriter(uri('another'), within(ignorant))).release();
    await writer.release();
    await (await admitWriter(table, within(ignorant))).release();
    assert.deepEqual(await objectsOf(BUCKET, ignorant.settings).list('some/single/writers/'), []);
  });

  it('are at most one of many that come at once', async () => {
    const attempts = Array.from({ length: 4 }, () => admitWriter(uri('rush'), within(ignorant)));
    const admitted = (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled');
    assert.ok(admitted.length <= 1);
    for (const one of admitted) if (one.status === 'fulfilled') await one.value.release();
  });

  it('take over from one that was killed, after a minute', async () => {
    const objects = objectsOf(BUCKET, ignorant.settings);
    const key = 'some/killed/writers/dead';
    await objects.put(key, '{"pid": 7, "host": "gone", "since": "then"}');
    await assert.rejects(admitWriter(uri('killed'), within(ignorant)), /process 7 on gone since then/);
    const past = Date.now() / 1000 - 70;
    utimesSync(ignorant.fileOf(key), past, past);
    await (await admitWriter(uri('killed'), within(ignorant))).release();
    assert.deepEqual(await objects.list('some/killed/'), []);
  });
});

describe('objects of a bucket', () => {
  it('are written, read, listed and removed under any key', async () => {
    const objects = objectsOf(BUCKET, good.settings);
    const keys = ['any/a b', "any/it's (1)!*", 'any/ä&<x>', 'any/50%+1'];
    for (const key of keys) assert.equal(await objects.put(key, `of ${key}`), true);
    assert.equal(await objects.put(keys[0], 'again', { ifAbsent: true }), false);
    for (const key of keys) assert.equal(await objects.get(key), `of ${key}`);
    const listed = await objects.list('any/');
    assert.deepEqual(listed.map(({ key }) => key).sort(), [...keys].sort());
    assert.ok(listed.every(({ age }) => Math.abs(age) < 600));
    await objects.put('any/deep/er/one', '');
    const there = [objects.has('any/'), objects.has('any/deep/'), objects.has('any/d/'), objects.has('an/')];
    assert.deepEqual(await Promise.all(there), [true, true, false, false]);
    for (const key of [...keys, 'any/deep/er/one', 'any/nothing']) await objects.remove(key);
    assert.deepEqual(await objects.list('any/'), []);
    assert.equal(await objects.get(keys[0]), null);
  });

  it('say what is wrong with the store', async () => {
    const { settings } = good;
    await assert.rejects(tableExists('s3://nowhere/t', within(good)), /answers 404 NoSuchBucket.*"nowhere"/);
    const wrong = { ...settings, accessKeyId: 'wrong' };
    await assert.rejects(tableExists(uri('t'), { objectStore: wrong }), /answers 403 InvalidAccessKeyId/);
    const closed = { ...settings, endpoint: 'http://127.0.0.1:1' };
    await assert.rejects(tableExists(uri('t'), { objectStore: closed }), (error: Error) => {
      assert.ok(error instanceof HierError);
      assert.match(error.message, /127\.0\.0\.1:1 cannot be reached/);
      return true;
    });
    await assert.rejects(openTable(uri('missing'), within(good)), /no table s3:\/\/tables\/some\/missing/);
  });
});

describe('objectStoreSettings', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 's' };

  it('reads the usual variables', () => {
    const [plain, full] = [
      objectStoreSettings(keys),
      objectStoreSettings({
        ...keys,
        AWS_SESSION_TOKEN: 't',
        AWS_DEFAULT_REGION: 'eu-north-1',
        AWS_ENDPOINT_URL: 'https://elsewhere',
        AWS_ENDPOINT_URL_S3: 'https://objects.example.org/',
      }),
    ];
    assert.deepEqual(plain, { region: 'us-east-1', accessKeyId: 'a', secretAccessKey: 's' });
    assert.deepEqual(full, {
      endpoint: 'https://objects.example.org',
      region: 'eu-north-1',
      accessKeyId: 'a',
      secretAccessKey: 's',
      sessionToken: 't',
    });
    assert.deepEqual(lanceStorage(full), {
      aws_region: 'eu-north-1',
      aws_access_key_id: 'a',
      aws_secret_access_key: 's',
      aws_session_token: 't',
      virtual_hosted_style_request: 'false',
      endpoint: 'https://objects.example.org',
      allow_http: 'false',
    });
    assert.equal('endpoint' in lanceStorage(plain), false);
  });

  it('allows plain http for this machine, and elsewhere on request', () => {
    const to = (AWS_ENDPOINT_URL: string, more = {}) =>
      objectStoreSettings({ ...keys, AWS_ENDPOINT_URL, ...more }).endpoint;
    for (const local of ['http://127.0.0.1:9000', 'http://localhost:9000', 'http://[::1]:9000'])
      assert.equal(to(local), local);
    for (const other of ['http://objects.example.org', 'http://127.evil.example', 'http://10.0.0.1:9000']) {
      assert.throws(() => to(other), /unencrypted.*AWS_ALLOW_HTTP=true/);
      assert.equal(to(other, { AWS_ALLOW_HTTP: 'true' }), other);
    }
    for (const none of ['objects.example.org', 'ftp://x']) assert.throws(() => to(none), UsageError);
    assert.throws(() => objectStoreSettings({ AWS_ACCESS_KEY_ID: 'a' }), /AWS_SECRET_ACCESS_KEY/);
  });
});
