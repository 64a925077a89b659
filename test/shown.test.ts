import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counted, shownLine, shownText } from '../src/shown.js';

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
