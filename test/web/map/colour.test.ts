import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oklch } from '../../../web/map/colour.js';

test('OKLCH has known values in sRGB', () => {
  assert.deepEqual(oklch(1, 0, 0), [255, 255, 255]);
  assert.deepEqual(oklch(0.627955, 0.257683, 29.234), [255, 0, 0]);
});
