import assert from 'node:assert/strict';
import { test } from 'node:test';
import { spreadItems } from '../../../web/map/pictureLayout.js';
import { VIEWPORT } from '../random.js';

test('pictures are spread: one to a cell, nearest to the middle first', () => {
  const places = Float32Array.from([400, 300, 402, 302, 100, 100, 500, 300, -5, 20]);
  assert.deepEqual(spreadItems(places, VIEWPORT, 60, 10).length, 3);
  assert.deepEqual(spreadItems(places, VIEWPORT, 60, 2)[1], 3);
  assert.deepEqual(
    spreadItems(places, VIEWPORT, 60, 10, null, [1, 0, 4]),
    [1, 3, 2],
    'first ones, where there is room',
  );
});
