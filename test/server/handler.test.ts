/** A handler in an application: protected as the server is, under each way in. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import express from 'express';
import { HierError, UsageError } from '../../src/errors.js';
import { type Handler, openHandler } from '../../src/server/handler.js';
import { temporaryFolder } from '../images/support.js';
import { asks, makeTable, posts } from './support.js';

const key = 'a-key-of-the-shop-01';
const shop = 'https://shop.example';

describe('a handler in an application', () => {
  const root = temporaryFolder();
  const failures: unknown[] = [];
  let table: string;
  let id: string;
  let handler: Handler;
  let server: Server;
  let url: string;

  before(async () => {
    const made = await makeTable(root, { classes: 3, each: 2 });
    ({ table } = made);
    id = made.items[0].id;
    mkdirSync(join(root, 'page'));
    writeFileSync(join(root, 'page', 'index.html'), '<head></head>the page');
    handler = await openHandler({
      table,
      path: '/visual-search',
      page: join(root, 'page'),
      keys: [key],
      allowOrigins: [shop],
      rateLimit: 60,
      mostBytes: 100_000,
      onFailure: (error) => failures.push(error),
    });
    const app = express();
    app.use('/read', express.json(), express.raw({ type: 'image/*', limit: '1mb' }), express.urlencoded());
    app.use('/taken', (request, _, next) => void request.resume().on('end', () => next()));
    app.use('/:place/of', handler.node);
    app.use(handler.node);
    app.use((_, response) => void response.status(418).send('of the application'));
    server = createServer(app).listen(0);
    url = `http://localhost:${(server.address() as AddressInfo).port}`;
  });
  after(async () => {
    server.close();
    await handler.close();
  });

  const authorization = `Bearer ${key}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const body = () => JSON.stringify({ id, k: 2 });
  const web = (path: string, init: RequestInit = {}, details?: { address: string }) =>
    handler.fetch(new Request(`https://shop.example${path}`, init), details);

  it('answers alike on both ways in', async () => {
    for (const path of ['api/table', 'api/health', 'api/nothing', 'api/item?id=nobody', '', 'nothing']) {
      const node = await asks(`${url}/visual-search/${path}`, { headers: { authorization } });
      const response = await web(`/visual-search/${path}`, { headers: { authorization } });
      assert.deepEqual([response.status, await response.text()], [node.status, node.text], path);
      const more = ['date', 'connection', 'keep-alive', 'x-powered-by', 'content-length'];
      const names = (all: Iterable<string>) => [...all].filter((name) => !more.includes(name)).sort();
      assert.deepEqual(names(response.headers.keys()), names(Object.keys(node.headers)), path);
    }
    const found = await web('/visual-search/api/search', { method: 'POST', headers, body: body() });
    const asked = await asks(`${url}/visual-search/api/search`, { method: 'POST', headers, body: body() });
    assert.equal(await found.text(), asked.text);
  });

  it('wants a key on both, shown in a header or once on a page', async () => {
    assert.equal((await web('/visual-search/api/table')).status, 401);
    assert.equal((await asks(`${url}/visual-search/api/table`)).headers['www-authenticate'], 'Bearer');
    const page = await asks(`${url}/visual-search`, { headers: { accept: 'text/html' } });
    assert.match(page.text, /<base href="\.\/visual-search\/">[\s\S]*action="sign-in"/);
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const sent = { method: 'POST', headers: form, body: `key=${key}` };
    for (const welcome of [
      await asks(`${url}/visual-search/sign-in`, sent),
      await asks(`${url}/read/of/visual-search/sign-in`, sent), // which the application has read
    ]) {
      assert.deepEqual([welcome.status, welcome.headers.location], [303, './']);
      const [cookie] = String(welcome.headers['set-cookie']).split(';');
      assert.equal((await asks(`${url}/visual-search/api/table`, { headers: { cookie } })).status, 200);
    }
    const secure = await web('/visual-search/sign-in', sent);
    assert.match(String(secure.headers.get('set-cookie')), /Path=\/visual-search; Secure$/);
    assert.equal((await web('/visual-search/sign-in', { ...sent, body: 'key=wrong' })).status, 401);
    const large = { ...sent, body: `key=${'x'.repeat(5000)}` };
    assert.equal((await web('/visual-search/sign-in', large)).status, 413);
  });

  it('lets allowed sites read what it answers, failures too', async () => {
    const allowed = (of: Response) => [of.status, of.headers.get('access-control-allow-origin')];
    const origin = { origin: shop };
    assert.deepEqual(
      allowed(await handler.fetch(new Request(`${url}/visual-search/api/table`, { headers: origin }))),
      [401, shop],
    );
    const preflight = { method: 'OPTIONS', headers: { ...origin, 'access-control-request-method': 'POST' } };
    assert.deepEqual(allowed(await web('/visual-search/api/search', preflight)), [204, shop]);
    const points = await web('/visual-search/api/points', { headers: { authorization } });
    assert.equal(points.headers.get('vary'), 'Accept-Encoding, Origin');
  });

  it('stands below any place of a framework, and passes on what is not below it', async () => {
    const nested = await asks(`${url}/shop/of/visual-search/api/table`, { headers });
    assert.equal(nested.status, 200);
    assert.match(
      (await asks(`${url}/shop/of/visual-search`, { headers })).text,
      /<base href="\.\/visual-search\/">/,
    );
    for (const path of ['/', '/visual-searching', '/visual-search/../x', '/VISUAL-SEARCH/api/table'])
      assert.equal((await asks(`${url}${path}`, { headers })).status, 418, path);
    assert.equal((await web('/elsewhere')).status, 404);
  });

  it('takes bodies that the application has read, and says so where one is gone', async () => {
    const read = await asks(`${url}/read/of/visual-search/api/search`, {
      method: 'POST',
      headers,
      body: body(),
    });
    assert.equal(read.json<{ results: unknown[] }>().results.length, 2);
    const image = { ...headers, 'content-type': 'image/png' };
    const wrong = await asks(`${url}/read/of/visual-search/api/search/image`, {
      method: 'POST',
      headers: image,
      body: 'no image',
    });
    assert.equal(wrong.status, 415);
    const large = { method: 'POST', headers: image, body: Buffer.alloc(100_001) };
    assert.equal((await asks(`${url}/read/of/visual-search/api/search/image`, large)).status, 413);
    assert.deepEqual(failures, []);
    const taken = await asks(`${url}/taken/of/visual-search/api/search`, {
      method: 'POST',
      headers,
      body: body(),
    });
    const used = new Request('https://shop.example/visual-search/api/search', {
      method: 'POST',
      headers,
      body: body(),
    });
    await used.text();
    assert.deepEqual([taken.status, (await handler.fetch(used)).status], [500, 500]);
    assert.equal(failures.length, 2);
    for (const error of failures.splice(0))
      assert.ok((error as Error) instanceof HierError && /was read before/.test(String(error)));
  });

  it('bounds bodies of streams, and hears of those who leave', async () => {
    const endless = (init: RequestInit = {}) => {
      let isCancelled = false;
      const stream = new ReadableStream({
        pull: (controller) => controller.enqueue(new Uint8Array(2 ** 16)),
        cancel: () => {
          isCancelled = true;
        },
      });
      const sent = { method: 'POST', headers, body: stream, duplex: 'half', ...init } as RequestInit;
      return { sent, isCancelled: () => isCancelled };
    };
    const one = endless();
    assert.equal((await web('/visual-search/api/search/image', one.sent)).status, 413);
    while (!one.isCancelled()) await new Promise(setImmediate);
    const stop = new AbortController();
    const quiet = new ReadableStream({ pull: () => new Promise(() => undefined) });
    const left = web('/visual-search/api/search', { ...one.sent, body: quiet, signal: stop.signal });
    setImmediate(() => stop.abort());
    assert.equal((await left).status, 499);
    const gone = AbortSignal.abort();
    assert.equal((await web('/visual-search/api/table', { headers, signal: gone })).status, 499);
    assert.deepEqual(failures, []);
  });

  it('answers HEAD without a body, and refuses other ways to ask', async () => {
    const head = await web('/visual-search/api/table', { method: 'HEAD', headers });
    assert.deepEqual([head.status, await head.text()], [200, '']);
    assert.ok(Number(head.headers.get('content-length')) > 10);
    for (const method of ['PUT', 'DELETE', 'OPTIONS', 'PATCH']) {
      const refused = await web('/visual-search/api/table', { method, headers });
      assert.deepEqual([refused.status, refused.headers.get('allow')], [405, 'GET']);
    }
    const raw = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(new URL(url).port), 'localhost', () =>
        socket.write('OPTIONS * HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (part) => {
        text += part;
      });
      socket.on('end', () => resolve(text)).on('error', reject);
    });
    assert.match(raw, /^HTTP\/1.1 (418|404)/);
  });

  it('limits rates by the address that the framework knows', async () => {
    const ask = (address: string) => web('/visual-search/api/table', {}, { address });
    let count = 0;
    while ((await ask('192.0.2.1')).status === 401) count++;
    assert.ok(count >= 60 && count < 200, `${count}`); // some come back while they are asked for
    const refused = await ask('192.0.2.1');
    assert.deepEqual([refused.status, refused.headers.get('retry-after')], [429, '1']);
    assert.equal((await ask('192.0.2.2')).status, 401);
  });

  it('closes in order: what is under way is answered, what comes later refused', async () => {
    const own = await openHandler({ table });
    const request = (path: string) => own.fetch(new Request(`http://localhost${path}`));
    const under = request('/api/table');
    const closing = own.close();
    assert.equal((await request('/api/table')).status, 503);
    assert.equal((await under).status, 200);
    await closing;
    await own.close();
    const late = createServer(own.node).listen(0);
    const { status } = await posts(`http://localhost:${(late.address() as AddressInfo).port}/api/search`, {
      id,
    });
    assert.equal(status, 503);
    late.close();
  });

  it('says what is wrong with its options', async () => {
    await assert.rejects(openHandler({ table, path: 'search' }), UsageError);
    await assert.rejects(openHandler({ table, keys: ['short'] }), UsageError);
    await assert.rejects(openHandler({ table, allowOrigins: ['*'] }), UsageError);
    await assert.rejects(openHandler({ table, rateLimit: 0 }), UsageError);
  });
});
