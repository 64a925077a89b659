import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { counted, cutToWidth, padTo, shownLine, shownText, widthOf } from '../src/shown.js';

test('what a terminal would obey becomes visible, and nothing else changes', () => {
  const hostile = 'a\x1b[2Jb\rc\td\x9be\x07\u202ef\u2066g\u200eh\u061ci\u2028j\ufeff';
  const shown = shownText(hostile);
  assert.equal(shown, 'a\\u001b[2Jb\\rc\\td\\u009be\\u0007\\u202ef\\u2066g\\u200eh\\u061ci\\u2028j\\ufeff');
  assert.equal(shownText(shown), shown);
  for (const plain of ['grinning-face', 'Möwe · 鷗', '👨‍👩‍👧', 'עברית', '', 'two\nlines'])
    assert.equal(shownText(plain), plain);
});

test('every control character and every direction mark is one of them', () => {
  const codes = [
    ...Array.from({ length: 0x20 }, (_, code) => code).filter((code) => code !== 0x0a),
    ...Array.from({ length: 0x21 }, (_, i) => 0x7f + i),
    ...[0x061c, 0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e],
    ...[0x2066, 0x2067, 0x2068, 0x2069, 0xfeff],
  ];
  for (const code of codes) assert.match(shownText(String.fromCharCode(code)), /^\\(u[0-9a-f]{4}|[tbrfn])$/);
});

test('a name on a line cannot begin another', () => {
  assert.equal(shownLine('cat\nhier: all is well'), 'cat\\nhier: all is well');
});

test('JSON stays the same document', () => {
  const value = { label: 'a\x1b\u202eb\x9b\n', list: ['\u2066'] };
  const text = shownText(JSON.stringify(value, null, 2));
  assert.deepEqual(JSON.parse(text), value);
  assert.doesNotMatch(text, /\u202e|\u2066|\x9b/);
});

test('one thing is not several', () => {
  const words = ['image', 'class', 'query', 'test class', 'proxy', 'array', 'batch', 'epoch'];
  assert.deepEqual(
    words.map((word) => counted(1, word)),
    words.map((word) => `1 ${word}`),
  );
  assert.deepEqual(
    words.map((word) => counted(1000, word)),
    ['images', 'classes', 'queries', 'test classes', 'proxies', 'arrays', 'batches', 'epochs'].map(
      (word) => `1,000 ${word}`,
    ),
  );
  assert.equal(counted(0, 'image'), '0 images');
});

test('places on a terminal are as Node counts them, character by character', () => {
  const terminal = createInterface({ input: new PassThrough() });
  const width = (text: string) => {
    terminal.setPrompt(text);
    return terminal.getCursorPos().cols;
  };
  // Without what Node counts otherwise: parts of Korean syllables, marks upon kana, and what became wide in Unicode 16.
  const ranges = [
    [0x20, 0x7e],
    [0xa0, 0x500],
    [0x10f0, 0x1160],
    [0x2300, 0x2440],
    [0x2600, 0x2630],
    [0x2638, 0x268a],
    [0x2690, 0x2800],
    [0x2e80, 0x302a],
    [0x302e, 0x3099],
    [0x309b, 0x3260],
    [0x4e00, 0x4e40],
    [0xa4a0, 0xa4e0],
    [0xac00, 0xac20],
    [0xd790, 0xd7a4],
    [0xf900, 0xf910],
    [0xfe00, 0xfe70],
    [0xfeff, 0x10000],
    [0x1f300, 0x1f700],
    [0x20000, 0x20010],
  ];
  const differ: string[] = [];
  for (const [from, to] of ranges)
    for (let code = from; code < to; code++) {
      const one = String.fromCodePoint(code);
      if (/\P{Assigned}/u.test(one)) continue;
      if (widthOf(one) !== width(one)) differ.push(code.toString(16));
    }
  terminal.close();
  assert.deepEqual(differ, []);
});

test('a line is cut and filled by its places, never within a character', () => {
  assert.equal(widthOf('👩‍👩‍👧 ❤️ 1️⃣'), 8);
  assert.equal(cutToWidth('牛乳 milk', 3), '牛');
  assert.equal(cutToWidth('a👩‍👩‍👧b', 2), 'a');
  assert.equal(cutToWidth('e\u0301e\u0301', 1), 'e\u0301');
  assert.equal(cutToWidth('plain', 3), 'pla');
  assert.equal(cutToWidth('plain', 9), 'plain');
  assert.equal(padTo('牛乳', 6), '牛乳  ');
  assert.equal(padTo('牛乳', 3), '牛乳');
});
