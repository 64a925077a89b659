import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Point } from '../../../web/disk/moebius.js';
import { itemAt, itemsWithin, screenPlaces } from '../../../web/map/hit.js';
import { toScreen } from '../../../web/map/view.js';
import { number, pointWithin, VIEWPORT, view } from '../random.js';

const point = pointWithin(0.98);

test('hits agree with a search over all items one by one', () => {
  const cloud = fc.array(point, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(cloud, view, fc.tuple(number(0, 800), number(0, 600)), (items, seen, at) => {
      const columns = { x: Float32Array.from(items, ([x]) => x), y: Float32Array.from(items, ([, y]) => y) };
      const places = screenPlaces(columns, seen, VIEWPORT);
      const off = items.map((_, i) => {
        const [x, y] = toScreen(seen, VIEWPORT, [columns.x[i], columns.y[i]]);
        assert.ok(Math.hypot(x - places[2 * i], y - places[2 * i + 1]) < 0.05);
        return Math.hypot(places[2 * i] - at[0], places[2 * i + 1] - at[1]);
      });
      const least = Math.min(...off);
      const found = itemAt(places, at, 50);
      if (found < 0) assert.ok(least > 50 - 1e-6);
      else assert.ok(off[found] <= least + 1e-6);
    }),
  );
});

test('a line holds the items inside it and no others', () => {
  const places = Float32Array.from([10, 10, 50, 50, 90, 10, 50, 5]);
  const arrow: Point[] = [
    [0, 0],
    [100, 0],
    [100, 100],
    [50, 20],
    [0, 100],
  ];
  assert.deepEqual([...itemsWithin(places, arrow)], [1, 0, 1, 1]);
  assert.deepEqual([...itemsWithin(places, [])], [0, 0, 0, 0]);
});
