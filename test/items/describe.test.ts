/** What files say of items: nothing of it is dropped, taken twice or taken for something else without a word. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { readItemFile } from '../../src/items/describe.js';
import { readItemPlaces } from '../../src/items/itemPlaces.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();

function file(name: string, content: string | Buffer): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const refuses = (work: () => unknown, message: RegExp) =>
  assert.throws(work, (error) => error instanceof DataError && message.test(error.message));

describe('a file of items', () => {
  it('keeps true and false as what they are', async () => {
    const { items, types } = await readItemFile(
      file('b.jsonl', '{"id":"a","sold":true}\n{"id":"b","sold":false}\n'),
    );
    assert.deepEqual(
      [items.map(({ metadata }) => metadata.sold), types],
      [[true, false], { sold: 'boolean' }],
    );
  });

  it('of European spreadsheets has its numbers, and says so', async () => {
    const text = 'id;title;price;weight;code\na;"x; y";1.234,50;12;1,5\nb;z;0,5;;x\n';
    const { items, types, notes } = await readItemFile(file('eu.csv', text));
    assert.deepEqual(
      items.map(({ id, metadata }) => [id, ...Object.values(metadata)]),
      [
        ['a', 'x; y', 1234.5, 12, '1,5'],
        ['b', 'z', 0.5, null, 'x'],
      ],
    );
    assert.deepEqual(types, { price: 'number', weight: 'number' });
    assert.equal(notes.length, 2);
    assert.match(notes.join('\n'), /separated by semicolons\.\n.*numbers in "price" have a decimal comma/);
    const excel = Buffer.from('\ufeffid\ttitle\tprice\r\na\tKäse, jung\t2,50\r\n', 'utf16le');
    const [item] = (await readItemFile(file('excel.tsv', excel))).items;
    assert.deepEqual(item.metadata, { title: 'Käse, jung', price: 2.5 });
    // Between commas, a comma in a cell is not a decimal one.
    assert.deepEqual((await readItemFile(file('us.csv', 'id,a\nx,"1,5"\n'))).types, {});
  });

  it('keeps lists of words as text, and says so; ids and classes are not lists', async () => {
    const text = '{"id":"a","tags":["red","new"],"sizes":[1,2]}\n{"id":"b","tags":[],"sizes":3}\n';
    const { items, types, notes } = await readItemFile(file('tags.jsonl', text));
    assert.deepEqual(
      items.map(({ metadata }) => metadata),
      [
        { tags: 'red, new', sizes: '1, 2' },
        { tags: null, sizes: '3' },
      ],
    );
    assert.deepEqual(types, {});
    assert.match(notes[0], /lists in "tags", "sizes" are kept as text, joined by/);
    const labels = file('labels.jsonl', '{"id":"a","label":["x","y"]}');
    await assert.rejects(readItemFile(labels), /"label" must be text/);
  });

  it('says which columns may have been meant as others, and which are left out', async () => {
    const { notes } = await readItemFile(file('n.csv', ',Image Path,CLASS,price\n0,a.png,cat,3\n'));
    assert.deepEqual(
      notes.map((note) => note.slice(note.indexOf(': ') + 2)),
      [
        'column 1 has no name and is left out.',
        '"Image Path" is kept as a further column. To have it as the path, name it "path".',
        '"CLASS" is kept as a further column. To have it as the label, name it "label".',
      ],
    );
    assert.deepEqual((await readItemFile(file('k.csv', 'id,label,class\na,b,c\n'))).notes, []);
  });

  it('is read in UTF-16 too, with the types of its values', async () => {
    const text = Buffer.from('\ufeff{"id":"ä","price":3}\n', 'utf16le');
    const { items, types } = await readItemFile(file('u.jsonl', text));
    assert.deepEqual([items[0].id, items[0].metadata.price, types], ['ä', 3, { price: 'number' }]);
  });

  it('is read in the encoding that it is said to be in', async () => {
    const path = file('w.csv', '');
    writeFileSync(path, Buffer.from('id,title\na,cr\xe8me 20 \x80\n', 'latin1'));
    const { items } = await readItemFile(path, { encoding: 'windows-1252' });
    assert.equal(items[0].metadata.title, 'crème 20 €');
    await assert.rejects(readItemFile(path), /line 2 is not UTF-8.*--encoding windows-1252/);
    const parquet = 'test/fixtures/datasets/mixed.parquet';
    await assert.rejects(readItemFile(parquet, { encoding: 'windows-1252' }), /is for CSV and JSON Lines/);
  });

  it('has each item once, and so has a file of their nodes', async () => {
    await assert.rejects(
      readItemFile(file('t.csv', 'id\na\nb\na\n')),
      (error) => error instanceof DataError && /lines 2 and 4 both have the id "a"/.test(error.message),
    );
    refuses(() => readItemPlaces(file('p.csv', 'id,node\na,1\na,2\n')), /lines 2 and 3 both have the id "a"/);
    refuses(() => readItemPlaces(file('e.csv', 'id,node\na,1\n,2\n')), /line 3: no value for "id"/);
  });
});

describe('columns of a CSV file', () => {
  const read = async (name: string, text: string, options = {}) => readItemFile(file(name, text), options);

  it('are numbers, true and false, or text, by all of their values', async () => {
    const { items, types, metadata } = await read(
      'types.csv',
      'id,price,sold,mixed,sku,zip,year,ean,note,size,taxonomy.genus\n' +
        'a,19.90,True,1,12,01234,2024,4006381333931,x,1e3,1\n' +
        'b,-.5,FALSE,a,13,94103,2025,4006381333948,NaN,2,2\n' +
        'c,,NA,2,14,10001,,,,0.25,1\n',
    );
    assert.deepEqual(types, { price: 'number', sold: 'boolean', year: 'number', size: 'number' });
    assert.deepEqual(metadata, [
      'price',
      'sold',
      'mixed',
      'sku',
      'zip',
      'year',
      'ean',
      'note',
      'size',
      'genus',
    ]);
    assert.deepEqual(
      items.map(({ metadata: { price, sold, sku, zip, ean, note, size } }) => [
        price,
        sold,
        sku,
        zip,
        ean,
        note,
        size,
      ]),
      [
        [19.9, true, '12', '01234', '4006381333931', 'x', 1000],
        [-0.5, false, '13', '94103', '4006381333948', 'NaN', 2],
        [null, null, '14', '10001', null, null, 0.25],
      ],
    );
  });

  it('have the types of the table that they are for, and what does not fit is told', async () => {
    const known = { metadata: ['price', 'stock'], types: { stock: 'number' as const } };
    const { items, types, notes } = await read('k2.csv', 'id,price,stock\na,19.90,5\nb,5,on request\n', {
      known,
    });
    assert.deepEqual(types, { stock: 'number' });
    assert.deepEqual(
      items.map(({ metadata: { price, stock } }) => [price, stock]),
      [
        ['19.90', 5],
        ['5', 'on request'],
      ],
    );
    assert.match(notes.join(), /1 value of "stock" is not a number, as the column is in the table/);
  });

  it('may have other names than id, image and label, and then keep theirs too', async () => {
    const text = 'sku,photo,category,label\n007,a.jpg,shoe,red\n008,https://x.org/b.jpg,hat,\n';
    const roles = { id: 'sku', image: 'photo', label: 'category' };
    const { items, metadata } = await read('roles.csv', text, { roles, byPath: true });
    assert.deepEqual(metadata, ['sku', 'category', 'label']);
    assert.deepEqual(
      items.map(({ id, path, label, metadata: values }) => [id, path, label, values.label]),
      [
        ['007', join(folder, 'a.jpg'), 'shoe', 'red'],
        ['008', 'https://x.org/b.jpg', 'hat', null],
      ],
    );
    await assert.rejects(
      read('roles.csv', text, { roles: { id: 'skus' } }),
      /no column "skus" to be the id.*sku/,
    );
  });

  it('call a picture image or path in a list of images', async () => {
    const { items, metadata } = await read('im.csv', 'image,title\na/b.jpg,x\n', { byPath: true });
    assert.deepEqual([items[0].id, items[0].path, metadata], ['a/b.jpg', join(folder, 'a/b.jpg'), ['title']]);
    assert.deepEqual((await read('im.csv', 'image,title\na/b.jpg,x\n')).metadata, ['image', 'title']);
  });
});

describe('the items of a Parquet file', () => {
  it('have lists of words as one text, as those of JSON Lines, and no lists for what hier knows', async () => {
    const { items, metadata, types, notes } = await readItemFile('test/fixtures/datasets/lists.parquet');
    assert.deepEqual(metadata, ['tags', 'sizes', 'days', 'title']);
    assert.deepEqual(types, {});
    assert.deepEqual(
      items.map(({ metadata: { tags, sizes, days } }) => [tags, sizes, days]),
      [
        ['red, new', '38, 39', '2026-01-02T00:00:00.000Z'],
        [null, null, null],
        ['blue', '40', null],
      ],
    );
    assert.deepEqual(
      notes.map((note) => note.slice(note.indexOf(': ') + 2)),
      [
        'the columns label, pairs, deep are left out: nested, and not of one value a row.',
        'lists in "tags", "sizes", "days" are kept as text, joined by ", ".',
      ],
    );
  });

  it('leave out what is not text or a number, by name', async () => {
    const { items, metadata, notes } = await readItemFile('test/fixtures/datasets/mixed.parquet');
    assert.deepEqual(metadata, ['plain', 'Class']);
    assert.deepEqual(
      items.map((item) => item.metadata.plain),
      ['one', 'two', 'three'],
    );
    assert.deepEqual(
      notes.map((note) => note.slice(note.indexOf(': ') + 2)),
      [
        'the column size is left out: nested, and not of one value a row.',
        'the column picture is left out: bytes that are not text.',
        '"Class" is kept as a further column. To have it as the label, name it "label".',
      ],
    );
  });
});
