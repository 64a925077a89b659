/** Random points and views, and comparisons, for tests of the disk and of the map. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { compose, type Moebius, type Point, rotation, translation } from '../../web/disk/moebius.js';
import { MAX_SCALE, type View, viewAt } from '../../web/map/view.js';

/** A map on the screen. */
export const VIEWPORT = { width: 800, height: 600 };

/** Any number in a range. */
export const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });

/** A point of the disk with a norm of at most `reach`. */
export const pointWithin = (reach: number) =>
  fc
    .tuple(number(0, reach), number(0, 2 * Math.PI))
    .map(([r, angle]): Point => [r * Math.cos(angle), r * Math.sin(angle)]);

/** An isometry of the disk. */
export const isometry = fc
  .tuple(pointWithin(0.99), number(-3, 3))
  .map(([to, angle]): Moebius => compose(translation(to), rotation(angle)));

/** A view. */
export const view = fc
  .tuple(pointWithin(0.98), number(-3, 3), number(1, MAX_SCALE))
  .map(([at, angle, scale]): View => viewAt(at, angle, scale));

/** Asserts that numbers agree within an amount. */
export function close(a: readonly number[], b: readonly number[], within: number): void {
  for (const [i, value] of a.entries()) assert.ok(Math.abs(value - b[i]) <= within, `${a} is not ${b}`);
}

/** Asserts that two points agree within a distance. */
export function near(p: Point, q: Point, within = 1e-9): void {
  assert.ok(Math.hypot(p[0] - q[0], p[1] - q[1]) <= within, `${p} is not ${q}`);
}
