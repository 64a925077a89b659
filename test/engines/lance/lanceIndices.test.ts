/** Indices of a LanceDB table whose files are damaged: nothing but time is lost without them, and they are made again. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { createTable, openTable } from '../../../src/engines/open.js';
import { indexDamage } from '../../../src/store/indexDamage.js';
import { askText } from '../../../src/store/query.js';
import { fitSpace } from '../../../src/store/space.js';
import type { Store } from '../../../src/store/store.js';
import { checkTable } from '../../../src/tables/check.js';
import { searchTable } from '../../../src/tables/search.js';
import { hnswTableAt } from '../../../src/tables/upkeep.js';
import { temporaryFolder } from '../../images/support.js';
import { clustered, item, rowOf } from '../../store/support.js';

const [rows, dim] = [300, 8];
const how = { exactRows: 100 };
const vectors = clustered({ rows, dim });
const query = rowOf(vectors, dim, 3);

describe('a LanceDB table with a damaged index', () => {
  const root = temporaryFolder();
  const [whole, table] = [join(root, 'whole'), join(root, 'table')];
  let right: unknown;

  /** What is asked of a table. */
  const answers = async (store: Store) => ({
    nearest: (await store.search(query, { k: 5 })).map(({ id, distance }) => [id, distance]),
    among: (await store.search(query, { k: 5, filter: { ids: ['i3', 'i5', 'i9'] } })).map(({ id }) => id),
    labelled: (await store.search(query, { k: 5, filter: { labels: ['c1'] } })).map(({ id }) => id),
    items: (await store.get(['i3', 'i7'])).map(({ id }) => id),
    vector: [...(await store.vector('i3'))!],
    hashes: [...(await store.hashes(['i5', 'nothing'])).keys()],
    counts: [await store.count({ ids: ['i3', 'none'] }), await store.count()],
    listed: (await store.list({ limit: 2, filter: { ids: ['i2', 'i4'] } })).map(({ id }) => id),
    worded: (await askText(store, null, { text: 'c1 i2', k: 40 })).map(({ id, score }) => [id, score]),
  });
  const indexFiles = (of: string) => {
    const folder = join(of, 'items.lance', '_indices');
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.(idx|lance)$/.test(name))
      .map((name) => join(folder, name));
  };

  before(async () => {
    const space = fitSpace({ vectors, dim, metric: 'cosine' });
    const store = await createTable(whole, { space }, { engine: 'lance', ...how });
    const items = Array.from({ length: rows }, (_, i) =>
      item(`i${i}`, rowOf(vectors, dim, i), { label: `c${i % 3}` }),
    );
    await store.write(items, { allNew: true });
    assert.equal((await store.maintain()).damaged, undefined);
    right = await answers(store);
    await store.close();
  });

  it('answers all the same whichever of its files is cut short or lost, says so, and has it made again', async () => {
    const files = indexFiles(whole).sort();
    assert.ok(files.length >= 4, files.join());
    const parts = new Set<string>();
    for (const [i, file] of files.entries()) {
      rmSync(table, { recursive: true, force: true });
      cpSync(whole, table, { recursive: true });
      const own = file.replace(whole, table);
      if (i % 2) rmSync(own);
      else writeFileSync(own, readFileSync(own).subarray(0, 40));
      const store = await openTable(table, how);
      assert.deepEqual(await answers(store), right, file);
      assert.deepEqual(await answers(store), right, file);
      const { damaged = [] } = await store.index();
      assert.equal(damaged.length, 1, file);
      parts.add(damaged[0]);
      await store.warm();
      assert.equal(await store.remove(['i8']), 1);
      assert.equal((await store.maintain()).damaged, undefined);
      const again = await openTable(table, how);
      const after = await again.index({ whole: true });
      assert.deepEqual([after.kind, after.damaged], ['ivf-rq', undefined], file);
      assert.equal((await again.get(['i7', 'i8'])).length, 1);
      await again.close();
      await store.close();
    }
    assert.deepEqual([...parts].sort(), ['ids', 'vectors', 'words']);
  });

  it('is told by a search and by hier doctor, with a command that mends it', async () => {
    rmSync(table, { recursive: true, force: true });
    cpSync(whole, table, { recursive: true });
    for (const file of indexFiles(table)) writeFileSync(file, '');
    const { answers: found, notes } = await searchTable({ table, queries: ['i3'] });
    assert.equal(found[0].results.length, 10);
    assert.match(notes.join(), /index of ids is damaged.*npx hier index --no-hnsw --out /);
    const finding = (await checkTable(table)).find(({ what }) => what === 'index')!;
    assert.equal(finding.state, 'damaged');
    assert.match(finding.text, /^The index is damaged: .*The index of ids is damaged.*--no-hnsw --out /);
    await hnswTableAt(false, { out: table, how });
    assert.equal((await checkTable(table)).find(({ what }) => what === 'index')?.state, 'sound');
  });
});

it('damage to an index is told with what makes it again', () => {
  const state = { kind: 'ivf-rq', rows: 9, probes: 8, hnsw: null };
  assert.equal(indexDamage(state, 't'), null);
  const hnsw = { rows: 9, candidates: 24, recallAt10: 1, unused: 'its file is damaged' };
  assert.match(
    indexDamage({ ...state, hnsw }, 't')!,
    /HNSW graph is damaged.*npx hier index --hnsw --out t$/,
  );
  assert.equal(indexDamage({ ...state, hnsw: { ...hnsw, unused: null } }, 't'), null);
});
