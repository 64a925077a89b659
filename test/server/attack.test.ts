/** A service that is treated badly: dear images, clients that leave, long texts, damaged parts of its table. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { openTable } from '../../src/engines/open.js';
import { type RunningServer, startServer } from '../../src/server/server.js';
import type { ItemFacts } from '../../src/store/store.js';
import { nextTurn } from '../../src/turns.js';
import { temporaryFolder } from '../images/support.js';
import { asks, blackPng, makeTable, posts } from './support.js';

/** A PNG or an extended WebP of which only the header is there, and says what size it is. */
function headerOf(format: 'png' | 'webp', width: number, height: number): Buffer {
  if (format === 'png') {
    const bytes = Buffer.from('89504e470d0a1a0a0000000d49484452000000000000000008020000000000000000', 'hex');
    bytes.writeUInt32BE(width, 16);
    bytes.writeUInt32BE(height, 20);
    return bytes;
  }
  const bytes = Buffer.alloc(40);
  bytes.write('RIFF\x20\0\0\0WEBPVP8X\x0a\0\0\0', 'latin1');
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

describe('a service that is treated badly', () => {
  const failures: unknown[] = [];
  let server: RunningServer;
  let items: readonly ItemFacts[];

  before(async () => {
    const made = await makeTable(temporaryFolder(), { classes: 4, each: 2 });
    items = made.items;
    server = await startServer({ table: made.table, port: 0, onFailure: (error) => failures.push(error) });
  });
  after(() => server.close());

  const uploads = (body: Uint8Array) => asks(`${server.url}/api/search/image`, { method: 'POST', body });
  /** The number of requests of a route that ended with a status, as the metrics count them. */
  const counted = async (route: string, status: number): Promise<number> => {
    const { text } = await asks(`${server.url}/metrics`);
    const line = `hier_requests_total{route="${route}",status="${status}"} `;
    return Number(
      text
        .split('\n')
        .find((one) => one.startsWith(line))
        ?.slice(line.length) ?? 0,
    );
  };
  /** Waits until the metrics count as much. */
  const until = async (route: string, status: number, count: number) => {
    while ((await counted(route, status)) < count) await delay(10);
  };
  /** Sends the beginning of a request, and leaves. */
  const leave = (head: string) =>
    new Promise<void>((resolve, reject) => {
      const { port } = new URL(server.url);
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write(`${head.replace('\r\n', `\r\nHost: localhost:${port}\r\n`)}`, () => {
          socket.destroy();
          resolve();
        });
      });
      socket.on('error', reject);
    });

  it('says that an image is too large, by its pixels and by its sides, whatever the decoder thinks of it', async () => {
    const large = [
      await blackPng(1, 20_001),
      await blackPng(20_001, 1),
      await blackPng(7000, 6000),
      headerOf('png', 50_000, 50_000),
      headerOf('png', 1, 39_000_000),
      headerOf('png', 2 ** 31 - 1, 2 ** 31 - 1),
      headerOf('webp', 2 ** 24, 2 ** 24),
    ];
    for (const body of large) {
      const { status, text } = await uploads(body);
      assert.equal(status, 413, text);
      assert.match(text, /pixels; .*at most/);
    }
    assert.equal((await uploads(await blackPng(1, 20_000))).status, 200);
    assert.equal((await uploads(headerOf('png', 10, 10))).status, 415);
  });

  it('counts those who leave as such, whatever they asked, and logs nothing', async () => {
    const post = (path: string, type: string) =>
      `POST ${path} HTTP/1.1\r\nContent-Type: ${type}\r\nContent-Length: 50000\r\n\r\nhalf`;
    for (let i = 0; i < 3; i++) {
      await leave(post('/api/search/image', 'image/png'));
      await leave(post('/api/search', 'application/json'));
    }
    await until('/api/search/image', 499, 3);
    await until('/api/search', 499, 3);
    const body = await blackPng(4000, 4000);
    await leave(`POST /api/search/image HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n`);
    for (const path of ['/api/items', '/api/points', '/api/table', `/api/thumbnail?id=${items[0].id}`])
      await leave(`GET ${encodeURI(path)} HTTP/1.1\r\n\r\n`);
    await until('/api/search/image', 499, 4);
    // Where much is going on, they have left before anybody has looked at what they asked.
    const busy = Array.from({ length: 20 }, () => nextTurn('image', 100));
    await leave(post('/api/search/image', 'image/png'));
    await Promise.all(busy);
    await until('/api/search/image', 499, 5);
    const { text } = await asks(`${server.url}/metrics`);
    assert.doesNotMatch(text, /status="500"/);
    assert.doesNotMatch(text, /route="other"/);
    assert.deepEqual(failures, []);
  });

  it('takes no text that is long or holds NUL, in any route, and repeats none at length', async () => {
    const routes = [
      '/api/item?id=',
      '/api/thumbnail?id=',
      '/api/relation?a=x&b=',
      '/api/items?label=',
      '/api/items?node=',
    ];
    for (const path of routes)
      for (const value of ['x'.repeat(1001), 'a%00b']) {
        const { status, text } = await asks(`${server.url}${path}${value}`);
        assert.equal(status, 400, path);
        assert.ok(text.length < 500, text);
      }
    for (const path of ['label', 'within'])
      assert.equal(
        (await asks(`${server.url}/api/search/image?${path}=${'x'.repeat(1001)}`, { method: 'POST' })).status,
        400,
      );
    const { id } = items[0];
    const long = 'x'.repeat(10_000);
    const questions = [
      { id, within: long },
      { id: 'a\0' },
      { id, within: 'a\0' },
      { id, filter: { labels: ['a\0'] } },
      { id, filter: { ids: [long] } },
      { id, filter: { metadata: { shade: ['\0'] } } },
      { id, [long]: 1 },
      { vector: [1e300, 1, 1, 1, 1, 1, 1, 1] },
    ];
    for (const question of questions) {
      const { status, text } = await posts(`${server.url}/api/search`, question);
      assert.equal(status, 400, text);
      assert.ok(text.length < 500, text);
    }
    const large = await posts(`${server.url}/api/search`, { id: 'x'.repeat(2 ** 20) });
    assert.deepEqual([large.status, large.headers.connection], [413, 'close']);
    assert.equal((await asks(`${server.url}/api/${long}`)).text.length < 500, true);
    assert.deepEqual(failures, []);
  });

  it('answers many thumbnails at once, each or that it is busy', async () => {
    const urls = Array.from(
      { length: 600 },
      (_, i) => `${server.url}/api/thumbnail?id=${encodeURIComponent(items[i % items.length].id)}`,
    );
    const statuses = (await Promise.all(urls.map((url) => asks(url)))).map(({ status }) => status);
    assert.ok(statuses.every((status) => status === 200 || status === 503));
    assert.ok(statuses.filter((status) => status === 200).length >= 64);
  });
});

