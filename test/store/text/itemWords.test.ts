/** The words of items, as engines keep them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordsIn, wordsOf } from '../../../src/store/text/itemWords.js';

test('words are those of the id, the class and the columns that hold text', () => {
  const manifest = {
    metadata: ['title', 'price', 'sold', 'none'],
    types: { price: 'number', sold: 'boolean' },
  } as const;
  const metadata = { title: 'Oat MILK', price: 24, sold: true, none: null };
  assert.equal(wordsOf({ id: 'p-1', label: 'Dairy', metadata }, manifest), ' p 1 dairy oat milk ');
  assert.equal(wordsIn([null, undefined, '', '*']), ' ');
});

test('however much text an item has, its words end somewhere, and none is cut', () => {
  const long = wordsIn(Array.from({ length: 40 }, (_, i) => `word${i} `.repeat(3000)));
  assert.ok(long.length <= 300_000 && long.length > 299_000 && / word\d+ $/.test(long));
});
