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
