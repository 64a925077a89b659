import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fingerprint } from '../../src/datasets/fingerprint.js';
import { openDataset } from '../../src/datasets/open.js';
import { holdOutValidation } from '../../src/datasets/validation.js';
import { isVectorDataset, openVectors } from '../../src/datasets/vectors.js';
import { writeNpy } from '../../src/io/npy.js';
import { writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { temporaryFolder } from '../images/support.js';
import { testContract } from './contract.js';
import { classesOf, folderOf, pairsOf, refuses } from './support.js';

const FIXTURES = 'test/fixtures/datasets';
const folder = temporaryFolder();
const ROWS = 16;
const LABELS = Array.from({ length: ROWS }, (_, row) => `class ${Math.floor(row / 2)}`);
const data = Float32Array.from({ length: 3 * ROWS }, (_, i) => i / 7);

function npy(name: string, values: Float32Array | Float64Array = data): string {
  const path = join(folder, name);
  writeNpy(path, { shape: [values.length / 3, 3], data: values });
  return path;
}

function text(name: string, content: string): string {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
}

/** A .npy column as NumPy writes it. */
function column(name: string, type: string, content: Uint8Array, rows: number): string {
  const header = Buffer.alloc(128, ' ');
  header.write('\x93NUMPY\x01\x00\x76\x00', 'latin1');
  header.write(`{'descr': '${type}', 'fortran_order': False, 'shape': (${rows},), }`, 10);
  header.write('\n', 127);
  const path = join(folder, name);
  writeFileSync(path, Buffer.concat([header, content]));
  return path;
}

const csv = text(
  'labels.csv',
  `label,id\n${LABELS.map((label, row) => `${label},item ${row}`).join('\n')}\n`,
);
const npyFile = npy('features.npy');

testContract('vectors', () => openVectors(npyFile, { labels: csv }));

describe('vectors', () => {
  it('come with labels, ids and splits by class', async () => {
    const set = await openVectors(npyFile, { labels: csv });
    assert.deepEqual(set.features, data);
    assert.equal(set.dim, 3);
    assert.equal(set.isLabelled, true);
    assert.equal(set.items[3].id, 'item 3');
    assert.deepEqual(
      set.items.map(({ label }) => set.classes[label]),
      LABELS,
    );
    assert.deepEqual(classesOf(set, set.train), ['class 0', 'class 2', 'class 4', 'class 6']);
  });

  it('need no labels', async () => {
    const set = await openVectors(npyFile);
    assert.equal(set.isLabelled, false);
    assert.deepEqual([set.classes, set.test], [[], []]);
    assert.deepEqual(
      set.train,
      Array.from({ length: ROWS }, (_, row) => row),
    );
    assert.ok(set.items.every(({ label }) => label === -1));
    assert.match(set.warnings[0], /no labels/);
  });

  it('take splits, taxonomy and ids from a table', async () => {
    const rows = LABELS.map((label, row) => ({
      id: `r${row}`,
      label,
      split: row < 8 ? 'train' : 'test',
      'taxonomy.kind': row % 8 < 4 ? 'low' : 'high',
    }));
    const labels = text('labels.jsonl', rows.map((row) => JSON.stringify(row)).join('\n'));
    const set = await openVectors(npyFile, { labels });
    assert.deepEqual(set.train, [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(set.taxonomy, {
      levels: ['kind'],
      terms: [['low', 'low', 'high', 'high', 'low', 'low', 'high', 'high']],
    });
  });

  it('take labels from a .npy column of any kind', async () => {
    const numbers = LABELS.map((_, row) => Math.floor(row / 2) - 3);
    const utf32 = Buffer.from(
      Uint32Array.from(LABELS.flatMap((l) => [...l].map((c) => c.codePointAt(0)!))).buffer,
    );
    const files = [
      column('i8.npy', '<i8', new Uint8Array(BigInt64Array.from(numbers.map(BigInt)).buffer), ROWS),
      column('i2.npy', '<i2', new Uint8Array(Int16Array.from(numbers).buffer), ROWS),
      column('f4.npy', '<f4', new Uint8Array(Float32Array.from(numbers).buffer), ROWS),
    ];
    for (const labels of files)
      assert.deepEqual((await openVectors(npyFile, { labels })).classes[0], '-3', labels);
    const strings = [
      column('u.npy', '<U7', utf32, ROWS),
      column('s.npy', '|S7', Buffer.from(LABELS.join('')), ROWS),
    ];
    for (const labels of strings)
      assert.deepEqual((await openVectors(npyFile, { labels })).classes[1], 'class 1');
    const other = column('c.npy', '<c8', new Uint8Array(8 * ROWS), ROWS);
    await refuses(() => openVectors(npyFile, { labels: other }), /c\.npy holds values of type <c8/);
  });

  it('are read from float64 and float16', async () => {
    const wide = npy('wide.npy', Float64Array.from(data));
    assert.deepEqual((await openVectors(wide)).features, data);
    const path = column(
      'half.npy',
      '<f2',
      new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0, 0x3555).buffer),
      4,
    );
    await refuses(() => openVectors(path), /half\.npy has the shape \(4,\); a matrix/);
  });

  it('are read from a tensor of a safetensors file, with labels beside it', async () => {
    const path = join(folder, 'features.safetensors');
    const numbers = { shape: [ROWS], data: Int32Array.from(LABELS, (_, row) => row >> 1) };
    const matrix = { shape: [ROWS, 3], data };
    writeSafetensors(path, [
      ['x', matrix],
      ['y', numbers],
    ]);
    const set = await openVectors(path, { labels: 'y' });
    assert.deepEqual(set.features, data);
    assert.deepEqual(set.classes, ['0', '1', '2', '3', '4', '5', '6', '7']);
    await refuses(
      () => openVectors(path, { labels: 'z' }),
      /z is neither a file nor a tensor of .*: x, y|y, x/,
    );
    await refuses(() => openVectors(path, { features: 'y' }), /"y" is not a tensor of vectors.*: x\./);
    writeSafetensors(path, [
      ['x', matrix],
      ['w', matrix],
    ]);
    await refuses(() => openVectors(path), /several tensors of vectors.*choose one with data\.features/);
    assert.equal((await openVectors(path, { features: 'w' })).dim, 3);
    writeSafetensors(path, [['y', numbers]]);
    await refuses(() => openVectors(path), /has no tensor of vectors, only: y/);
  });

  for (const name of ['snappy', 'zstd'])
    it(`are read from a Parquet file of arrow-rs (${name})`, async () => {
      const set = await openVectors(join(FIXTURES, `${name}.parquet`), { labels: 'species' });
      assert.deepEqual(
        set.features,
        Float32Array.from({ length: 18 }, (_, i) => Math.floor(i / 3) + (i % 3) / 8),
      );
      assert.deepEqual(set.classes, ['wren', 'owl', 'tit']);
      assert.equal(set.items[5].id, 'r5');
    });

  it('are read from the column of a Parquet file that is chosen', async () => {
    const path = join(FIXTURES, 'two.parquet');
    await refuses(() => openVectors(path), /several columns of vectors \(embedding, fixed\)/);
    const set = await openVectors(path, { features: 'fixed', labels: 'code' });
    assert.equal(set.features[4], -1.125);
    assert.deepEqual(set.classes, ['1', '2', '3']);
    await refuses(() => openVectors(path, { features: 'id' }), /"id" is not a column of vectors/);
    await refuses(
      () => openVectors(path, { features: 'fixed', labels: 'no' }),
      /no is neither a file nor a column/,
    );
    const hole = join(FIXTURES, 'hole.parquet');
    await refuses(() => openVectors(hole), /hole\.parquet: row 4 \(from 0\) of "embedding" lacks a number/);
    const cut = text('cut.parquet', 'PAR1 and no more');
    await refuses(() => openVectors(cut), /cut\.parquet cannot be read as a Parquet file/);
  });

  it('have names of their own without classes too', async () => {
    const names = text('ids.csv', `id,split\n${LABELS.map((_, row) => `v${row},train`).join('\n')}`);
    const set = await openVectors(npyFile, { labels: names });
    assert.deepEqual([set.isLabelled, set.items[3].id, set.items[3].label], [false, 'v3', -1]);
    assert.match(set.warnings.join(), /ids\.csv: split is not used: vectors without labels are all/);
    const empty = text('empty.jsonl', LABELS.map((_, row) => `{"id":"e${row}","label":null}`).join('\n'));
    const unnamed = await openVectors(npyFile, { labels: empty });
    assert.deepEqual([unnamed.isLabelled, unnamed.items[2].id], [false, 'e2']);
    const close = text('close.csv', `id,Label\n${LABELS.map((label, row) => `${row},${label}`).join('\n')}`);
    await refuses(() => openVectors(npyFile, { labels: close }), /no column "label".*Did you mean "Label"/);
    const few = text('fewIds.csv', 'id\na\nb\n');
    await refuses(() => openVectors(npyFile, { labels: few }), /fewIds\.csv has 2 rows for the 16 rows of/);
  });

  it('say which classes differ in their way of writing only', async () => {
    const pairs = ['Café', 'Cafe\u0301', 'owl', 'tit'];
    const alike = text('alike.csv', `label\n${LABELS.map((_, row) => pairs[row % 4]).join('\n')}`);
    const { warnings } = await openVectors(npyFile, { labels: alike });
    assert.match(warnings.join(), /1 pair of classes differ in their way of writing only/);
  });

  it('beyond float32 are refused as what they are written as', async () => {
    const wide = join(folder, 'wide.npy');
    writeNpy(wide, { shape: [2, 2], data: Float64Array.of(1, 2, 3, 1e308) });
    await refuses(
      () => openVectors(wide),
      /row 1, column 1 \(from 0\) is 1e\+308, which is beyond what float32/,
    );
  });

  it('are refused when something does not fit', async () => {
    const bad = npy(
      'nan.npy',
      Float32Array.from(data, (value, i) => (i === 7 ? Number.NaN : value)),
    );
    await refuses(() => openVectors(bad), /nan\.npy: the number in row 2, column 1 \(from 0\) is NaN/);
    await refuses(() => openVectors(npy('none.npy', new Float32Array(0))), /holds no vectors/);
    const few = text('few.csv', 'label\na\nb\n');
    await refuses(() => openVectors(npyFile, { labels: few }), /few\.csv has 2 labels for the 16 rows of/);
    const twice = text('twice.csv', `label,id\n${LABELS.map((label) => `${label},same`).join('\n')}`);
    await refuses(
      () => openVectors(npyFile, { labels: twice }),
      /rows 0 and 1 \(from 0\) both have the id "same"/,
    );
    const one = text('one.csv', `label\n${LABELS.map(() => 'a').join('\n')}`);
    await refuses(() => openVectors(npyFile, { labels: one }), /one class only/);
    const nameless = text('nameless.csv', `class\n${LABELS.join('\n')}`);
    await refuses(() => openVectors(npyFile, { labels: nameless }), /no column "label", only: class/);
    await refuses(() => openVectors(npyFile, { labels: 'nowhere.csv' }), /no file of labels nowhere\.csv/);
    await refuses(() => openVectors('nowhere.npy'), /There is no file nowhere\.npy/);
    await refuses(() => openVectors(csv), /labels\.csv is not a file of vectors/);
  });

  it('are a data set like another: by name, for validation, with a fingerprint of their content', async () => {
    const named = await openDataset('vectors', { path: npyFile, labels: csv });
    assert.deepEqual(named, await openDataset(npyFile, { labels: csv }));
    assert.ok(isVectorDataset(named));
    assert.ok(!isVectorDataset(await openDataset(folderOf(pairsOf(['a', 'b', 'c'])))));
    const splits = holdOutValidation(named, 0.3);
    const before = await fingerprint(named, splits);
    const moved = npy(
      'moved.npy',
      data.map((value) => value + 1),
    );
    const after = await fingerprint(await openVectors(moved, { labels: csv }), splits);
    assert.notEqual(before.sha256, after.sha256);
    assert.deepEqual(before.splits, after.splits);
  });
});
