import assert from 'node:assert/strict';
import { test } from 'node:test';
import { itemColumns, type ShownItem } from '../../../src/cli/text/itemColumns.js';

const item = (id: string, metadata: ShownItem['metadata'], more: Partial<ShownItem> = {}): ShownItem => ({
  ...{ id, label: null, node: null, metadata },
  ...more,
});
/** Titles of the columns, and the cells of the items. */
const shown = (items: readonly ShownItem[], how = {}) => {
  const columns = itemColumns(items, how);
  return [columns.map(({ title }) => title), ...items.map((one) => columns.map(({ cellOf }) => cellOf(one)))];
};

test('items are shown by title and id, and what none of them has takes no column', () => {
  const items = [item('a', { title: 'Oat', price: 2 }), item('b', { title: 'Rye', price: null })];
  assert.deepEqual(shown(items), [
    ['title', 'item'],
    ['Oat', 'a'],
    ['Rye', 'b'],
  ]);
  assert.deepEqual(shown([item('a', {}), item('b', { price: null })]), [['item'], ['a'], ['b']]);
  const classed = [
    item('a', {}, { label: 'Dairy' }),
    ...['b', 'c'].map((id) => item(id, {}, { node: 'n1' })),
  ];
  assert.deepEqual(shown(classed), [
    ['class', 'node', 'item'],
    ['Dairy', '–', 'a'],
    ['–', 'n1', 'b'],
    ['–', 'n1', 'c'],
  ]);
  const leaves = ['a', 'b'].map((id) => item(id, {}, { node: `leaf of ${id}` }));
  assert.deepEqual(shown(leaves)[0], ['item'], 'a node of its own says nothing of an item');
  assert.deepEqual(shown(classed, { nodes: false })[0], ['class', 'item']);
  assert.deepEqual(shown([]), [['item']]);
});

test('items of one title are told apart by the columns that do it best, but for addresses and long texts', () => {
  const items = ['S', 'M', 'S', 'M'].map((size, i) =>
    item(`p-${i}`, {
      Name: i < 3 ? 'Shirt' : 'Coat',
      same: 'x',
      link: `https://shop.example/${i}`,
      about: `${'long '.repeat(20)}${i}`,
      size,
      price: i < 2 ? 10 : 20.5,
    }),
  );
  assert.deepEqual(shown(items), [
    ['Name', 'size', 'price', 'item'],
    ['Shirt', 'S', '10', 'p-0'],
    ['Shirt', 'M', '10', 'p-1'],
    ['Shirt', 'S', '20.5', 'p-2'],
    ['Coat', 'M', '20.5', 'p-3'],
  ]);
  const untitled = items.map(({ id, metadata: { Name: _, ...metadata } }) => item(id, metadata));
  assert.deepEqual(shown(untitled)[0], ['size', 'price', 'item']);
});

test('what was found in a column that is not shown says so, cut from a little before the word', () => {
  const note = `Made in the north of the country ${'by many hands '.repeat(9)}with Vanilla from far away, ever so far`;
  const found = [
    item('a', { title: 'Yoghurt', note }, { matched: { title: ['yog'], note: ['vanilla'] } }),
    item('b', { title: 'Vanilla yoghurt', note: null }, { matched: { title: ['vanilla', 'yog'] } }),
  ];
  assert.deepEqual(shown(found), [
    ['title', 'found in', 'item'],
    ['Yoghurt', 'note: …hands with Vanilla from far away…', 'a'],
    ['Vanilla yoghurt', '', 'b'],
  ]);
  const wide = item('燕', { title: '燕麦奶'.repeat(20) });
  assert.equal(shown([wide])[1][0].length, 20, 'two places each, and the mark');
});
