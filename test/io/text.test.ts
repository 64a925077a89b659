/** Bytes that are not text are refused by line, in every reader of text. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readList } from '../../src/datasets/lists.js';
import { openManifest } from '../../src/datasets/manifest.js';
import { DataError, HierError } from '../../src/errors.js';
import { readRows } from '../../src/io/readRows.js';
import { readTextFile } from '../../src/io/text.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { readTaxonomy } from '../../src/runs/tree/taxonomyFile.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();

function file(name: string, content: Uint8Array | string): string {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
}

const latin1 = (text: string) => Buffer.from(text, 'latin1');
const LABELS = ['Bär', 'Bür', 'Bör', 'Bér'];

test('Latin-1 is refused with the line and the way out, by every reader of text', () => {
  const rows = LABELS.map((label, i) => `${i}.jpg,${label}`).join('\n');
  const readers: [string, () => unknown][] = [
    ['m.csv', () => readRows(file('m.csv', latin1(`path,label\n${rows}`)))],
    ['n.csv', () => openManifest(file('n.csv', latin1(`path,label\n${rows}`)))],
    ['m.jsonl', () => readRows(file('m.jsonl', latin1('{"label":"x"}\n{"label":"Bär"}\n')))],
    ['list.txt', () => readList(file('list.txt', latin1('1 a.jpg\n2 Bär.jpg\n')), 2)],
    ['t.txt', () => readTaxonomy(file('t.txt', latin1('tier hund\ntier bär\n')))],
    ['t.csv', () => readTaxonomy(file('t.csv', latin1('parent,child\ntier,bär\n')))],
    ['r.yaml', () => loadRecipe(file('r.yaml', latin1('seed: 1\nname: bär\n')))],
  ];
  for (const [name, read] of readers)
    assert.throws(
      read,
      (error: Error) =>
        error instanceof HierError &&
        /line 2 is not UTF-8: .*\\xe4.*iconv/.test(error.message) &&
        error.message.includes(name),
      name,
    );
});

test('a byte order mark says how the text is read: UTF-8 and UTF-16 of both orders', () => {
  const text = 'path,label\na,ä\nb,漢\n';
  const utf16 = Buffer.from(`\ufeff${text}`, 'utf16le');
  for (const [name, bytes] of [
    ['8.csv', Buffer.from(`\ufeff${text}`)],
    ['le.csv', utf16],
    ['be.csv', Buffer.from(utf16).swap16()],
  ] as const)
    assert.deepEqual(
      readRows(file(name, bytes)).rows.map(({ values }) => values.label),
      ['ä', '漢'],
    );
});

test('a file in another encoding is read where somebody says which, and refused where that cannot be', () => {
  const french = file('cp1252.csv', Buffer.from('a,b\n\x80 5,cr\xe8me \x93x\x94\n', 'latin1'));
  assert.deepEqual(readRows(french, { encoding: 'windows-1252' }).rows[0].values, {
    a: '€ 5',
    b: 'crème “x”',
  });
  assert.equal(readTextFile(file('ascii.csv', 'a\n'), 'windows-1252'), 'a\n');
  assert.equal(readTextFile(file('sjis.csv', Buffer.from([0x8b, 0x8d, 0x93, 0xfb])), 'shift_jis'), '牛乳');
  const refused: [string, string | Buffer, string, RegExp][] = [
    ['u.csv', 'é', 'windows-1252', /u\.csv is in UTF-8, and not in windows-1252: leave --encoding out/],
    ['s.csv', Buffer.from([0x81, 0xff]), 'shift_jis', /is not in shift_jis/],
    ['p.csv', Buffer.from('\x89PNG\r\n\x1a\n\0\0', 'latin1'), 'windows-1252', /not a file of text/],
    ['x.csv', 'a', 'latin-nine', /"latin-nine" is not an encoding that is known/],
  ];
  for (const [name, bytes, encoding, message] of refused)
    assert.throws(
      () => readTextFile(file(name, bytes), encoding),
      (error) => error instanceof HierError && message.test(error.message),
      name,
    );
  assert.throws(
    () => readRows(french),
    /--encoding windows-1252|iconv -f WINDOWS-1252 -t UTF-8 "[^"]*cp1252\.csv" > "[^"]*cp1252\.utf8\.csv"/,
  );
});

test('other encodings are named', () => {
  const cases: [Buffer, RegExp][] = [
    [Buffer.from('path,label\n', 'utf16le'), /in UTF-16 without a mark; UTF-8 is read/],
    [Buffer.from('path,label\n', 'utf16le').swap16(), /in UTF-16 without a mark/],
    [Buffer.from('\xff\xfe\0\0a\0\0\0', 'latin1'), /in UTF-32/],
    [Buffer.from('\0\0\xfe\xff\0\0\0a', 'latin1'), /in UTF-32/],
    [Buffer.from('\xff\xfea', 'latin1'), /says that it is UTF-16, but is not/],
    [Buffer.from('\xfe\xffa', 'latin1'), /says that it is UTF-16, but is not/],
    [Buffer.from([0x61, 0x0a, 0x62, 0xc3]), /line 2 is not UTF-8: "b\\xc3"/],
    [Buffer.from([0xed, 0xa0, 0x80]), /line 1 is not UTF-8/],
  ];
  for (const [bytes, message] of cases)
    assert.throws(
      () => readTextFile(file('x', bytes)),
      (error) => error instanceof DataError && message.test(error.message),
    );
  assert.equal(readTextFile(file('x', '')), '');
  assert.equal(readTextFile(file('x', 'a\0b')), 'a\0b');
});
