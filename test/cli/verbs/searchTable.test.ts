/** What a search in a table prints. How options are read is tested by running the command. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { foundText, tableSearchText } from '../../../src/cli/verbs/searchTableText.js';
import type { Hit } from '../../../src/store/store.js';
import type { TableSearchResult } from '../../../src/tables/search.js';

const facts = (id: string, title: string) =>
  ({ id, path: null, label: null, node: null, place: null, metadata: { title }, hash: '' }) as const;
const result: TableSearchResult = {
  ...{
    table: 'tables/shop',
    rows: 3,
    metric: 'cosine',
    filtered: true,
    cutoff: null,
    notes: [],
    answers: [],
    skipped: [],
  },
};
const lines = (text: string) => text.split('\n').map((line) => line.trimEnd());

test('what was found by words is shown by title, with how many there are', () => {
  const found = ['Oat', 'Oatly'].map((title, i) => ({
    ...facts(`p-${i}`, title),
    score: 2 - i,
    matched: {},
  }));
  assert.deepEqual(lines(foundText({ ...result, total: 1234 }, found, 'oat')), [
    ...['3 items of tables/shop, by text', '', 'oat'],
    ...['#  score  title  item', '─  ─────  ─────  ────', '1   2.00  Oat    p-0', '2   1.00  Oatly  p-1'],
    '2 of 1,234 items with these words (--top)',
  ]);
});

test('nothing found says why, by words alone and beside a picture', () => {
  const nothing = { missing: ['zebra'], sentence: 'No item has the word "zebra".' };
  assert.deepEqual(lines(foundText({ ...result, total: 0, nothing }, [], 'zebra oat')).slice(2), [
    'zebra oat',
    nothing.sentence,
  ]);
  const answers = [{ query: { id: null, path: 'new.jpg', row: null }, results: [] }];
  assert.match(tableSearchText({ ...result, nothing, answers }), /new\.jpg\nNo item has the word "zebra"\.$/);
  assert.match(tableSearchText({ ...result, answers }), /new\.jpg\nNo item passes the conditions\.$/);
});

test('what is near is shown by title too, gathered by the tree or not', () => {
  const hits: Hit[] = ['Oat', 'Rye'].map((title, i) => ({
    ...{ ...facts(`p-${i}`, title), node: 'n', distance: i / 2, similarity: 1 - i / 2 },
  }));
  const query = { id: 'q', path: null, row: null };
  assert.deepEqual(lines(tableSearchText({ ...result, answers: [{ query, results: hits }] })).slice(2), [
    ...['q', '#  similarity  distance  title  node  item', '─  ──────────  ────────  ─────  ────  ────'],
    ...['1        1.00    0.0000  Oat    n     p-0', '2        0.50    0.5000  Rye    n     p-1'],
  ]);
  const groups = [{ node: 'n', count: 2, nearest: 0, results: hits, groups: [] }];
  assert.deepEqual(
    lines(tableSearchText({ ...result, answers: [{ query, results: hits, groups }] })).slice(2),
    [...['q', '  n (2)', '    0.0000  Oat  p-0', '    0.5000  Rye  p-1']],
  );
});
