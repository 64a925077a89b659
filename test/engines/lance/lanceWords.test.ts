/** Words in a LanceDB table: by its full-text index, with rows that are not in it yet, and in tables of an earlier version. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { connect } from '@lancedb/lancedb';
import { itemsToArrow } from '../../../src/engines/lance/arrowItems.js';
import { createTable, openTable } from '../../../src/engines/open.js';
import { fitSpace } from '../../../src/store/space.js';
import { wordsAreRight } from '../../../src/store/text/checkWords.js';
import { temporaryFolder } from '../../images/support.js';
import { clustered, rowOf } from '../../store/support.js';
import { checkTexts, textItems } from '../../store/text/oracle.js';

describe('words in a LanceDB table', () => {
  const root = temporaryFolder();
  const [rows, dim] = [110, 8];
  const points = clustered({ rows, dim });
  const space = fitSpace({ vectors: points, dim, metric: 'cosine' });
  const vectors = Array.from({ length: rows }, (_, i) => rowOf(points, dim, i));
  const columns = { space, metadata: ['title', 'note', 'price'], types: { price: 'number' } } as const;
  const how = { engine: 'lance', exactRows: 50 } as const;
  const raw = async (name: string) => (await connect(join(root, name))).openTable('items');

  it('are found by the index, also those that came after it, and not those that are gone', async () => {
    const store = await createTable(join(root, 'indexed'), columns, how);
    const [first, second] = [textItems(vectors, 1), textItems(vectors, 2)];
    await store.write(first.slice(0, 90), { allNew: true });
    await store.maintain();
    const stats = await (await raw('indexed')).indexStats('words_idx');
    assert.deepEqual([stats?.numIndexedRows, stats?.numUnindexedRows], [90, 0]);
    await checkTexts(store, first.slice(0, 90), 'indexed', 4);
    await store.write([...second.slice(0, 20), ...first.slice(90)]);
    await store.remove(['p-30', 'p-100']);
    const now = [...second.slice(0, 20), ...first.slice(20)].filter(
      ({ id }) => id !== 'p-30' && id !== 'p-100',
    );
    await checkTexts(store, now, 'changed since');
    await store.maintain();
    await checkTexts(store, now, 'brought up to date', 6);
    await store.close();
  });

  it('are held in memory where an earlier version made the table, until it is brought up to date', async () => {
    const items = textItems(vectors, 3).slice(0, 60);
    const made = await createTable(join(root, 'old'), columns, how);
    await made.write(items.slice(0, 55), { allNew: true });
    await made.maintain();
    await made.close();
    await (await raw('old')).dropColumns(['words']);
    const store = await openTable(join(root, 'old'), how);
    await checkTexts(store, items.slice(0, 55), 'as it came', 6);
    await store.write(items.slice(55));
    await checkTexts(store, items, 'written to', 6);
    const near = await store.search(vectors[5], { k: 3 });
    assert.deepEqual((await store.maintain()).damaged, undefined);
    const { fields } = await (await raw('old')).schema();
    assert.ok(fields.some(({ name }) => name === 'words'));
    assert.equal(await (await raw('old')).countRows('words IS NULL'), 0);
    assert.equal((await (await raw('old')).indexStats('words_idx'))?.numIndexedRows, 60);
    await checkTexts(store, items, 'brought up to date', 6);
    assert.deepEqual(await store.search(vectors[5], { k: 3 }), near);
    assert.equal(await wordsAreRight(store), true);
    await store.close();

    const [early] = textItems(vectors, 4).slice(60);
    await (await raw('old')).add(itemsToArrow([early], store.manifest, false)); // as an earlier version does
    const whole = [...items, early];
    const again = await openTable(join(root, 'old'), how);
    await checkTexts(again, whole, 'written to by an earlier version', 6);
    await again.maintain();
    assert.equal(await (await raw('old')).countRows('words IS NULL'), 0);
    await checkTexts(again, whole, 'mended', 6);
    await again.close();
  });
});
