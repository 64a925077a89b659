/** A run over images as a table: lists that are no data sets, their columns, and images that cannot be read. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openTable } from '../../src/engines/open.js';
import { UsageError } from '../../src/errors.js';
import { treeOf } from '../../src/store/query.js';
import { type IndexTableOptions, indexTable } from '../../src/tables/index.js';
import { train } from '../../src/training/train.js';
import { noise, temporaryFolder, writePng } from '../images/support.js';
import { tinyRecipe } from '../training/trainerSupport.js';

describe('a run over images as a table', () => {
  const root = temporaryFolder();
  const at = (name: string) => join(root, name);
  const run = at('run');
  const classes = ['a', 'b', 'c', 'd', 'e', 'f'];
  const lines = (name: string, rows: object[]) => {
    writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    return at(name);
  };
  const rows = classes.flatMap((label, c) =>
    Array.from({ length: 4 }, (_, i) => ({
      path: `photos/${label}/${i}.png`,
      label,
      title: `${label}, "${i}"`,
      price: c + i / 4,
      'product url': i === 0 ? null : `https://shop/${label}/${i}`,
    })),
  );
  const index = async (options: Omit<IndexTableOptions, 'source' | 'map'>) => {
    const result = await indexTable({ source: run, map: false, ...options });
    const store = await openTable(options.out);
    const items = await store.list({ limit: 100 });
    const tree = await treeOf(store);
    await store.close();
    return { result, items, tree };
  };

  before(async () => {
    for (const { path, label } of rows) {
      mkdirSync(at(`photos/${label}`), { recursive: true });
      await writePng(at(path), noise(20, 20));
    }
    const source = lines('shop.jsonl', rows);
    const recipe = tinyRecipe({
      data: { source, validation: 0 },
      batch: { size: 6 },
      schedule: { epochs: 1 },
    });
    await train({ recipe, folder: run, quiet: true });
  });

  it("has every column of its own list, with its type, and takes a file's besides", async () => {
    const { items } = await index({ out: at('own'), thumbnail: 0 });
    assert.equal(items.length, 12);
    const own = rows.find(({ path }) => path === items[1].id)!;
    assert.deepEqual(items[1].metadata, {
      title: own.title,
      price: own.price,
      product_url: own['product url'],
    });
    assert.equal(typeof items[1].metadata.price, 'number');
    const facts = lines('facts.jsonl', [
      { id: items[0].id, stock: 3, constructor: 'x' },
      { id: 'nobody', stock: 4 },
    ]);
    const more = await index({ out: at('facts'), thumbnail: 0, items: facts });
    assert.deepEqual([more.items[0].metadata.stock, more.items[0].metadata.constructor], [3, 'x']);
    assert.equal(more.items[1].metadata.stock, null);
    assert.match(more.result.notes.join(), /describes 1 items that are not among those indexed/);
  });

  it('is made of lists that nobody could train on: without classes, with one, with columns of any name', async () => {
    const plain = lines(
      'plain.jsonl',
      rows.slice(0, 5).map(({ path, price }) => ({ path, price })),
    );
    const listed = await index({ out: at('plain'), images: plain, thumbnail: 0 });
    assert.deepEqual(
      listed.items.map(({ id, label, metadata }) => [id, label, metadata]),
      rows.slice(0, 5).map(({ path, price }) => [path, null, { price }]),
    );
    writeFileSync(
      at('one.csv'),
      `id,path,label,toString\n${rows
        .slice(0, 3)
        .map(({ path }, i) => `i${i},${path},a,${i}`)
        .join('\n')}\n`,
    );
    const one = await index({ out: at('one'), images: at('one.csv'), thumbnail: 0 });
    assert.deepEqual(
      one.items.map(({ id, label, metadata }) => [id, label, metadata]),
      [0, 1, 2].map((i) => [`i${i}`, 'a', { toString: i }]),
    );
    await assert.rejects(index({ out: at('none'), images: at('one.csv'), split: 'test' }), UsageError);
    writeFileSync(at('missing.csv'), 'path\nphotos/a/9.png\n');
    await assert.rejects(
      index({ out: at('none'), images: at('missing.csv') }),
      /1 of 1 listed files not found/,
    );
  });

  it('keeps what is known when an image can no longer be read, and has a tree over the others', async () => {
    const photos = at('photos');
    const options = { images: photos, thumbnail: 0 };
    const first = await index({ out: at('again'), ...options });
    assert.equal(first.items.length, 24);
    assert.ok(first.items.every(({ node }) => node !== null));
    writeFileSync(at('photos/c/2.png'), '');
    const again = await index({ out: at('again'), ...options });
    assert.deepEqual([again.result.unchanged, again.result.replaced, again.result.skipped], [23, 0, 1]);
    assert.deepEqual(
      again.items.map(({ id, node, label }) => [id, node, label]),
      first.items.map(({ id, node, label }) => [id, node, label]),
    );
    assert.equal(again.result.tree, 'own');
    const fresh = await index({ out: at('fresh'), ...options });
    assert.deepEqual([fresh.items.length, fresh.result.tree], [23, 'own']);
    assert.ok(fresh.items.every(({ node }) => fresh.tree!.has(node!)));
    assert.match(fresh.result.notes.join(), /The tree was made over 23 of 24 items/);
  });
});