describe('a service over a table of which parts are damaged', () => {
  it('starts without them, says which, and answers the rest', async () => {
    const { table, items, images } = await makeTable(temporaryFolder(), { classes: 4, each: 2 });
    const store = await openTable(table);
    const sound = new Map<string, Uint8Array>();
    for (const name of ['tree', 'map', 'model.onnx']) {
      const bytes = (await store.file(name))!;
      sound.set(name, Uint8Array.from(bytes));
      await store.setFile(
        name,
        bytes.map((byte, i) => (i % 7 === 3 ? byte ^ 0x55 : byte)),
      );
    }
    const failures: Error[] = [];
    const onFailure = (error: unknown) => failures.push(error as Error);
    const page = join(images, '..');
    const server = await startServer({ table, port: 0, page, onFailure });
    assert.equal(server.problems.length, 3);
    const health = async () =>
      (await asks(`${server.url}/api/health`)).json<{ status: string; missing: string[] }>();
    const { status, missing } = await health();
    assert.deepEqual([status, missing.sort()], ['degraded', ['map', 'model', 'tree']]);
    const told = (await asks(`${server.url}/api/table`)).json<Record<string, unknown>>();
    assert.deepEqual([told.hasTree, told.searchesImages], [false, false]);
    assert.deepEqual(told.problems, server.problems);
    assert.equal((await asks(`${server.url}/api/points`)).status, 200);
    assert.equal((await asks(`${server.url}/api/tree`)).status, 404);
    assert.equal((await posts(`${server.url}/api/search`, { id: items[0].id, group: true })).status, 200);
    const image = await asks(`${server.url}/api/search/image`, {
      method: 'POST',
      body: await blackPng(9, 9),
    });
    assert.deepEqual([image.status, /damaged/.test(image.text)], [501, true]);
    assert.equal(failures.length, 3, failures.join('\n'));
    assert.ok(failures.every(({ message }) => message.length > 0));

    for (const [name, bytes] of sound) await store.setFile(name, bytes);
    await store.close();
    while (!(await asks(`${server.url}/api/table`)).json<{ hasTree: boolean }>().hasTree) await delay(50);
    assert.ok(!(await health()).missing.includes('tree'));
    await server.close();
  });
});
