/** The HNSW graph of a table in a folder, through the store: what it finds, and what becomes of it when things change. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { graphPath, readHnswFacts } from '../../../src/engines/hnsw/hnswFiles.js';
import { checkHnsw, createTable, openTable } from '../../../src/engines/open.js';
import { fitSpace } from '../../../src/store/space.js';
import type { Store } from '../../../src/store/store.js';
import { temporaryFolder } from '../../images/support.js';
import { clustered, item, rowOf } from '../../store/support.js';

const root = temporaryFolder();
const dim = 16;
const rows = 4000;
const vectors = clustered({ rows, dim, clusters: 100 });
const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1, clipRadius: 2.3 });
const items = Array.from({ length: rows }, (_, i) =>
  item(String(i), rowOf(vectors, dim, i), { label: i % 100 ? null : 'rare' }),
);
const queries = clustered({ rows: 30, dim, clusters: 100, seed: 1 });
const how = { engine: 'lance', exactRows: 1000 } as const;
/** Least recall@10 of queries that are not items; a few rows no path of a graph leads to, others with every build. */
const LEAST = 0.97;

/** A table of the first items, with its graph. */
async function tableWith(name: string, count: number): Promise<Store> {
  const store = await createTable(join(root, name), { space }, how);
  await store.write(items.slice(0, count), { allNew: true });
  const { hnsw, kind } = await store.maintain({ hnsw: true });
  assert.equal(kind, 'ivf-rq');
  assert.deepEqual([hnsw!.rows, hnsw!.unused], [count, null]);
  return store;
}

const idsOf = async (store: Store, query: Float32Array, options = {}) =>
  (await store.search(query, options)).map(({ id }) => id);

/** Share of the ten nearest of the queries that a table finds. */
async function recallOf(store: Store): Promise<number> {
  let found = 0;
  for (let i = 0; i < 30; i++) {
    const query = rowOf(queries, dim, i);
    const exact = await idsOf(store, query, { exact: true });
    found += (await idsOf(store, query)).filter((id) => exact.includes(id)).length;
  }
  return found / 300;
}

/** What lies in the folder of a table's graph. */
const filesOf = (name: string) => {
  const folder = join(root, name, 'hnsw');
  return existsSync(folder) ? readdirSync(folder).sort() : [];
};

