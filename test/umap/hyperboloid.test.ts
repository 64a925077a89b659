import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance } from '../../src/geometry/numbers.js';
import {
  centred,
  distanceGradient,
  heightOf,
  planeDistance,
  stepTowards,
  toDisk,
} from '../../src/umap/hyperboloid.js';

const coordinate = fc.double({ min: -20, max: 20, noNaN: true });
const point = fc.tuple(coordinate, coordinate);
const apart = fc.tuple(point, point).filter(([a, b]) => planeDistance(a, b) > 0.05);

test('the gradient of the distance is that of central differences', () => {
  fc.assert(
    fc.property(apart, ([a, b]) => {
      const step = 1e-5;
      const [gx, gy] = distanceGradient(a, b);
      const dx = planeDistance([a[0] + step, a[1]], b) - planeDistance([a[0] - step, a[1]], b);
      const dy = planeDistance([a[0], a[1] + step], b) - planeDistance([a[0], a[1] - step], b);
      assert.ok(Math.abs(gx - dx / (2 * step)) < 1e-5, `x ${gx} ${dx / (2 * step)}`);
      assert.ok(Math.abs(gy - dy / (2 * step)) < 1e-5, `y ${gy} ${dy / (2 * step)}`);
    }),
    { numRuns: 300 },
  );
});

test('a step towards a point shortens the distance by its length; the direction is the Riemannian gradient', () => {
  fc.assert(
    fc.property(apart, fc.double({ min: -1, max: 0.04, noNaN: true }), ([a, b], step) => {
      const moved = stepTowards(a, b, step);
      assert.ok(Math.abs(planeDistance(moved, b) - (planeDistance(a, b) - step)) < 1e-6);
      assert.ok(Math.abs(planeDistance(moved, a) - Math.abs(step)) < 1e-5);
      // Inverse metric in (x, y): identity + a aᵀ.
      const [gx, gy] = distanceGradient(a, b);
      const inner = a[0] * gx + a[1] * gy;
      const small = 1e-6;
      const ahead = stepTowards(a, b, small);
      const scale = Math.max(1, heightOf(a));
      assert.ok(Math.abs((ahead[0] - a[0]) / small + gx + inner * a[0]) < 1e-3 * scale);
      assert.ok(Math.abs((ahead[1] - a[1]) / small + gy + inner * a[1]) < 1e-3 * scale);
    }),
    { numRuns: 300 },
  );
});

test('points that coincide have no direction', () => {
  assert.deepEqual(distanceGradient([3, 4], [3, 4]), [0, 0]);
  assert.deepEqual(stepTowards([3, 4], [3, 4], 1), [3, 4]);
});

test('distances on the hyperboloid are those of the unit disk', () => {
  fc.assert(
    fc.property(point, point, (a, b) => {
      const disk = toDisk(Float64Array.of(...a, ...b));
      // The ball's formula has the official code's 1e-5 in a denominator, which counts near the rim.
      const expected = distance(disk.subarray(0, 2), disk.subarray(2), 1);
      assert.ok(Math.abs(planeDistance(a, b) - expected) < 1e-2 * (1 + expected));
    }),
  );
});

test('centring moves the mean to the origin and keeps all distances', () => {
  fc.assert(
    fc.property(fc.array(point, { minLength: 2, maxLength: 8 }), (points) => {
      const moved = centred(Float64Array.from(points.flat()));
      let [x, y, t] = [0, 0, 0];
      for (let i = 0; i < moved.length; i += 2) {
        x += moved[i];
        y += moved[i + 1];
        t += heightOf([moved[i], moved[i + 1]]);
      }
      assert.ok(Math.hypot(x, y) < 1e-8 * t);
      const before = planeDistance(points[0], points[1]);
      const after = planeDistance([moved[0], moved[1]], [moved[2], moved[3]]);
      assert.ok(Math.abs(before - after) < 1e-5);
    }),
  );
});
