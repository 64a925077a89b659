import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fromHash, toHash } from '../../web/address.js';
import { itemAt, itemsWithin, screenPlaces, spread } from '../../web/hit.js';
import type { Point } from '../../web/moebius.js';
import {
  flight,
  fromScreen,
  MOST_SCALE,
  middle,
  pan,
  START,
  toScreen,
  turn,
  type View,
  viewAt,
  zoom,
} from '../../web/view.js';

const FRAME = { width: 800, height: 600 };
const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const point = fc
  .tuple(number(0, 0.98), number(0, 2 * Math.PI))
  .map(([r, angle]): Point => [r * Math.cos(angle), r * Math.sin(angle)]);
const view = fc
  .tuple(point, number(-3, 3), number(1, MOST_SCALE))
  .map(([at, angle, scale]): View => viewAt(at, angle, scale));
const close = (a: readonly number[], b: readonly number[], within: number) => {
  for (const [i, value] of a.entries()) assert.ok(Math.abs(value - b[i]) <= within, `${a} is not ${b}`);
};

test('any point can be brought to the middle, by a jump and by a flight', () => {
  fc.assert(
    fc.property(view, point, number(1, 8), (start, to, scale) => {
      close(toScreen(viewAt(to), FRAME, to), [400, 300], 1e-3);
      const way = flight(start, to, scale);
      close(toScreen(way(1), FRAME, to), [400, 300], 0.1);
      close(toScreen(way(0), FRAME, to), toScreen(start, FRAME, to), 0.5);
      assert.ok(Math.abs(way(1).scale - scale) < 1e-9);
    }),
  );
});

test('panning keeps what is under the pointer there, and every point in the disk', () => {
  const place = fc.tuple(number(240, 560), number(140, 460));
  fc.assert(
    fc.property(place, place, point, (from, to, item) => {
      const moved = pan(START, fromScreen(START, FRAME, from), fromScreen(START, FRAME, to));
      const [x, y] = toScreen(moved, FRAME, item);
      assert.ok(Math.hypot(x - 400, y - 300) <= 0.47 * 600 + 1e-6);
      const under = fromScreen(START, FRAME, from);
      close(toScreen(moved, FRAME, under), to, 0.01);
    }),
  );
});

test('zooming keeps what is under the pointer there, and stays in its bounds', () => {
  fc.assert(
    fc.property(fc.tuple(number(250, 550), number(150, 450)), number(1, 4), (at, factor) => {
      const under = fromScreen(START, FRAME, at);
      close(toScreen(zoom(START, factor, under), FRAME, under), at, 0.01);
    }),
  );
  assert.equal(zoom(START, 1e9, [0, 0]).scale, MOST_SCALE);
  assert.equal(zoom(START, 1e-9, [0, 0]).scale, 1);
});

test('no panning leaves the numbers that can be drawn', () => {
  let at: View = START;
  for (let i = 0; i < 500; i++) at = pan(at, [0.9, 0.1], [-0.9, -0.1]);
  assert.ok(Math.hypot(...middle(at)) <= 0.9999);
  assert.ok(toScreen(at, FRAME, [0.2, 0.3]).every(Number.isFinite));
});

test('an address gives the state back', () => {
  const text = fc.option(fc.string({ minLength: 1, unit: 'grapheme' }), { nil: null });
  const record = fc.record({
    view,
    item: text,
    node: text,
    label: text,
    colour: fc.oneof(
      fc.constantFrom('class' as const, 'tree' as const, null),
      fc.string().map((name) => `level.${name}` as const),
    ),
    term: text,
    epoch: fc.option(fc.nat(999), { nil: null }),
    theme: fc.constantFrom('light' as const, 'dark' as const, 'auto' as const),
    lines: fc.boolean(),
  });
  fc.assert(
    fc.property(record, ({ view: given, ...rest }) => {
      const { view: back, ...others } = fromHash(`#${toHash({ view: given, ...rest })}`);
      assert.deepEqual(others, rest);
      close(middle(back), middle(given), 1e-5);
      close(
        [Math.cos(turn(back)), Math.sin(turn(back))],
        [Math.cos(turn(given)), Math.sin(turn(given))],
        1e-4,
      );
      close([back.scale], [given.scale], 1e-3);
    }),
  );
});

test('a damaged address is the beginning', () => {
  for (const hash of [
    '',
    '#',
    '#view=1,2',
    '#view=a,b,c,d',
    '#view=3,4,0,1',
    '#theme=pink&colour=x',
    '#epoch=-1',
    '#epoch=1e3',
  ])
    assert.deepEqual(fromHash(hash), { ...fromHash(''), view: START });
});

test('hits agree with a search over all items one by one', () => {
  const cloud = fc.array(point, { minLength: 1, maxLength: 40 });
  fc.assert(
    fc.property(cloud, view, fc.tuple(number(0, 800), number(0, 600)), (items, seen, at) => {
      const columns = { x: Float32Array.from(items, ([x]) => x), y: Float32Array.from(items, ([, y]) => y) };
      const places = screenPlaces(columns, seen, FRAME);
      const off = items.map((_, i) => {
        const [x, y] = toScreen(seen, FRAME, [columns.x[i], columns.y[i]]);
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

test('pictures are spread: one a cell, nearest to the middle first', () => {
  const places = Float32Array.from([400, 300, 402, 302, 100, 100, 500, 300, -5, 20]);
  assert.deepEqual(spread(places, FRAME, 60, 10).length, 3);
  assert.deepEqual(spread(places, FRAME, 60, 2)[1], 3);
  assert.deepEqual(
    spread(places, FRAME, 60, 10, null, [1, 0, 4]),
    [1, 3, 2],
    'first ones, where there is room',
  );
});
