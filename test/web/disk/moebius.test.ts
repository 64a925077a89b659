import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance } from '../../../web/disk/centre.js';
import {
  apply,
  carry,
  compose,
  IDENTITY,
  invert,
  type Moebius,
  translation,
} from '../../../web/disk/moebius.js';
import { isometry, near, pointWithin } from '../random.js';

const point = pointWithin(0.99);

test('an isometry is Möbius addition: the golden case by complex arithmetic', () => {
  // (0.3 + 0.2i + 0.5 - 0.1i) / (1 + (0.5 + 0.1i)(0.3 + 0.2i)) = (0.8 + 0.1i) / (1.13 + 0.13i)
  near(apply(translation([0.5, -0.1]), [0.3, 0.2]), [0.917 / 1.2938, 0.009 / 1.2938]);
});

test('isometries keep distances, and points inside the disk', () => {
  fc.assert(
    fc.property(isometry, point, point, (map, p, q) => {
      const [a, b] = [apply(map, p), apply(map, q)];
      assert.ok(Math.hypot(...a) < 1 && Math.hypot(...b) < 1);
      assert.ok(Math.abs(distance(a, b) - distance(p, q)) < 1e-6 * (1 + distance(p, q)));
    }),
  );
});

test('composition is application one after the other, and the inverse undoes', () => {
  fc.assert(
    fc.property(isometry, isometry, point, (f, g, p) => {
      near(apply(compose(f, g), p), apply(f, apply(g, p)), 1e-7);
      near(apply(compose(invert(f), f), p), p, 1e-7);
    }),
  );
});

test('ten thousand small movements and back do not pile rounding up', () => {
  const step = carry([0.1, 0.05], [0.12, 0.02]);
  let map: Moebius = IDENTITY;
  for (let i = 0; i < 10_000; i++) map = compose(i % 2 === 0 ? step : invert(step), map);
  near(apply(map, [0.3, -0.4]), [0.3, -0.4], 1e-9);
});

test('carry brings one point to the other', () => {
  fc.assert(fc.property(point, point, (p, q) => near(apply(carry(p, q), p), q, 1e-7)));
});
