import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Collection } from '../../../web/data/collection.js';
import { buildTree } from '../../../web/data/tree.js';
import { colourChoices } from '../../../web/map/colouring.js';
import { addressOf, stateOf } from '../../../web/page/state.js';
import { collection } from '../support.js';

test('the address keeps epoch, colour and term, and ignores what the collection does not have', () => {
  const kept = 'colour=level.kind&term=bird&epoch=1';
  const state = stateOf(kept, collection);
  assert.deepEqual([state.colour, state.term, state.snapshot], ['level.kind', 1, 0]);
  assert.equal(addressOf(state, collection), kept);
  const other = stateOf('colour=level.size&term=large&epoch=9', collection);
  assert.deepEqual([other.colour, other.term, other.snapshot], ['class', -1, 1]);
  assert.equal(addressOf(other, collection), '');
});

test('a collection without classes is coloured by a column or the tree, and is not offered classes', () => {
  const points = { ...collection.points, labels: [] };
  const colours = (one: Collection) => [stateOf('', one).colour, colourChoices(one).map(({ by }) => by)];
  assert.deepEqual(colours({ ...collection, points }), [
    'level.kind',
    ['tree', 'level.kind', 'level.sub_kind'],
  ]);
  const titled = { ...collection.about, columns: ['kind', 'title'] };
  const levels = ['title', 'kind'].map((name) => ({ ...collection.points.levels[0], name }));
  const named = { about: titled, points: { ...points, levels }, tree: collection.tree };
  assert.equal(stateOf('', named).colour, 'level.kind', 'not by what each is called');
  const bare = { ...points, levels: [] };
  assert.deepEqual(colours({ ...collection, points: bare }), ['tree', ['tree']]);
  const nothing = { ...collection, points: bare, tree: buildTree(null, bare) };
  assert.deepEqual(colours(nothing), ['class', ['class']]);
});
