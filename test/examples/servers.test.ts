/** hier's search in applications: each example of a server, run over a small table, answers its own pages and hier's. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { pageFolder } from '../../src/server/page.js';
import { temporaryFolder } from '../images/support.js';
import { makeTable } from '../server/support.js';

/** An application: how it is asked, and ended. */
interface Application {
  ask(path: string, init?: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

let images: string;
let id: string;

before(async () => {
  const made = await makeTable(temporaryFolder(), { classes: 3, each: 2 });
  images = made.images;
  id = made.items[0].id;
  process.env.TABLE = made.table;
  process.env.PORT = '0';
});
after(() => {
  delete process.env.TABLE;
  delete process.env.PORT;
});

async function listening({
  server,
  close,
}: {
  server: Server;
  close(): Promise<void>;
}): Promise<Application> {
  if (!server.listening) await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { close, ask: (path, init) => fetch(`http://localhost:${port}${path}`, init) };
}

const APPLICATIONS: Readonly<Record<string, () => Promise<Application>>> = {
  "Node's http": async () => listening(await import('../../examples/serverNode.js')),
  Express: async () => listening(await import('../../examples/serverExpress.js')),
  async Hono() {
    const { default: app, close } = await import('../../examples/serverHono.js');
    return { close, ask: async (path, init) => app.request(path, init) };
  },
  async Next() {
    const route = await import('../../examples/nextRoute.js');
    const ask = async (path: string, init?: RequestInit) => {
      const request = new Request(`http://localhost:3000${path}`, init);
      return request.method === 'POST' ? route.POST(request) : route.GET(request);
    };
    const { search } = globalThis as { search?: Promise<{ close(): Promise<void> }> };
    return { ask, close: async () => (await search)?.close() };
  },
};

for (const [name, start] of Object.entries(APPLICATIONS))
  describe(`the example for ${name}`, () => {
    let app: Application;
    before(async () => {
      app = await start();
    });
    after(() => app.close());
    const json = async (path: string, init?: RequestInit) =>
      (await (await app.ask(path, init)).json()) as never;

    it('searches by id and by image below its path', async () => {
      const { rows } = await json('/visual-search/api/table');
      assert.equal(rows, 6);
      const headers = { 'Content-Type': 'application/json' };
      const body = JSON.stringify({ id, k: 3 });
      const { results } = await json('/visual-search/api/search', { method: 'POST', headers, body });
      assert.equal((results as unknown[]).length, 3);
      const image = readFileSync(join(images, id));
      const found: { results: { id: string }[] } = await json('/visual-search/api/search/image?k=1', {
        method: 'POST',
        body: image,
      });
      assert.equal(found.results[0].id, id);
      const { servers } = await json('/visual-search/api/openapi.json');
      assert.deepEqual(servers, [{ url: '/visual-search' }]);
    });

    it('shows the page, with and without the slash', { skip: pageFolder() === undefined }, async () => {
      const page = await app.ask('/visual-search/');
      assert.equal(page.status, 200);
      assert.doesNotMatch(await page.text(), /<base/);
      const bare = await app.ask('/visual-search');
      assert.equal(bare.url === '' ? '/visual-search' : new URL(bare.url).pathname, '/visual-search');
      assert.match(await bare.text(), /<base href="\.\/visual-search\/">/);
      assert.match(String(bare.headers.get('content-security-policy')), /base-uri 'self'/);
      assert.equal((await app.ask('/visual-search/main.js')).status, 200);
    });

    it('leaves all other paths to the application', { skip: name === 'Next' }, async () => {
      assert.equal(await (await app.ask('/')).text(), 'The shop');
      assert.notEqual(
        (await app.ask('/visual-searching/api/table')).headers.get('content-type'),
        'application/json',
      );
      assert.equal((await app.ask('/visual-search/api/nothing')).status, 404);
    });
  });
