/** A graph of several parts: what each holds, and which are written anew when something changes. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Connection, connect, type Table } from '@lancedb/lancedb';
import { openHnsw } from '../../../src/engines/hnsw/hnsw.js';
import { buildHnsw } from '../../../src/engines/hnsw/hnswBuild.js';
import { type HnswFacts, readPartIds } from '../../../src/engines/hnsw/hnswFiles.js';
import { ITEMS } from '../../../src/engines/lance/lancePlace.js';
import { rowIdsIn, sampleOf } from '../../../src/engines/lance/lanceSample.js';
import { createTable } from '../../../src/engines/open.js';
import { fitSpace } from '../../../src/store/space.js';
import type { Store } from '../../../src/store/store.js';
import { clustered, item, rowOf } from '../../store/support.js';

const root = mkdtempSync(join(tmpdir(), 'hier-hnsw-'));
const [rows, dim, partRows] = [3000, 16, 1000];
const vectors = clustered({ rows: rows + 1500, dim, clusters: 50 });
const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
const items = Array.from({ length: rows + 1500 }, (_, i) => item(String(i), rowOf(vectors, dim, i)));
const folder = join(root, 'hnsw');

describe('a graph of several parts', () => {
  let store: Store;
  let db: Connection;
  let table: Table;
  let facts: HnswFacts;
  const build = async () => {
    await table.checkoutLatest();
    facts = (await buildHnsw({ table, space, folder, partRows }))!;
  };
  const namesOf = () => facts.parts.map(({ name }) => name);
  /** What the parts hold is what the table has, and the nearest are found. */
  const check = async () => {
    const held = facts.parts.flatMap((part) => [...readPartIds(folder, part)!]);
    const ids = await rowIdsIn(table);
    assert.deepEqual(
      held.sort((a, b) => a - b),
      [...ids].sort((a, b) => a - b),
    );
    assert.deepEqual([facts.rows, facts.version], [ids.length, await table.version()]);
    const graph = await openHnsw(folder, facts, space.width);
    const { queries, nearest } = await sampleOf(table, space, ids.length);
    const missed = nearest.flatMap((right, i) => {
      const found = graph.nearest(queries[i], 10);
      assert.ok(found.every((id) => held.includes(id)));
      return right.filter((id) => !found.includes(id));
    });
    assert.ok(missed.length <= 0.01 * 10 * nearest.length, `${missed.length} missed`);
  };

  before(async () => {
    store = await createTable(root, { space }, { engine: 'lance' });
    for (let from = 0; from < rows; from += 500)
      await store.write(items.slice(from, from + 500), { allNew: true });
    db = await connect(root);
    table = await db.openTable(ITEMS);
  });
  after(async () => {
    table.close();
    db.close();
    await store.close();
    rmSync(root, { recursive: true, force: true });
  });

  it('has them of about equal size', async () => {
    await build();
    const sizes = facts.parts.map(({ rows }) => rows);
    assert.equal(sizes.length, 3);
    assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 500, sizes.join());
    await check();
  });

  it('leaves those alone that have lost nothing, and puts what is new into the smallest', async () => {
    const former = namesOf();
    await store.remove(Array.from({ length: 100 }, (_, i) => String(i)));
    await store.write(items.slice(rows, rows + 50));
    await build();
    await check();
    assert.equal(namesOf().filter((name) => former.includes(name)).length, 2);
    assert.equal(facts.parts.length, 3);
  });

  it('begins another when the smallest would grow too much', async () => {
    const former = namesOf();
    await store.write(items.slice(rows + 50, rows + 450));
    await build();
    await check();
    assert.deepEqual(namesOf().slice(0, 3), former);
    assert.equal(facts.parts.length, 4);
  });

  it('drops one of which nothing is left', async () => {
    const gone = (await rowIdsIn(table)).length;
    await store.remove(Array.from({ length: 400 }, (_, i) => String(rows + 50 + i)));
    await build();
    await check();
    assert.equal(facts.parts.length, 3);
    assert.equal(facts.rows, gone - 400);
  });

  it('is built anew, in parts of its size, when much has changed', async () => {
    const former = namesOf();
    await store.write(items.slice(rows + 450));
    await build();
    await check();
    assert.ok(namesOf().every((name) => !former.includes(name)));
  });
});
