/** A table that stays open for long while others write to it and give it columns. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { followTable } from '../../src/engines/follow.js';
import { addColumns, createTable, openTable } from '../../src/engines/open.js';
import { openHandler } from '../../src/server/handler.js';
import { askText } from '../../src/store/query.js';
import { fitSpace } from '../../src/store/space.js';
import { temporaryFolder } from '../images/support.js';
import { item } from '../store/support.js';

const root = temporaryFolder();
after(() => rmSync(root, { recursive: true }));

const vector = (i: number) => Float32Array.of(Math.cos(i), Math.sin(i));

/** A table of three items with titles. */
async function makeTable(name: string): Promise<string> {
  const table = join(root, name);
  const space = fitSpace({ metric: 'cosine', dim: 2, vectors: vector(0) });
  const store = await createTable(table, { space, metadata: ['title'] });
  for (const some of [[0, 1], [2]])
    await store.write(some.map((i) => item(`p-${i}`, vector(i), { metadata: { title: `Oat ${i}` } })));
  await store.close();
  return table;
}

/** Gives the table a column, and one of its items a value there. */
async function addBrand(table: string): Promise<void> {
  await addColumns(table, [{ name: 'brand' }]);
  const store = await openTable(table);
  await store.write([item('p-1', vector(1), { metadata: { title: 'Oat 1', brand: 'Acme' } })]);
  await store.close();
}

test('columns that others add are there once it is looked for them; what is under way goes on', async () => {
  const table = await makeTable('followed');
  const store = await followTable(table, { every: 0 });
  await store.warm();
  assert.deepEqual(store.manifest.metadata, ['title']);
  assert.equal((await askText(store, null, { text: 'oat' })).length, 3, 'words of the parts are made');
  const earlier = await store.version();
  const scan = store.scan()[Symbol.asyncIterator]();
  assert.equal((await scan.next()).value.length, 2, 'the first part');
  await addBrand(table);
  while (store.manifest.metadata.length < 2) {
    await store.count();
    await setImmediate();
  }
  assert.notEqual(await store.version(), earlier);
  assert.deepEqual(
    (await askText(store, null, { text: 'acme oat' })).map(({ id, metadata }) => [id, metadata]),
    [['p-1', { title: 'Oat 1', brand: 'Acme' }]],
  );
  assert.equal(await store.count({ metadata: { brand: ['Acme'] } }), 1);
  assert.equal((await scan.next()).value.length, 1, 'begun before');
  assert.equal((await scan.next()).done, true);
  await store.close();
});

test('a table that is closed is not looked at again, and one that is not there is refused', async () => {
  const table = await makeTable('closed');
  const store = await followTable(table, { every: 0 });
  await assert.rejects(followTable(join(root, 'none')), /There is no table/);
  await store.count();
  await store.close();
  await addBrand(table);
  assert.deepEqual(store.manifest.metadata, ['title']);
});

test('a service finds, filters and lists by a column that its table has got since', async () => {
  const table = await makeTable('served');
  const handler = await openHandler({ table });
  const asks = async <T>(path: string) => {
    const reply = await handler.fetch(new Request(`http://localhost${path}`));
    return { status: reply.status, json: (await reply.json()) as T };
  };
  try {
    type TextFound = { total: number; results: { matched: Record<string, string[]> }[] };
    const find = () => asks<TextFound>('/api/search/text?q=acme');
    assert.equal((await find()).json.total, 0);
    assert.equal((await asks('/api/column?name=brand')).status, 404);
    await addBrand(table);
    while ((await find()).json.total === 0);
    assert.deepEqual((await find()).json.results[0].matched, { brand: ['acme'] });
    const { json } = await asks<{ values: string[] }>('/api/column?name=brand');
    assert.deepEqual(json.values, ['Acme']);
    assert.deepEqual((await asks<{ metadata: string[] }>('/api/table')).json.metadata, ['title', 'brand']);
    const filter = encodeURIComponent(JSON.stringify({ metadata: { brand: ['Acme'] } }));
    assert.equal((await asks<{ total: number }>(`/api/items?filter=${filter}`)).json.total, 1);
  } finally {
    await handler.close();
  }
});
