import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TextMatch } from '../../../web/data/collection.js';
import { describeEntries } from '../../../web/page/entryText.js';
import type { SearchEntry } from '../../../web/page/searchEntries.js';
import { collection, points } from '../support.js';

const about = { ...collection.about, columns: ['title', 'unit_brand'] };
const item = (index: number, name = points.ids[index]): SearchEntry => ({ kind: 'item', index, name });
const match = (matched: TextMatch['matched'], facts: TextMatch['facts'] = {}): TextMatch => ({
  matched,
  facts,
});
const besideOf = (entries: readonly SearchEntry[], matches: readonly (readonly [number, TextMatch])[] = []) =>
  describeEntries(entries, { ...collection, about }, new Map(matches)).map(({ beside }) => beside);

test('classes, groups and titles say of how many items they are the name, and show the first of them', () => {
  const shown = describeEntries(
    [
      { kind: 'class', index: 0, name: 'red fox' },
      { kind: 'node', index: 1, name: 'owl' },
      { kind: 'title', index: 1, name: 'Den', items: [1, 0] },
      { kind: 'title', index: 2, name: 'Den', items: [2, 0] },
      { kind: 'all', index: 2, name: 'All 3 items with these words', items: [2, 1, 0] },
    ],
    collection,
    new Map(),
  );
  assert.deepEqual(
    shown.map(({ beside, item: picture }) => [beside, picture]),
    [
      ['class · 2 items', 0],
      ['group · 1 item', 2],
      ['2 items · red fox', 1],
      ['2 items', 2],
      ['marks them on the map', 2],
    ],
  );
});

test('an item says in which column it has the words that its title has not, then its class, else its id', () => {
  const words = (...held: string[]) => held;
  const long = `${'far '.repeat(30)}acme`;
  assert.deepEqual(besideOf([item(0, 'Den')], [[0, match({ title: words('den') })]]), ['red fox']);
  assert.deepEqual(besideOf([item(0, 'Red_Fox')]), ['p'], 'the class says no more than the name');
  assert.deepEqual(
    besideOf(
      [item(0, 'Den'), item(1, 'Cub'), item(2, 'Nest'), item(3, 'Lair')],
      [
        [0, match({ title: words('den'), unit_brand: words('acme') }, { unit_brand: 'Acme' })],
        [1, match({ label: words('fox') })],
        [2, match({ unit_brand: words('acme') }, { unit_brand: long })],
        [3, match({ id: words('s') })],
      ],
    ),
    ['Unit brand: Acme · red fox', 'red fox', 'Unit brand: …far far far acme · owl', 's'],
  );
});

test('what would look the same says its id, whatever is known of it', () => {
  const shown = besideOf([item(0, 'Den'), item(1, 'Den'), item(2, 'Den'), item(3)]);
  assert.deepEqual(shown, ['red fox · p', 'red fox · q', 'owl', 'item']);
});
