import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { createTable } from '../../src/engines/open.js';
import { readSnapshots, writeSnapshot } from '../../src/runs/snapshots.js';
import { mapKey, mapOf } from '../../src/store/map.js';
import { fitSpace } from '../../src/store/space.js';
import type { Item, Store } from '../../src/store/store.js';
import { mapTable } from '../../src/tables/map.js';
import { temporaryFolder } from '../images/support.js';
import { clustered, item, rowOf } from '../store/support.js';

const root = temporaryFolder();
const [ROWS, dim, curvature] = [90, 8, 0.1];
const vectors = clustered({ rows: ROWS, dim, clusters: 5 });
const items = Array.from({ length: ROWS }, (_, i) =>
  item(`item ${String(i).padStart(2, '0')}`, rowOf(vectors, dim, i), { hash: `content ${i}.facts` }),
);
const ids = items.map(({ id }) => id);
let tables = 0;

async function using(work: (store: Store) => Promise<void>, given: readonly Item[] = items): Promise<void> {
  const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature });
  const store = await createTable(join(root, `t${tables++}`), { space });
  try {
    await store.write(given, { allNew: true });
    await work(store);
  } finally {
    await store.close();
  }
}

/** A run's folder with snapshots, of embeddings that are ever more like the final ones. */
function snapshots(
  name: string,
  epochs: readonly number[],
  of: readonly string[] = ids.slice(0, 60),
): string {
  const run = join(root, name);
  mkdirSync(run, { recursive: true });
  for (const epoch of epochs)
    writeSnapshot(run, {
      ...{ epoch, dim, curvature, ids: of, labels: of.map(() => 'c'), proxies: new Float32Array(0) },
      embeddings: vectors.slice(0, of.length * dim).map((value) => (value * epoch) / 10),
    });
  return run;
}

describe('the map of a table', () => {
  it('holds every item, is kept while nothing changes, and is made again when something has', () =>
    using(async (store) => {
      assert.equal(await mapTable({ store }), 'made');
      const first = (await mapOf(store))!;
      assert.deepEqual(first.ids, ids);
      assert.ok(first.ids.every((_, i) => Math.hypot(first.places[2 * i], first.places[2 * i + 1]) < 1));
      assert.ok(new Set(first.places).size > ROWS);
      assert.equal(await mapTable({ store }), 'kept');
      await store.write([{ ...items[0], label: 'new', hash: 'content 0.others' }]);
      assert.equal(await mapTable({ store }), 'kept', 'facts alone do not move an item');
      await store.remove([ids[3]]);
      assert.equal(await mapTable({ store }), 'made');
      assert.deepEqual((await mapOf(store))!.ids, ids.toSpliced(3, 1));
    }));

  it('stays as it was when it is stopped', () =>
    using(async (store) => {
      await mapTable({ store });
      const before = await mapOf(store);
      await store.remove([ids[0]]);
      const stop = new AbortController();
      const progress = () => () => stop.abort();
      await assert.rejects(mapTable({ store, progress, signal: stop.signal }), /abort/i);
      assert.deepEqual(await mapOf(store), before);
    }));

  it('is not made for items that come with places', () =>
    using(
      async (store) => {
        assert.equal(await mapTable({ store }), 'given');
        assert.equal(await mapKey(store), null);
      },
      [{ ...items[0], place: [0.1, 0.2] }, ...items.slice(1)],
    ));

  it('shows the epochs of the run for the items that its snapshots have, each near its place in the next', () =>
    using(async (store) => {
      const run = snapshots('run', [2, 8]);
      assert.equal(await mapTable({ store, snapshots: readSnapshots(run) }), 'made');
      const { places, epochs } = (await mapOf(store))!;
      assert.deepEqual(
        epochs.map(({ epoch }) => epoch),
        [2, 8],
      );
      const median = (values: number[]) => values.sort((a, b) => a - b)[values.length >> 1];
      const rows = [...Array(60).keys()];
      for (const [i, state] of epochs.entries()) {
        assert.ok(rows.every((row) => Number.isFinite(state.places[2 * row])));
        assert.ok(state.places.slice(120).every(Number.isNaN));
        const next = epochs[i + 1]?.places ?? places;
        const apart = (row: number, to: number) =>
          Math.hypot(state.places[2 * row] - next[2 * to], state.places[2 * row + 1] - next[2 * to + 1]);
        const moved = median(rows.map((row) => apart(row, row)));
        const other = median(rows.map((row) => apart(row, (row + 31) % 60)));
        assert.ok(moved < other / 2, `epoch ${state.epoch}: ${moved}, by chance ${other}`);
      }
      assert.equal(await mapTable({ store, snapshots: readSnapshots(run) }), 'kept');
      assert.equal(await mapTable({ store }), 'kept', 'the run is not needed again');
      snapshots('run', [5]);
      assert.equal(await mapTable({ store, snapshots: readSnapshots(run) }), 'made');

      await store.remove([ids[1]]);
      assert.equal(await mapTable({ store }), 'made');
      const without = (await mapOf(store))!;
      assert.equal(without.epochs.length, 3, 'epochs stay when the map is made without the run');
      assert.equal(without.epochs[0].places.length, 2 * (ROWS - 1));
    }));

  it('says so when the snapshots are of other images', () =>
    using(async (store) => {
      const notes: string[] = [];
      const run = snapshots('elsewhere', [1], ['x', 'y', 'z']);
      await mapTable({ store, snapshots: readSnapshots(run), onNote: (note) => notes.push(note) });
      assert.match(notes.join(), /--split train/);
      assert.deepEqual((await mapOf(store))!.epochs, []);
    }));
});
