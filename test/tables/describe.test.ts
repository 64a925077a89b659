/** What files say of items: nothing of it is dropped, taken twice or taken for something else without a word. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { readItemFile, readItemPlaces } from '../../src/tables/describe.js';
import { readParquetItems } from '../../src/tables/parquetItems.js';
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
  it('keeps true and false as what they are', () => {
    const { items, types } = readItemFile(
      file('b.jsonl', '{"id":"a","sold":true}\n{"id":"b","sold":false}\n'),
    );
    assert.deepEqual(
      [items.map(({ metadata }) => metadata.sold), types],
      [[true, false], { sold: 'boolean' }],
    );
  });

  it('says which columns may have been meant as others, and which are left out', () => {
    const { notes } = readItemFile(file('n.csv', ',Image Path,CLASS,price\n0,a.png,cat,3\n'));
    assert.deepEqual(
      notes.map((note) => note.slice(note.indexOf(': ') + 2)),
      [
        'column 1 has no name and is left out.',
        '"Image Path" is kept as a further column. To have it as the path, name it "path".',
        '"CLASS" is kept as a further column. To have it as the label, name it "label".',
      ],
    );
    assert.deepEqual(readItemFile(file('k.csv', 'id,label,class\na,b,c\n')).notes, []);
  });

  it('is read in UTF-16 too, with the types of its values', () => {
    const text = Buffer.from('\ufeff{"id":"ä","price":3}\n', 'utf16le');
    const { items, types } = readItemFile(file('u.jsonl', text));
    assert.deepEqual([items[0].id, items[0].metadata.price, types], ['ä', 3, { price: 'number' }]);
  });

  it('has each item once, and so has a file of their nodes', () => {
    refuses(() => readItemFile(file('t.csv', 'id\na\nb\na\n')), /lines 2 and 4 both have the id "a"/);
    refuses(() => readItemPlaces(file('p.csv', 'id,node\na,1\na,2\n')), /lines 2 and 3 both have the id "a"/);
    refuses(() => readItemPlaces(file('e.csv', 'id,node\na,1\n,2\n')), /line 3: no value for "id"/);
  });
});

describe('the items of a Parquet file', () => {
  it('leave out what is not text or a number, by name', async () => {
    const { items, metadata, notes } = await readParquetItems(
      'test/fixtures/datasets/mixed.parquet',
      undefined,
    );
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
