import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect } from '@lancedb/lancedb';
import { ITEMS } from '../../src/store/lancePlace.js';
import { nearestRows } from '../../src/store/nearestRows.js';
import { createTable } from '../../src/store/open.js';
import { fitSpace, queryRow } from '../../src/store/space.js';
import { bruteForce, clustered, item, rowOf } from './support.js';

const root = mkdtempSync(join(tmpdir(), 'hier-nearest-'));
after(() => rmSync(root, { recursive: true, force: true }));

const [rows, dim, k] = [4700, 12, 10];
const vectors = clustered({ rows, dim });
const queries = clustered({ rows: 7, dim, seed: 2 });

for (const [metric, c] of [
  ['hyperbolic', 0.1],
  ['hyperbolic', 0], // flat: rows of unequal length
  ['cosine', 0],
] as const)
  test(`are those of an exact search, with ${metric} distance, curvature ${c}`, async () => {
    const name = join(root, `${metric}-${c}`);
    const space = fitSpace({ vectors, dim, metric, curvature: c });
    const store = await createTable(name, { space });
    // Two writes, so that batches do not end where blocks do.
    for (const [from, to] of [
      [0, 3000],
      [3000, rows],
    ]) {
      const part = Array.from({ length: to - from }, (_, i) =>
        item(String(from + i), rowOf(vectors, dim, from + i)),
      );
      await store.write(part, { allNew: true });
    }
    const db = await connect(name);
    const table = await db.openTable(ITEMS);
    const given = Array.from({ length: 7 }, (_, i) => queryRow(space, rowOf(queries, dim, i)));
    const found = await nearestRows(table, given, k);
    const expected = await bruteForce(queries, vectors, { dim, k, metric, c });
    for (const [i, ids] of found.entries()) {
      const items = await table.takeRowIds(ids).select(['id']).toArray();
      assert.deepEqual(new Set(items.map(({ id }) => Number(id))), new Set(expected[i].rows), `query ${i}`);
    }
    assert.deepEqual(await nearestRows(table, [], k), []);
    table.close();
    db.close();
    await store.close();
  });
