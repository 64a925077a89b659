import assert from 'node:assert/strict';
import { test } from 'node:test';
import { titleColumn } from '../src/titleColumn.js';

test('a column titles items by its name, the likeliest first', () => {
  assert.equal(titleColumn(['price', 'Product_Name', 'title']), 'title');
  assert.equal(titleColumn(['Headline', 'constructor', 'price']), 'Headline');
  assert.equal(titleColumn(['price']), undefined);
});
