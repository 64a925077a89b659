import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  flight,
  fromScreen,
  HOME,
  MAX_SCALE,
  pan,
  toScreen,
  type View,
  viewAt,
  viewCentre,
  zoom,
} from '../../../web/map/view.js';
import { close, number, pointWithin, VIEWPORT, view } from '../random.js';

const point = pointWithin(0.98);

test('any point can be brought to the middle, by a jump and by a flight', () => {
  fc.assert(
    fc.property(view, point, number(1, 8), (start, to, scale) => {
      close(toScreen(viewAt(to), VIEWPORT, to), [400, 300], 1e-3);
      const way = flight(start, to, scale);
      close(toScreen(way(1), VIEWPORT, to), [400, 300], 0.1);
      close(toScreen(way(0), VIEWPORT, to), toScreen(start, VIEWPORT, to), 0.5);
      assert.ok(Math.abs(way(1).scale - scale) < 1e-9);
    }),
  );
});

test('panning keeps what is under the pointer there, and every point in the disk', () => {
  const place = fc.tuple(number(240, 560), number(140, 460));
  fc.assert(
    fc.property(place, place, point, (from, to, item) => {
      const moved = pan(HOME, fromScreen(HOME, VIEWPORT, from), fromScreen(HOME, VIEWPORT, to));
      const [x, y] = toScreen(moved, VIEWPORT, item);
      assert.ok(Math.hypot(x - 400, y - 300) <= 0.47 * 600 + 1e-6);
      const under = fromScreen(HOME, VIEWPORT, from);
      close(toScreen(moved, VIEWPORT, under), to, 0.01);
    }),
  );
});

test('zooming keeps what is under the pointer there, and stays in its bounds', () => {
  fc.assert(
    fc.property(fc.tuple(number(250, 550), number(150, 450)), number(1, 4), (at, factor) => {
      const under = fromScreen(HOME, VIEWPORT, at);
      close(toScreen(zoom(HOME, factor, under), VIEWPORT, under), at, 0.01);
    }),
  );
  assert.equal(zoom(HOME, 1e9, [0, 0]).scale, MAX_SCALE);
  assert.equal(zoom(HOME, 1e-9, [0, 0]).scale, 1);
});

test('no panning leaves the numbers that can be drawn', () => {
  let at: View = HOME;
  for (let i = 0; i < 500; i++) at = pan(at, [0.9, 0.1], [-0.9, -0.1]);
  assert.ok(Math.hypot(...viewCentre(at)) <= 0.9999);
  assert.ok(toScreen(at, VIEWPORT, [0.2, 0.3]).every(Number.isFinite));
});