describe('the HNSW graph of a table', () => {
  it('finds nearly all, in memory or not, with distances of the metric', async () => {
    const told: number[][] = [];
    const store = await createTable(join(root, 'graph'), { space }, how);
    await store.write(items, { allNew: true });
    const { hnsw } = await store.maintain({ hnsw: true, onProgress: (...at) => told.push(at) });
    assert.deepEqual(told.at(-1), [rows, rows]);
    assert.ok(hnsw!.recallAt10 >= 0.99 && hnsw!.candidates >= 24, JSON.stringify(hnsw));
    assert.ok((await recallOf(store)) >= LEAST);
    const query = rowOf(queries, dim, 0);
    const before = await store.search(query);
    await store.warm();
    assert.deepEqual(await store.search(query), before);
    assert.deepEqual(before, await store.search(query, { exact: true }));
    assert.equal((await store.search(query, { k: 500 })).length, 500);
    assert.equal((await store.search(query, { k: rows })).length, rows, 'all of them');
    await store.close();
  });

  it('leaves searches with a filter to the index, which leaves nothing out', async () => {
    const store = await openTable(join(root, 'graph'), how);
    const rare = await idsOf(store, rowOf(queries, dim, 1), { k: 100, filter: { labels: ['rare'] } });
    assert.equal(rare.length, rows / 100);
    await store.close();
  });

  it('is made once for a version, and by every process found', async () => {
    const store = await openTable(join(root, 'graph'), how);
    const facts = () => readFileSync(join(root, 'graph', 'hnsw', 'graph.json'), 'utf8');
    const written = facts();
    let linked = 0;
    const again = await store.maintain({ hnsw: true, onProgress: () => linked++ });
    assert.equal(linked, 0);
    assert.equal(again.hnsw!.unused, null);
    assert.equal(facts(), written);
    await store.close();
  });

  it('is set aside when the table changes, and brought up to date with what has changed alone', async () => {
    const store = await tableWith('changing', 2000);
    const reader = await openTable(join(root, 'changing'), how);
    await store.write(items.slice(2000, 2100));
    await store.write([item('5', rowOf(vectors, dim, 3000))]);
    assert.equal(await store.remove(['7', '8']), 2);
    assert.equal((await store.index()).hnsw!.unused, 'the table has changed since');
    const added = rowOf(vectors, dim, 2050);
    assert.equal((await idsOf(store, added, { k: 1 }))[0], '2050', 'what is new is found at once');
    assert.ok(!(await idsOf(store, rowOf(vectors, dim, 7))).includes('7'), 'what is removed never');

    let linked = 0;
    const onProgress = (done: number) => (linked = done);
    const { hnsw } = await store.maintain({ onProgress });
    assert.deepEqual([linked, hnsw!.rows, hnsw!.unused], [101, 2098, null]);
    assert.equal((await idsOf(store, added, { k: 1 }))[0], '2050');
    assert.equal((await idsOf(store, rowOf(vectors, dim, 3000), { k: 1 }))[0], '5', 'where it is now');
    assert.ok(!(await idsOf(store, rowOf(vectors, dim, 7))).includes('7'));
    assert.ok((await recallOf(store)) >= LEAST);
    assert.equal(filesOf('changing').length, 3, 'the old one is gone');

    await setTimeout(1100); // what others do is noticed within a second
    await reader.search(added);
    assert.equal((await reader.index()).hnsw!.unused, null);
    assert.ok((await recallOf(reader)) >= LEAST);
    await reader.close();
    await store.close();
  });

  it('is built anew when much has changed', async () => {
    const store = await tableWith('growing', 1200);
    await store.write(items.slice(1200, 2400), { allNew: true });
    let linked = 0;
    await store.maintain({ onProgress: (done) => (linked = done) });
    assert.equal(linked, 2400);
    assert.ok((await recallOf(store)) >= LEAST);
    await store.close();
  });

  it('is not used when its file is damaged, and then built anew', async () => {
    const store = await tableWith('damaged', 1500);
    const folder = join(root, 'damaged', 'hnsw');
    const [{ name, bytes }] = readHnswFacts(folder)!.parts;
    await store.close();
    truncateSync(graphPath(folder, name), bytes >> 1);
    const again = await openTable(join(root, 'damaged'), how);
    assert.equal((await again.index()).hnsw!.unused, 'its file is damaged');
    assert.ok((await recallOf(again)) >= LEAST);
    writeFileSync(graphPath(folder, name), Buffer.alloc(bytes));
    assert.equal((await again.index()).hnsw!.unused, 'its file is damaged');
    assert.equal((await again.maintain()).hnsw!.unused, null);
    await again.close();
  });

  it('is left as it was by a build that is stopped', async () => {
    const store = await createTable(join(root, 'stopped'), { space }, how);
    await store.write(items.slice(0, 1500), { allNew: true });
    const signal = AbortSignal.abort();
    assert.equal((await store.maintain({ hnsw: true, signal })).hnsw, null);
    assert.deepEqual(filesOf('stopped'), []);
    await store.maintain({ hnsw: true });
    const files = filesOf('stopped');
    await store.write(items.slice(1500, 1600));
    assert.equal((await store.maintain({ signal })).hnsw!.unused, 'the table has changed since');
    assert.deepEqual(filesOf('stopped'), files);
    await store.close();
  });

  it('is removed on request, and with the index', async () => {
    const store = await tableWith('removed', 1500);
    assert.equal((await store.maintain({ hnsw: false })).hnsw, null);
    assert.deepEqual(filesOf('removed'), []);
    assert.equal((await store.maintain()).hnsw, null, 'and not made again');
    await store.close();
  });

  it('is not made while every search is exact', async () => {
    const store = await createTable(join(root, 'small'), { space }, how);
    await store.write(items.slice(0, 900), { allNew: true });
    assert.equal((await store.maintain({ hnsw: true })).hnsw, null);
    await store.close();
  });

  it('is refused before any work where it cannot lie with the table', async () => {
    await assert.rejects(checkHnsw('s3://bucket/prefix'), /for tables in a folder/);
    await assert.rejects(checkHnsw('postgres://host/db?table=x'), { name: 'UsageError' });
    await checkHnsw(join(root, 'any'));
  });
});
