/** The contract on LanceDB in a folder, and what only LanceDB does: the index above 100,000 rows. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { addColumns, createTable, openTable } from '../../../src/engines/open.js';
import { UsageError } from '../../../src/errors.js';
import { fitSpace } from '../../../src/store/space.js';
import { temporaryFolder } from '../../images/support.js';
import { testStore } from '../../store/contract.js';
import { clustered, item, rowOf } from '../../store/support.js';

const root = temporaryFolder();

testStore(
  'a LanceDB table in a folder',
  (name, options) => createTable(join(root, name), options, { engine: 'lance' }),
  (name) => openTable(join(root, name)),
  (name, columns) => addColumns(join(root, name), columns),
);

describe('openTable', () => {
  it('says when there is no table, and makes nothing', async () => {
    await assert.rejects(openTable(join(root, 'missing')), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /There is no table .*missing\. Make one with: npx hier index/);
      return true;
    });
    assert.equal(existsSync(join(root, 'missing')), false);
  });
});

describe('the index of a LanceDB table', () => {
  const dim = 16;
  const rows = 6000;
  const vectors = clustered({ rows, dim, clusters: 200 });
  const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1, clipRadius: 2.3 });
  const items = Array.from({ length: rows }, (_, i) =>
    item(String(i), rowOf(vectors, dim, i), { label: i % 1000 ? null : 'rare' }),
  );
  const queries = clustered({ rows: 20, dim, clusters: 200, seed: 1 });

  it('appears above the exact size, finds nearly all, and leaves nothing out of a filtered search', async () => {
    const store = await createTable(join(root, 'indexed'), { space }, { engine: 'lance', exactRows: 5000 });
    await store.write(items.slice(0, 5000), { allNew: true });
    assert.deepEqual(await store.maintain(), { kind: null, rows: 0, probes: null, hnsw: null });
    const reader = await openTable(join(root, 'indexed'), { exactRows: 5000 });
    await reader.search(rowOf(queries, dim, 0));
    await store.write(items.slice(5000), { allNew: true });
    const { probes, ...made } = await store.maintain();
    assert.deepEqual(made, { kind: 'ivf-rq', rows, hnsw: null });
    assert.ok(probes! >= 8 && probes! <= 32, `${probes} of 32 partitions`);
    assert.deepEqual(await reader.index(), await store.index());
    await reader.close();
    let found = 0;
    for (let i = 0; i < 20; i++) {
      const query = rowOf(queries, dim, i);
      const exact = new Set((await store.search(query, { exact: true })).map(({ id }) => id));
      found += (await store.search(query)).filter(({ id }) => exact.has(id)).length;
    }
    assert.ok(found >= 0.97 * 200, `recall@10 is ${found / 200}`);
    const rare = await store.search(rowOf(queries, dim, 0), { k: 20, filter: { labels: ['rare'] } });
    assert.equal(rare.length, rows / 1000);
    await store.close();
  });

  it('finds what was added after it at once, covers it when there is much, and forgets what is removed', async () => {
    const how = { engine: 'lance', exactRows: 2000 } as const;
    const store = await createTable(join(root, 'growing'), { space }, how);
    await store.write(items.slice(0, 2100), { allNew: true });
    await store.maintain();
    await store.write(items.slice(2100, 2110));
    const last = rowOf(vectors, dim, 2109);
    assert.equal((await store.search(last, { k: 1 }))[0].id, '2109');
    const { probes } = await store.index();
    assert.deepEqual(await store.maintain(), { kind: 'ivf-rq', rows: 2100, probes, hnsw: null });
    await store.write(items.slice(2110, 2500));
    assert.deepEqual(await store.maintain(), { kind: 'ivf-rq', rows: 2500, probes, hnsw: null });
    assert.equal(await store.remove(['2109']), 1);
    assert.notEqual((await store.search(last, { k: 1 }))[0].id, '2109');
    await store.close();
  });
});
