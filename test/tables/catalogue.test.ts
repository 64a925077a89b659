/** A catalogue as people have it: a list with pictures from disk and web, brought up to date again and again. */

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openTable } from '../../src/engines/open.js';
import { DataError, UsageError } from '../../src/errors.js';
import { packFolder } from '../../src/io/pack.js';
import { whereFilter } from '../../src/store/filter/where.js';
import { type IndexTableOptions, indexTable } from '../../src/tables/index.js';
import { searchTable } from '../../src/tables/search.js';
import { networkBytes } from '../backbones/frozen/support.js';
import { draw, drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { type Served, serve } from '../io/download/support.js';

describe('a catalogue', () => {
  const folder = temporaryFolder();
  const at = (name: string) => join(folder, name);
  const model = at('net.onnx');
  const earlier = process.env.HIER_CACHE;
  let server: Served;
  let asked = 0;
  let base = '';
  before(async () => {
    process.env.HIER_CACHE = at('cache');
    writeFileSync(model, networkBytes({ tokens: true }));
    mkdirSync(at('shop'));
    await drawClasses(at('shop/photos'), 3, 2);
    server = await serve((request, response) => {
      asked++;
      const file = at(`shop/photos${request.url}`);
      if (existsSync(file)) response.end(readFileSync(file));
      else response.writeHead(404).end();
    });
    base = server.address;
  });
  after(async () => {
    await server.close();
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
  });
  const list = (name: string, rows: readonly string[]) => {
    writeFileSync(at(`shop/${name}`), `sku,photo,price,brand\n${rows.join('\n')}\n`);
    return at(`shop/${name}`);
  };
  const index = (source: string, options: Partial<IndexTableOptions> = {}) =>
    indexTable({
      ...{ source, model, out: at('table'), columns: { id: 'sku', image: 'photo' }, thumbnail: 8 },
      fetch: { allowPrivate: true },
      ...options,
    });
  const rows = () => [
    '001,photos/00-circle/0.png,19.90,acme',
    '002,photos/00-circle/1.png,5,zenith',
    `003,${base}/01-square/0.png,7,acme`,
    `004,${base}/02-triangle/1.png,9,`,
    `005,${base}/gone.png,11,acme`,
    '006,photos/nowhere.png,12,acme',
    '007,,13,acme',
  ];

  it('without classes is indexed with tree and map, and what cannot be had costs itself alone', async () => {
    const found = await index(list('items.csv', rows()));
    assert.deepEqual([found.rows, found.added, found.skipped, found.embedded], [4, 4, 3, 4]);
    assert.deepEqual([found.tree, found.map], ['own', 'made']);
    const file = at('table.failures.csv');
    assert.deepEqual(found.failures, { count: 3, file });
    const [header, ...lost] = readFileSync(file, 'utf8').trim().split('\n');
    assert.equal(header, 'id,image,reason');
    assert.match(lost[0], /^005,.*gone\.png,the server answered 404$/);
    assert.match(lost[1], /^006,.*nowhere\.png,there is no such file/);
    assert.match(lost[2], /^007,,the list has no image for it$/);
    const store = await openTable(at('table'));
    const [item] = await store.get(['003']);
    assert.equal(item.path, `${base}/01-square/0.png`);
    assert.ok(item.thumbnail && item.node !== null);
    assert.deepEqual(item.metadata, { sku: '003', price: 7, brand: 'acme' });
    await store.close();
    const filter = whereFilter(['price<=9', 'brand=acme|']);
    const { answers } = await searchTable({ table: at('table'), queries: ['001'], filter });
    assert.deepEqual(answers[0].results.map(({ id }) => id).sort(), ['003', '004']);
  });

  it('embeds nothing for a changed price, one image for a new product, and fetches nothing twice', async () => {
    const before = asked;
    const same = await index(list('items.csv', rows()));
    assert.deepEqual([same.unchanged, same.embedded], [4, 0]);
    const dearer = rows().map((row) => row.replace('19.90', '24.50'));
    const priced = await index(list('items.csv', dearer));
    assert.deepEqual([priced.replaced, priced.unchanged, priced.embedded], [1, 3, 0]);
    await draw(at('shop/photos/new.png'), 1, 7);
    const more = await index(list('items.csv', [...dearer.slice(0, 4), '008,photos/new.png,1,new']));
    assert.deepEqual([more.added, more.replaced, more.embedded, more.tree], [1, 0, 1, 'own']);
    assert.deepEqual(more.failures, { count: 0, file: null });
    assert.ok(!existsSync(at('table.failures.csv')));
    assert.equal(asked - before, 2, 'what was not there is asked for again, once a run');
  });

  it('may be a Parquet or JSON Lines file, or lie in an archive with its list or without', async () => {
    mkdirSync(at('packed'));
    for (const name of ['a', 'b']) copyFileSync(at('shop/photos/00-circle/0.png'), at(`packed/${name}.png`));
    await packFolder(at('packed'), at('plain.zip'));
    const plain = await index(at('plain.zip'), { out: at('t1'), columns: {} });
    assert.deepEqual([plain.rows, plain.embedded], [2, 2]);
    writeFileSync(at('packed/facts.csv'), 'id,note\na,not a list of images\n');
    writeFileSync(at('packed/items.jsonl'), '{"image":"a.png","price":3,"new":true}\n');
    await packFolder(at('packed'), at('listed.zip'));
    const listed = await index(at('listed.zip'), { out: at('t2'), columns: {} });
    assert.deepEqual([listed.rows, listed.failures.count], [1, 0]);
    const store = await openTable(at('t2'));
    assert.deepEqual((await store.list({ limit: 9 }))[0].metadata, { price: 3, new: true });
    await store.close();
    writeFileSync(at('packed/more.csv'), 'path\nb.png\n');
    await packFolder(at('packed'), at('two.zip'));
    await assert.rejects(
      index(at('two.zip'), { out: at('t3'), columns: {} }),
      (error) =>
        error instanceof DataError && /holds 2 lists of images: items\.jsonl, more\.csv/.test(error.message),
    );
  });

  it('is refused where it has no images at all, and asks for a network', async () => {
    const none = list('none.csv', [`1,${base}/gone.png,1,a`]);
    await assert.rejects(
      index(none, { out: at('t4') }),
      (error) => error instanceof DataError && /none of 1 image can be had.*answered 404/.test(error.message),
    );
    await assert.rejects(
      index(none, { out: at('t4'), fetch: {} }),
      (error) => error instanceof DataError && /private network/.test(error.message),
    );
    await assert.rejects(index(none, { columns: {} }), /no column "image" or "path".*--columns image=COLUMN/);
    for (const source of [none, at('plain.zip')])
      await assert.rejects(
        indexTable({ source, out: at('t4') }),
        (error) =>
          error instanceof UsageError && /of images: say with --model what embeds them/.test(error.message),
      );
    assert.ok(!existsSync(at('t4')));
    rmSync(at('packed'), { recursive: true });
  });
});
