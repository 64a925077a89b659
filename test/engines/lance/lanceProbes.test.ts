import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from '@lancedb/lancedb';
import { partitionsFor } from '../../../src/engines/lance/lanceIndex.js';
import { ITEMS } from '../../../src/engines/lance/lancePlace.js';
import { measureProbes } from '../../../src/engines/lance/lanceProbes.js';
import { sampleOf } from '../../../src/engines/lance/lanceSample.js';
import { createTable } from '../../../src/engines/open.js';
import { fitSpace } from '../../../src/store/space.js';
import { clustered, item, rowOf } from '../../store/support.js';

const root = mkdtempSync(join(tmpdir(), 'hier-probes-'));
after(() => rmSync(root, { recursive: true, force: true }));

describe('how many partitions are looked into', () => {
  it('is more for vectors without clusters than for such with them', async () => {
    const [rows, dim] = [2500, 32];
    const probesOf = async (name: string, vectors: Float32Array) => {
      const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
      const store = await createTable(join(root, name), { space }, { engine: 'lance', exactRows: 2000 });
      const items = Array.from({ length: rows }, (_, i) => item(String(i), rowOf(vectors, dim, i)));
      await store.write(items, { allNew: true });
      const { probes } = await store.maintain();
      const db = await connect(join(root, name));
      const table = await db.openTable(ITEMS);
      const partitions = partitionsFor(rows);
      const sample = await sampleOf(table, space, rows);
      assert.equal(await measureProbes(table, partitions, sample), probes, 'repeatable');
      table.close();
      db.close();
      await store.close();
      return probes!;
    };
    const alike = await probesOf('clusters', clustered({ rows, dim, clusters: 6 }));
    const spread = await probesOf('spread', clustered({ rows, dim, clusters: rows }));
    assert.ok(alike < spread, `${alike} and ${spread}`);
  });
});
