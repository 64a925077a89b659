import assert from 'node:assert/strict';
import { test } from 'node:test';
import { classCentres } from '../../../web/data/points.js';
import { chooseAnnotations } from '../../../web/map/annotations.js';
import { screenPlaces } from '../../../web/map/hit.js';
import { HOME } from '../../../web/map/view.js';
import { stateOf } from '../../../web/page/state.js';
import { VIEWPORT } from '../random.js';
import { collection } from '../support.js';

const withThumbnails = { ...collection, about: { ...collection.about, hasThumbnails: true } };
const { points } = collection;
const layout = {
  viewport: VIEWPORT,
  places: screenPlaces(points, HOME, VIEWPORT),
  centres: classCentres(points),
  covered: [],
};
const texts = (state: ReturnType<typeof stateOf>) =>
  chooseAnnotations(collection, state, layout).labels.map(({ text }) => text);

test('names are those of the largest classes first, or of the class looked at alone', () => {
  assert.deepEqual(texts(stateOf('', collection)), ['red fox', 'owl']);
  assert.deepEqual(texts(stateOf('class=owl', collection)), ['owl']);
});

test('thumbnails are those of the item looked at and its neighbours first, of marked items after these', () => {
  const state = { ...stateOf('item=p', collection), neighbours: [{ item: 2, distance: 1 }] };
  assert.deepEqual(chooseAnnotations(withThumbnails, state, layout).pictures, [0, 2, 3, 1]);
  const marked = { ...state, marked: Uint8Array.of(0, 1, 0, 0) };
  assert.deepEqual(chooseAnnotations(withThumbnails, marked, layout).pictures, [0, 2, 1]);
  assert.deepEqual(chooseAnnotations(collection, state, layout).pictures, [], 'where there are thumbnails');
});
