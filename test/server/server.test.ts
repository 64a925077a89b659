/** The service as a client sees it: answers beside the store's, the OpenAPI document beside the answers. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import sharp from 'sharp';
import { z } from 'zod';
import { openTable } from '../../src/engines/open.js';
import { HierError, UsageError } from '../../src/errors.js';
import { NONE, readPoints } from '../../src/server/protocol/points.js';
import type { TextFound } from '../../src/server/protocol/schemas.js';
import { ROUTES } from '../../src/server/routes.js';
import { type RunningServer, startServer } from '../../src/server/server.js';
import type { ItemFacts, Store } from '../../src/store/store.js';
import { textWords } from '../../src/store/text/textWords.js';
import { keepText } from '../../src/store/textFiles.js';
import { TREE_FILE } from '../../src/store/tree.js';
import { noise, temporaryFolder, writePng } from '../images/support.js';
import { type Answered, asks, makeTable, posts } from './support.js';

interface Found {
  query: { id: string | null };
  results: { id: string; distance: number; similarity?: number; label: string; node: string }[];
  groups?: { node: string; count: number }[];
  readonly nothing?: TextFound['nothing'];
}
interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, { content?: Record<string, { schema: object }> }> }>
  >;
}

describe('a server', () => {
  const root = temporaryFolder();
  let server: RunningServer;
  let store: Store;
  let items: ItemFacts[];
  let images: string;
  let document: Document;

  before(async () => {
    const made = await makeTable(root);
    ({ items, images } = made);
    mkdirSync(join(root, 'page', 'code'), { recursive: true });
    writeFileSync(join(root, 'page', 'index.html'), '<p>the page</p>');
    writeFileSync(join(root, 'page', 'code', 'a.js'), 'let a;');
    writeFileSync(join(root, 'page', '.secret.html'), 'hidden');
    writeFileSync(join(root, 'outside.html'), 'outside');
    server = await startServer({
      table: made.table,
      port: 0,
      page: join(root, 'page'),
      mostBytes: 100_000,
      mostPixels: 10_000,
    });
    store = await openTable(made.table);
    document = (await asks(`${server.url}/api/openapi.json`)).json();
  });
  after(async () => {
    await store.close();
    await server.close();
  });

  /** Checks an answer against what the document says of its path and status; returns it. */
  function documented(path: string, method: 'get' | 'post', answered: Answered): Answered {
    const said = document.paths[path][method].responses[answered.status];
    assert.ok(said, `${path} answered ${answered.status}: ${answered.text.slice(0, 200)}`);
    const json = said.content?.['application/json'];
    if (json) z.fromJSONSchema(json.schema as Parameters<typeof z.fromJSONSchema>[0]).parse(answered.json());
    else if (answered.status === 200)
      assert.equal(answered.headers['content-type'], Object.keys(said.content!)[0]);
    return answered;
  }
  const gets = async (path: string, query = '', headers = {}) =>
    documented(path, 'get', await asks(`${server.url}${path}${query}`, { headers }));
  const searches = async (value: unknown) =>
    documented('/api/search', 'post', await posts(`${server.url}/api/search`, value));
  const uploads = async (body: Uint8Array, query = '') =>
    documented(
      '/api/search/image',
      'post',
      await asks(`${server.url}/api/search/image${query}`, { method: 'POST', body }),
    );
  const idOf = (i: number) => `?id=${encodeURIComponent(items[i].id)}`;

  it('describes every route that it has, and no other', () => {
    const described = Object.entries(document.paths).flatMap(([path, ways]) =>
      Object.keys(ways).map((way) => `${way.toUpperCase()} ${path}`),
    );
    assert.deepEqual(described, [
      ...ROUTES.map(({ method, path }) => `${method} ${path}`),
      'GET /api/openapi.json',
    ]);
  });

  it('says what the table is', async () => {
    const table = (await gets('/api/table')).json<Record<string, unknown>>();
    assert.deepEqual(
      [table.name, table.rows, table.metric, table.hasTree, table.searchesImages],
      ['table', items.length, 'hyperbolic', true, true],
    );
    assert.equal((await gets('/api/health')).json<{ status: string }>().status, 'ok');
  });

  it('gives large pictures and whole columns, once to who has them', async () => {
    const picture = await gets('/api/picture', `${idOf(0)}&size=200`);
    assert.deepEqual([picture.status, picture.headers['cache-control']], [200, 'private, no-cache']);
    assert.equal((await sharp(picture.bytes).metadata()).format, 'webp');
    const { etag } = picture.headers;
    const again = await gets('/api/picture', `${idOf(0)}&size=200`, { 'If-None-Match': etag as string });
    assert.deepEqual([again.status, again.bytes.length], [304, 0]);
    assert.equal((await gets('/api/picture', '?id=nobody')).status, 404);
    assert.equal((await gets('/api/picture', `${idOf(0)}&size=9999`)).status, 400);
    const column = (await gets('/api/column', '?name=shade')).json<{ values: string[]; rows: number[] }>();
    const { ids } = readPoints((await gets('/api/points')).bytes);
    const shades = new Map(items.map(({ id, metadata }) => [id, metadata.shade]));
    assert.deepEqual(
      column.rows.map((row) => column.values[row]),
      ids.map((id) => shades.get(id)),
    );
    assert.equal((await gets('/api/column', '?name=none')).status, 404);
  });

  it('lists and shows items without telling where their files lie', async () => {
    const page = (await gets('/api/items', '?limit=3&offset=2')).json<{
      total: number;
      items: ItemFacts[];
    }>();
    assert.deepEqual(
      [page.total, page.items.map(({ id }) => id)],
      [items.length, items.slice(2, 5).map(({ id }) => id)],
    );
    const one = await gets('/api/item', idOf(0));
    assert.equal(one.json<ItemFacts>().label, items[0].label);
    for (const answered of [one, await gets('/api/items'), await searches({ id: items[0].id, group: true })])
      assert.ok(!answered.text.includes(root), answered.text);
    const labelled = await gets('/api/items', `?label=${items[0].label}`);
    assert.equal(labelled.json<{ total: number }>().total, 4);
    assert.equal((await gets('/api/item', '?id=nobody')).status, 404);
  });

  it('sends thumbnails, and again only when they have changed', async () => {
    const first = await gets('/api/thumbnail', idOf(0));
    assert.deepEqual(first.bytes, Buffer.from((await store.get([items[0].id]))[0].thumbnail!));
    const again = await gets('/api/thumbnail', idOf(0), { 'if-none-match': first.headers.etag });
    assert.deepEqual([again.status, again.bytes.length], [304, 0]);
  });

  it('searches by id and by vector as the store does', async () => {
    const [item] = await store.get([items[3].id]);
    const expected = await store.search(item.vector, { k: 6 });
    const byVector = (await searches({ vector: [...item.vector], k: 6 })).json<Found>();
    assert.deepEqual(
      byVector.results.map(({ id, distance }) => [id, distance]),
      expected.map(({ id, distance }) => [id, distance]),
    );
    const byId = (await searches({ id: item.id, k: 5 })).json<Found>();
    assert.deepEqual(byId.results, byVector.results.filter(({ id }) => id !== item.id).slice(0, 5));
    assert.deepEqual([byId.query, byVector.query], [{ id: item.id }, { id: null }]);
  });

  it('searches within a node, among labels, and gathers by the tree', async () => {
    const within = (await searches({ id: items[0].id, k: 100, within: 'left' })).json<Found>();
    assert.deepEqual(new Set(within.results.map(({ node }) => node)), new Set(['n0', 'n1', 'n2']));
    const labels = [items[0].label, items.at(-1)!.label];
    const among = (await searches({ id: items[0].id, k: 100, filter: { labels } })).json<Found>();
    assert.equal(among.results.length, 7);
    const gathered = (await searches({ id: items[0].id, k: 100, group: true })).json<Found>();
    assert.deepEqual(
      gathered.groups!.map(({ node, count }) => [node, count]),
      [['top', items.length - 1]],
    );
  });

  it('filters by columns in the address too, and leaves out what is not similar enough', async () => {
    const asked = (filter: unknown) => `?filter=${encodeURIComponent(JSON.stringify(filter))}`;
    const { label } = items[0];
    const filter = { metadata: { label: [label], id: { lt: items[2].id } } };
    const expected = items.filter((one) => one.label === label && one.id < items[2].id);
    const listed = (await gets('/api/items', asked(filter))).json<{ total: number }>();
    assert.equal(listed.total, expected.length);
    assert.equal(
      (await gets('/api/items', `${asked(filter)}&label=other`)).json<{ total: number }>().total,
      0,
    );
    const image = readFileSync(join(images, items[5].id));
    const found = (await uploads(image, `${asked(filter)}&k=50`)).json<Found>();
    assert.equal(found.results.length, expected.length);
    for (const [query, message] of [
      ['?filter=%7B', /"filter": is not JSON/],
      ['?filter={"ids":[],"ids":[]}', /"filter"/],
      [asked({ metadata: { id: { less: 1 } } }), /less/],
      [asked({ metadata: { price: [1] } }), /no column "price"/],
    ] as const) {
      const answered = await gets('/api/items', query);
      assert.equal(answered.status, 400);
      assert.match(answered.json<{ error: string }>().error, message);
    }
    const byText = (query: string) => gets('/api/search/text', query);
    const [word] = textWords(items[0].id);
    const texts = (await byText(`?k=5&q=${encodeURIComponent(word)}`)).json<{
      results: { score: number }[];
    }>();
    assert.ok(texts.results.length > 0 && texts.results.every((one) => one.score > 0 && !('path' in one)));
    assert.equal((await byText('?q=*')).status, 400);
    assert.equal((await byText('?k=5')).status, 400);
    const whole = (await byText(`?k=1&ids=2&q=${encodeURIComponent(word)}`)).json<TextFound>();
    assert.deepEqual(
      [whole.results.length, whole.ids, whole.nothing],
      [1, whole.ids!.slice(0, 2), undefined],
    );
    assert.deepEqual(whole.results[0].matched.id, [word]);
    assert.ok(whole.total >= 2 && whole.ids![0] === whole.results[0].id);
    assert.equal((await byText('?q=a&ids=10001')).status, 400);
    const none = (await byText('?q=zebra')).json<TextFound>();
    const nothing = { missing: ['zebra'], sentence: 'No item has a word that begins with "zebra".' };
    assert.deepEqual(none, { results: [], total: 0, nothing });
    const narrowed = (await searches({ id: items[0].id, k: 50, text: 'zebra' })).json<Found>();
    assert.deepEqual([narrowed.results, narrowed.nothing], [[], nothing]);
    const all = (await searches({ id: items[0].id, k: 50 })).json<Found>().results;
    const near = (await searches({ id: items[0].id, k: 50, cutoff: 0.5 })).json<Found>().results;
    assert.deepEqual(
      near,
      all.filter(({ similarity }) => similarity! >= 0.5),
    );
    assert.ok(near.length < all.length);
    assert.equal((await uploads(image, '?k=3&cutoff=0')).json<Found>().results.length, 3);
    const refused = await searches({ id: items[0].id, cutoff: true });
    assert.deepEqual([refused.status, /too few of its items have classes/.test(refused.text)], [400, true]);
  });

  it('searches by an uploaded image with the network of the table', async () => {
    const { id } = items[5];
    const found = (await uploads(readFileSync(join(images, id)), '?k=1')).json<Found>();
    assert.deepEqual([found.query.id, found.results[0].id], [null, id]);
    assert.ok(found.results[0].distance < 1e-3);
  });

  it('refuses uploads that are not images, too many bytes or too many pixels', async () => {
    const damaged = readFileSync(join(images, items[0].id)).subarray(0, 60);
    for (const bytes of [Buffer.from('<svg/>'), damaged, Buffer.alloc(0)])
      assert.equal((await uploads(bytes)).status, 415);
    const large = await uploads(Buffer.alloc(100_001));
    assert.deepEqual([large.status, large.headers.connection], [413, 'close']);
    const path = await writePng(join(root, 'wide.png'), { ...noise(101, 100), data: new Uint8Array(30_300) });
    assert.match(
      (await uploads(readFileSync(path))).json<{ error: string }>().error,
      /101 × 100 pixels; at most 10000/,
    );
  });

  it('refuses what it does not understand, naming it', async () => {
    const wrong: [unknown, RegExp][] = [
      [{}, /give either id or vector/],
      [{ id: 'a', vector: [1] }, /give either id or vector/],
      [{ id: items[0].id, k: 0 }, /"k"/],
      [{ id: items[0].id, mystery: 1 }, /mystery/],
      [{ vector: [1, 2] }, /vector of 2 numbers/],
      [{ vector: new Array(8).fill(100) }, /not a point of the Poincaré ball/],
      [{ id: items[0].id, within: 'lift' }, /no node "lift"/],
      [{ id: items[0].id, filter: { metadata: { shop: ['x'] } } }, /no column "shop"/],
    ];
    for (const [body, message] of wrong) {
      const answered = await searches(body);
      assert.equal(answered.status, 400);
      assert.match(answered.json<{ error: string }>().error, message);
    }
    assert.equal((await searches({ id: 'nobody' })).status, 404);
    const url = `${server.url}/api/search`;
    const headers = { 'content-type': 'application/json' };
    assert.equal((await asks(url, { method: 'POST', headers, body: '{' })).status, 400);
    assert.equal((await asks(url, { method: 'POST', body: '{}' })).status, 415);
    const get = await asks(url);
    assert.deepEqual([get.status, get.headers.allow], [405, 'POST']);
    assert.equal((await asks(`${server.url}/api/nothing`)).status, 404);
    assert.equal((await gets('/api/items', '?limit=x')).status, 400);
  });

  it('gives all points with their labels and nodes, compressed for those who can take it', async () => {
    const plain = await gets('/api/points');
    const zipped = await gets('/api/points', '', { 'accept-encoding': 'gzip' });
    assert.equal(zipped.headers['content-encoding'], 'gzip');
    assert.deepEqual(gunzipSync(zipped.bytes), plain.bytes);
    const points = readPoints(plain.bytes);
    assert.deepEqual([points.ids.length, points.places], [items.length, 'map']);
    assert.deepEqual(points.epochs, []);
    const [{ name, terms }] = points.levels;
    assert.deepEqual([name, [...terms].sort()], ['shade', ['dark', 'light']]);
    const facts = new Map(items.map((item) => [item.id, item]));
    points.ids.forEach((id, i) => {
      assert.equal(points.labels[points.label[i]], facts.get(id)!.label);
      assert.match(points.nodes[points.node[i]], /^n\d$/);
      assert.ok(Math.hypot(points.x[i], points.y[i]) < 1);
    });
    assert.ok(new Set(points.x).size > items.length / 2);
    assert.ok(!points.label.includes(NONE));
    const again = await gets('/api/points', '', { 'if-none-match': plain.headers.etag });
    assert.equal(again.status, 304);
  });

  it('tells the tree, and the path of two items to their common ancestor', async () => {
    const { nodes } = (await gets('/api/tree')).json<{ nodes: { id: string; parent: string | null }[] }>();
    assert.equal(nodes.length, 9);
    const [a, b] = [items[0], items.at(-1)!];
    const relation = (
      await gets('/api/relation', `?a=${encodeURIComponent(a.id)}&b=${encodeURIComponent(b.id)}`)
    ).json<Record<string, unknown>>();
    assert.deepEqual(
      [relation.ancestor, relation.from, relation.to],
      ['top', ['n0', 'left', 'top'], ['n5', 'right', 'top']],
    );
    const hits = (await searches({ id: a.id, k: 100 })).json<Found>().results;
    assert.equal(relation.distance, hits.find(({ id }) => id === b.id)!.distance);
  });

  it('serves the page and its files, and nothing beside them', async () => {
    const page = await asks(`${server.url}/`);
    assert.deepEqual([page.status, page.text], [200, '<p>the page</p>']);
    assert.match(String(page.headers['content-security-policy']), /default-src 'none'; script-src 'self'/);
    assert.equal(
      (await asks(`${server.url}/code/a.js`)).headers['content-type'],
      'text/javascript; charset=utf-8',
    );
    const head = await asks(`${server.url}/`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '15']);
    for (const path of [
      '/../outside.html',
      '/%2e%2e/outside.html',
      '/..%2foutside.html',
      '/.secret.html',
      '/code/',
    ])
      assert.equal((await raw(server.url, path)).slice(0, 12), 'HTTP/1.1 404', path);
  });

  it('counts what it does for Prometheus', async () => {
    const { text } = await gets('/metrics');
    assert.match(text, /^hier_requests_total\{route="\/api\/search",status="200"\} [1-9]/m);
    assert.match(text, new RegExp(`^hier_rows ${items.length}$`, 'm'));
    for (const line of text.trim().split('\n'))
      assert.match(
        line,
        /^(# TYPE [a-z_]+ (counter|histogram|gauge)|[a-z_]+(\{([a-z]+="[^"]*",?)+\})? [\d.e+-]+)$/,
      );
  });

  it('sees what is indexed while it runs', async () => {
    const [item] = await store.get([items[0].id]);
    const writer = await openTable(join(root, 'table'));
    await writer.write([{ ...item, id: 'newcomer' }]);
    while ((await gets('/api/table')).json<{ rows: number }>().rows !== items.length + 1) await delay(50);
    assert.equal((await searches({ id: items[0].id, k: 1 })).json<Found>().results[0].id, 'newcomer');
    assert.equal(readPoints((await gets('/api/points')).bytes).ids.length, items.length + 1);
    await writer.remove(['newcomer']);
    await writer.close();
  });

  it('sees a tree that takes the place of another, though no item has changed', async () => {
    const { nodes } = (await gets('/api/tree')).json<{ nodes: { id: string; name: string }[] }>();
    const renamed = nodes.map((node) => (node.id === 'left' ? { ...node, name: 'the dark ones' } : node));
    await keepText(store, TREE_FILE, JSON.stringify({ nodes: renamed }));
    while (!(await gets('/api/tree')).text.includes('the dark ones')) await delay(50);
  });
});

describe('startServer', () => {
  it('says what is wrong with its options, and when the port is taken', async () => {
    const { table } = await makeTable(temporaryFolder(), { classes: 4, each: 2 });
    const refused = (options: object, message: RegExp, kind: typeof HierError) =>
      assert.rejects(startServer({ table, port: 0, ...options }), (error: Error) => {
        assert.ok(error instanceof kind);
        assert.match(error.message, message);
        return true;
      });
    await refused({ host: '0.0.0.0' }, /give a token/, UsageError);
    await refused({ token: 'short' }, /at least 16/, UsageError);
    await refused({ table: 'nowhere' }, /no table nowhere/, UsageError);
    const server = await startServer({ table, port: 0 });
    await refused({ port: Number(new URL(server.url).port) }, /the port is taken/, HierError);
    await server.close();
    await assert.rejects(asks(`${server.url}/api/health`), /ECONNREFUSED/);
  });
});

/** Asks with a path that is sent as it is. */
function raw(url: string, path: string): Promise<string> {
  const { port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(Number(port), '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    });
    socket.on('data', (part) => {
      text += part;
    });
    socket.on('end', () => resolve(text));
    socket.on('error', reject);
  });
}
