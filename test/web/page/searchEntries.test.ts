import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnFrom } from '../../../web/data/columns.js';
import { NONE, type Points } from '../../../web/data/points.js';
import { buildTree } from '../../../web/data/tree.js';
import { searchEntries, withFound } from '../../../web/page/searchEntries.js';
import { points, tree } from '../support.js';

test('search finds beginnings before words before parts', () => {
  const names = (text: string) =>
    searchEntries(text, { points, tree }).map(({ kind, name }) => `${kind} ${name}`);
  assert.deepEqual(names('fox'), ['node fox', 'node fox …', 'class red fox']);
  assert.deepEqual(names('OWL'), ['class owl']);
  assert.deepEqual(names('q'), ['item q']);
  assert.deepEqual(names('  '), []);
});

test('search finds the id that is typed, however many others hold it or come first', () => {
  const ids = Array.from({ length: 100 }, (_, i) => String(99 - i));
  const found = (text: string) =>
    searchEntries(text, { points: { ...points, ids }, tree }, 5).map(({ name }) => name);
  assert.deepEqual(found('2'), ['2', '29', '28', '27', '26']);
  assert.deepEqual(found('owl'), ['owl']);
});

test('items are found by their titles, the first of those that share one', () => {
  const titles = columnFrom({ name: 'title', values: ['Blue kettle', 'Red kettle'], rows: [1, 0, 1, -1] });
  const found = searchEntries('kettle', { points, tree }, 5, titles);
  assert.deepEqual(
    found.map(({ index, name }) => [index, name]),
    [
      [1, 'Blue kettle'],
      [0, 'Red kettle'],
    ],
  );
});

test('what was found by all columns comes in its order, after what has just the name and some classes and nodes', () => {
  const titles = columnFrom({ name: 'title', values: ['Fox cub', 'Den'], rows: [1, 0, 1, -1] });
  const named = searchEntries('q', { points, tree }, 5);
  const all = (text: string, items: number[]) =>
    withFound(
      text,
      searchEntries(text, { points, tree }, 5, titles),
      { items, isMore: false },
      { points, tree },
      titles,
    ).map(({ kind, index, name }) => `${kind} ${index} ${name}`);
  assert.deepEqual(
    named.map(({ kind }) => kind),
    ['item'],
  );
  assert.deepEqual(all('q', [3, 1, 0]), [
    'item 1 q',
    'item 3 s',
    'item 0 Den',
    'all 3 All 3 items with these words',
  ]);
  assert.deepEqual(all('fox', [2, 3]), [
    'node 0 fox',
    'node 2 fox …',
    'class 0 red fox',
    'item 2 Den',
    'item 3 s',
    'all 2 All 2 items with these words',
  ]);
  assert.deepEqual(all('fox', [2]).slice(3), ['item 2 Den']);
});

test('items of one title are one entry with all of them, and however many there are, the list is short', () => {
  const count = 60;
  const names = ['Oat milk', 'oat Milk ', ...Array.from({ length: 20 }, (_, i) => `Oat milk ${i}`)];
  const many: Points = {
    ...points,
    ids: Array.from({ length: count }, (_, i) => `p-${i}`),
    label: new Uint32Array(count).fill(NONE),
    node: new Uint32Array(count).fill(NONE),
  };
  const titles = columnFrom({
    name: 'title',
    values: names,
    rows: many.ids.map((_, i) => (i < 40 ? i % 2 : i - 38)),
  });
  const collection = { points: many, tree: buildTree(null, many) };
  const items = many.ids.map((_, i) => count - 1 - i);
  const named = searchEntries('oat milk', collection, 12, titles);
  assert.deepEqual(
    named.slice(0, 2).map(({ kind, name, items: own }) => [kind, name, own?.length ?? 1]),
    [
      ['title', 'Oat milk', 40],
      ['item', 'Oat milk 0', 1],
    ],
  );
  const found = withFound('oat milk', named, { items, isMore: true }, collection, titles);
  assert.equal(found.length, 13);
  const { name, items: all } = found[12];
  assert.deepEqual([name, all], ['The 60 best items with these words', items]);
  const one = withFound('oat', [], { items: items.slice(20), isMore: false }, collection, titles);
  assert.deepEqual(
    one.map(({ kind, index, items: own }) => [kind, index, own?.length]),
    [['title', 39, 40]],
    'what one entry stands for needs no second one for all',
  );
});

test('a title of which a class has the name and the items is not found twice', () => {
  const titles = columnFrom({ name: 'title', values: ['Red-Fox', 'x'], rows: [0, 0, 1, 1] });
  const kinds = (items: number[]) =>
    withFound(
      'red',
      searchEntries('red', { points, tree }, 12, titles),
      { items, isMore: false },
      { points, tree },
      titles,
    ).map(({ kind }) => kind);
  assert.deepEqual(kinds([0, 1]), ['class', 'all']);
  assert.deepEqual(kinds([0]), ['class', 'item']);
});
