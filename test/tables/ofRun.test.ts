/** A run over feature vectors as a table: its embeddings, its tree, and what becomes of the tree later. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openTable } from '../../src/engines/open.js';
import { writeNpy } from '../../src/io/npy.js';
import { openModel } from '../../src/model/trained.js';
import { randomStream } from '../../src/random.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { treeOf } from '../../src/store/query.js';
import { indexTable } from '../../src/tables/index.js';
import { searchTable } from '../../src/tables/search.js';
import { train } from '../../src/training/train.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';

const [CLASSES, EACH, DIM] = [12, 4, 10];
const ROWS = CLASSES * EACH;
const SETTINGS = [
  'head.embeddingSize=6',
  'losses.hier.proxies=8',
  'losses.hier.neighbours=3',
  'losses.hier.triplets=3',
  'losses.hier.poolRows=32',
  'batch.size=12',
  'schedule.epochs=1',
];

describe('a run over vectors as a table', () => {
  const root = temporaryFolder();
  const at = (name: string) => join(root, name);
  const random = randomStream(1, 'rows');
  const values = Float32Array.from({ length: ROWS * DIM }, () => random.normal());
  const run = at('run');

  before(async () => {
    writeNpy(at('rows.npy'), { shape: [ROWS, DIM], data: values });
    writeNpy(at('two.npy'), { shape: [2, DIM], data: values.slice(5 * DIM, 7 * DIM) });
    const recipe = loadRecipe('vectors', [...SETTINGS, `data.source=${at('rows.npy')}`]);
    await train({ recipe, folder: run, quiet: true });
  });

  it('holds embeddings of the rows, and searches by rows as the network takes them', async () => {
    const table = at('plain');
    const { rows, tree, notes } = await indexTable({ source: run, out: table, map: false, tree: false });
    assert.deepEqual([rows, tree, notes], [ROWS, null, []]);
    const store = await openTable(table);
    const model = await openModel(run);
    try {
      const item = (await store.get(['5']))[0];
      assert.deepEqual([item.path, item.node, item.thumbnail, await treeOf(store)], [null, null, null, null]);
      const embedded = await model.embedVectors({ values: values.slice(5 * DIM, 6 * DIM), dim: DIM });
      assertAllclose(item.vector, embedded, { atol: 1e-6 });
    } finally {
      await model.close();
      await store.close();
    }
    const { answers } = await searchTable({ table, vectors: at('two.npy'), k: 1 });
    assert.deepEqual(
      answers.map(({ results }) => results[0].id),
      ['5', '6'],
    );
  });

  it('brings its tree to a new table and to its own, and leaves that of others alone', async () => {
    const table = at('hung');
    const options = { source: run, out: table, map: false };
    assert.equal((await indexTable(options)).tree, 'own');
    const again = await indexTable(options);
    assert.deepEqual([again.tree, again.unchanged], ['own', ROWS]);
    const more = await indexTable({ ...options, images: at('two.npy') });
    assert.deepEqual([more.tree, more.replaced], [null, 2]);
    writeFileSync(at('tree.json'), '{"nodes": [{"id": "top"}]}');
    assert.equal((await indexTable({ ...options, tree: at('tree.json') })).tree, 'given');
    assert.equal((await indexTable(options)).tree, null);
    const store = await openTable(table);
    assert.deepEqual([...(await treeOf(store))!.keys()], ['top']);
    await store.close();
  });

  it('hangs items from the leaves of their classes', async () => {
    const labels = at('labels.csv');
    const rows = Array.from({ length: ROWS }, (_, i) => `class ${Math.floor(i / EACH)},test`);
    const names = rows.map((row, i) => (i < ROWS / 2 ? row.replace('test', 'train') : row));
    writeFileSync(labels, `label,split\n${names.join('\n')}\n`);
    const own = [`data.source=${at('rows.npy')}`, `data.labels=${labels}`, 'data.validation=0'];
    const recipe = loadRecipe('vectors', [...SETTINGS, 'batch.size=6', ...own]);
    const folder = at('labelled');
    await train({ recipe, folder, quiet: true });
    const { rows: count, tree } = await indexTable({ source: folder, out: at('classes'), map: false });
    assert.deepEqual([count, tree], [ROWS / 2, 'own']);
    const store = await openTable(at('classes'));
    const items = await store.list({ limit: ROWS });
    const nodes = await treeOf(store);
    await store.close();
    for (const { label, node } of items) assert.equal(nodes!.get(node!)?.name, label);
    assert.equal(new Set(items.map(({ node }) => node)).size, CLASSES / 2);
  });
});
