/** A table written as a folder, without a browser. */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openTable } from '../../../src/engines/open.js';
import { exportPage } from '../../../src/server/export/exportPage.js';
import { readPoints } from '../../../src/server/protocol/points.js';
import { temporaryFolder } from '../../images/support.js';
import { makeTable } from '../support.js';

describe('an export', () => {
  const root = temporaryFolder();
  const [page, out] = [join(root, 'page'), join(root, 'out')];
  let table: Awaited<ReturnType<typeof makeTable>>;

  before(async () => {
    table = await makeTable(root, { classes: 4, each: 2 });
    mkdirSync(page);
    writeFileSync(join(page, 'index.html'), '<script defer src="main.js"></script>');
  });

  /** Removes all but the first items, and exports again; returns what the export holds. */
  async function exportFirst(count: number) {
    const store = await openTable(table.table);
    await store.remove(table.items.slice(count).map(({ id }) => id));
    await store.close();
    const result = await exportPage({ table: table.table, out, page, k: 3 });
    const script = readFileSync(join(out, 'collection.js'), 'utf8');
    const exported = JSON.parse(script.slice(script.indexOf('{'), script.lastIndexOf('}') + 1));
    const { ids } = readPoints(Buffer.from(exported.points, 'base64'));
    return { result, ids };
  }

  it('over an earlier one leaves no picture of an item that has been removed', async () => {
    assert.equal((await exportFirst(8)).result.thumbnails, 8);
    assert.equal(readdirSync(join(out, 'thumbnails', '0')).length, 8);
    assert.equal((await exportFirst(5)).ids.length, 5);
    assert.equal(readdirSync(join(out, 'thumbnails', '0')).length, 5);
  });

  it('goes on in the folder of one that was killed', async () => {
    const half = join(root, 'half');
    const options = { table: table.table, out: half, page };
    const onProgress = (what: string) => {
      if (!what.includes('thumbnails')) return;
      mkdirSync(join(half, 'thumbnails', '0'), { recursive: true });
      writeFileSync(join(half, 'thumbnails', '0', '99.webp'), '');
      throw new Error('killed');
    };
    await assert.rejects(exportPage({ ...options, onProgress }), /killed/);
    const { items } = await exportPage(options);
    assert.equal(readdirSync(join(half, 'thumbnails', '0')).length, items);
  });

  it('has large pictures when they are asked for, as far as there is room', async () => {
    const made = (mostBytes: number) =>
      exportPage({ table: table.table, out, page, large: { size: 256, mostBytes } });
    const { items, pictures } = await made(1e6);
    assert.equal(pictures?.count, items);
    assert.equal(pictures?.isFull, false);
    const files = readdirSync(join(out, 'pictures', '0'));
    const sizes = files.map((name) => readFileSync(join(out, 'pictures', '0', name)).length);
    assert.equal(
      pictures?.bytes,
      sizes.reduce((sum, size) => sum + size, 0),
    );
    const fewer = await made(pictures!.bytes - 1);
    assert.deepEqual([fewer.pictures?.count, fewer.pictures?.isFull], [items - 1, true]);
    assert.match(readFileSync(join(out, 'collection.js'), 'utf8'), /"pictures":"1+0"/);
    const odd = { size: 300, mostBytes: 1e6 };
    await assert.rejects(
      exportPage({ table: table.table, out, page, large: odd }),
      /256, 512, 1024, 2048 px, not 300/,
    );
    await exportPage({ table: table.table, out, page });
    assert.equal(readdirSync(out).includes('pictures'), false);
  });

  it('may hold one item, and none', async () => {
    assert.deepEqual((await exportFirst(1)).result, { items: 1, thumbnails: 1 });
    assert.deepEqual((await exportFirst(0)).result, { items: 0, thumbnails: 0 });
  });
});
