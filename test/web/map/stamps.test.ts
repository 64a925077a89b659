import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStamps } from '../../../web/map/stamps.js';

test('a stamp has the pixels whose middle lies within the point, wherever the point is', () => {
  const stamps = createStamps(100);
  for (const radius of [0.75, 1.5, 4, 11.25])
    for (const [x, y] of [
      [40.125, 30.375],
      [40.875, 30.625],
    ]) {
      const { columns, rows, offsets } = stamps.get(radius, x, y);
      const got = new Set([...offsets].map((offset) => 30 * 100 + 40 + offset));
      const wanted = new Set<number>();
      for (let row = 0; row < 60; row++)
        for (let column = 0; column < 100; column++)
          if (Math.hypot(column + 0.5 - x, row + 0.5 - y) <= radius) wanted.add(row * 100 + column);
      assert.deepEqual([...got].sort(), [...wanted].sort());
      assert.deepEqual(
        [...offsets],
        Array.from(columns, (column, i) => 100 * rows[i] + column),
      );
    }
});

test('a point of no size is one pixel, and stamps are made once', () => {
  const stamps = createStamps(10);
  assert.deepEqual([...stamps.get(0, 3.9, 3.9).offsets], [0]);
  assert.equal(stamps.get(2, 1.3, 7.2), stamps.get(2, 5.3, 2.2));
});
