import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { connect } from '@lancedb/lancedb';
import fc from 'fast-check';
import { partitionsFor } from '../../src/store/lanceIndex.js';
import { ITEMS } from '../../src/store/lancePlace.js';
import { firstEnough, measureProbes, probeLadder } from '../../src/store/lanceProbes.js';
import { createTable } from '../../src/store/open.js';
import { fitSpace } from '../../src/store/space.js';
import { runs } from '../support/shapes.js';
import { clustered, item, rowOf } from './support.js';

const root = mkdtempSync(join(tmpdir(), 'hier-probes-'));
after(() => rmSync(root, { recursive: true, force: true }));

describe('how many partitions are looked into', () => {
  it('comes from a ladder that rises to all of them', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 32_768 }), (partitions) => {
        const steps = probeLadder(partitions);
        assert.equal(steps.at(-1), partitions);
        assert.deepEqual(
          steps,
          [...new Set(steps)].sort((a, b) => a - b),
        );
        assert.ok(steps.length < 30);
      }),
      runs(200),
    );
  });

  it('is the first that is enough', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 40 }), fc.nat(60), async (count, enough) => {
        const values = Array.from({ length: count }, (_, i) => i);
        const asked: number[] = [];
        const found = await firstEnough(values, async (value) => {
          asked.push(value);
          return value >= enough;
        });
        assert.equal(found, Math.min(enough, count - 1));
        assert.ok(asked.length <= Math.ceil(Math.log2(count)) && new Set(asked).size === asked.length);
      }),
      runs(100),
    );
  });

  it('is more for vectors without clusters than for such with them', async () => {
    const [rows, dim] = [6000, 64];
    const probesOf = async (name: string, vectors: Float32Array) => {
      const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: 0.1 });
      const store = await createTable(join(root, name), { space }, { exactRows: 5000 });
      const items = Array.from({ length: rows }, (_, i) => item(String(i), rowOf(vectors, dim, i)));
      await store.write(items, { allNew: true });
      const { probes } = await store.maintain();
      const db = await connect(join(root, name));
      const table = await db.openTable(ITEMS);
      const partitions = partitionsFor(rows);
      assert.equal(await measureProbes(table, { space, rows, partitions }), probes, 'repeatable');
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
