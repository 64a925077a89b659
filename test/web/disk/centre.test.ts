import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { centreOf, distance } from '../../../web/disk/centre.js';
import { apply, type Point } from '../../../web/disk/moebius.js';
import { isometry, near, pointWithin } from '../random.js';

const point = pointWithin(0.99);

test('the centre of points moves with them, and balances two', () => {
  near(
    centreOf([
      [0.4, 0.1, 1],
      [-0.4, -0.1, 1],
    ]),
    [0, 0],
  );
  near(centreOf([]), [0, 0]);
  fc.assert(
    fc.property(isometry, fc.array(point, { minLength: 1, maxLength: 6 }), (map, points) => {
      const weigh = (list: readonly Point[]) => list.map(([x, y]) => [x, y, 1] as const);
      const moved = centreOf(weigh(points.map((p) => apply(map, p))));
      assert.ok(distance(moved, apply(map, centreOf(weigh(points)))) < 1e-4);
    }),
  );
});
