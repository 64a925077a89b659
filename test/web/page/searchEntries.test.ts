import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnFrom } from '../../../web/data/columns.js';
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
  const all = (text: string, found: number[]) =>
    withFound(text, searchEntries(text, { points, tree }, 5, titles), found, { points }, titles).map(
      ({ kind, index, name }) => `${kind} ${index} ${name}`,
    );
  assert.deepEqual(
    named.map(({ kind }) => kind),
    ['item'],
  );
  assert.deepEqual(all('q', [3, 1, 0]), ['item 1 q', 'item 3 s', 'item 0 Den']);
  assert.deepEqual(all('fox', [2, 3]), [
    'node 0 fox',
    'node 2 fox …',
    'class 0 red fox',
    'item 2 Den',
    'item 3 s',
  ]);
  assert.equal(
    all(
      'fox',
      Array.from({ length: 30 }, (_, i) => i % 4),
    ).length,
    12,
  );
});
