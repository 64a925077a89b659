import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnBeside, excerptFrom, titleColumn } from '../src/titleColumn.js';

test('a column titles items by its name, the likeliest first', () => {
  assert.equal(titleColumn(['price', 'Product_Name', 'title']), 'title');
  assert.equal(titleColumn(['Headline', 'constructor', 'price']), 'Headline');
  assert.equal(titleColumn(['price']), undefined);
});

test('what was found by words says in which column, but for those that are shown anyway', () => {
  const matched = { id: ['oat'], title: ['oat', 'milk'], brand: ['oat'], note: ['oat', 'organic'] };
  assert.equal(columnBeside(matched, ['title']), 'note');
  assert.equal(columnBeside(matched, []), 'id');
  assert.equal(columnBeside({ title: ['oat'] }, ['title', 'constructor']), undefined);
  assert.equal(columnBeside({}, ['title']), undefined);
});

test('an excerpt shows the word for which it is made', () => {
  assert.equal(excerptFrom('Organic oat milk', 'milk'), 'Organic oat milk');
  assert.equal(excerptFrom('A drink of whole grain and organic Oat milk', 'oat'), '…and organic Oat milk');
  assert.equal(excerptFrom('A drink of whole grain', 'none'), 'A drink of whole grain');
});
