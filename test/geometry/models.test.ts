import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/errors.js';
import {
  distance,
  distance0,
  kleinToPoincare,
  lorentzDistance,
  lorentzProduct,
  lorentzToPoincare,
  mobiusAdd,
  poincareMean,
  poincareToKlein,
  poincareToLorentz,
} from '../../src/geometry/numbers.js';
import * as graph from '../../src/geometry/tensors.js';
import { assertClose, CURVATURES, evaluate, points, SEEDS } from './support.js';

const CURVED = CURVATURES.filter((c) => c > 0);

test('Lorentz: on the hyperboloid, round trip, same distance as in the ball', () => {
  for (const c of CURVED)
    for (const seed of SEEDS) {
      const [x, y] = points(seed, c, 2);
      const [u, v] = [x, y].map((point) => poincareToLorentz(point, c));
      assertClose([c * lorentzProduct(u, u)], [-1], 1e-9, `c = ${c}`);
      assertClose(lorentzToPoincare(u, c), x, 1e-9, `round trip at c = ${c}`);
      assertClose([lorentzDistance(u, v, c)], [distance(x, y, c)], 1e-3, `distance at c = ${c}`);
      assert.equal(lorentzDistance(u, u, c), 0);
    }
});

test('the Lorentz distance is arccosh of the inner product, and keeps its digits for close points', () => {
  for (const c of [0.1, 1]) {
    const [x, y] = points(3, c, 2);
    const [u, v] = [x, y].map((point) => poincareToLorentz(point, c));
    const expected = Math.acosh(-c * lorentzProduct(u, v)) / Math.sqrt(c);
    assertClose([lorentzDistance(u, v, c)], [expected], 1e-9);
    const near = x.map((value, i) => value + (i === 0 ? 1e-9 : 0));
    const gap = lorentzDistance(u, poincareToLorentz(near, c), c);
    assertClose([gap / distance(x, near, c)], [1], 1e-4);
  }
});

test('Klein: round trip, inside the ball, straight lines through the origin kept', () => {
  for (const c of CURVATURES)
    for (const seed of SEEDS) {
      const [x] = points(seed, c, 1);
      const k = poincareToKlein(x, c);
      assertClose(kleinToPoincare(k, c), x, 1e-9, `c = ${c}`);
      assert.ok(c * k.reduce((sum, value) => sum + value * value, 0) < 1);
      assertClose([k[1] / k[0]], [x[1] / x[0]], 1e-9);
    }
});

test('Einstein midpoint: of one point itself, of two the middle of their geodesic, arithmetic at c = 0', () => {
  for (const c of CURVATURES) {
    const [x, y] = points(8, c, 2, 4, 0.7);
    assertClose(poincareMean([x], c), x, 1e-9);
    const middle = poincareMean([x, y], c);
    const whole = distance(x, y, c);
    assertClose([distance(x, middle, c), distance(middle, y, c)], [whole / 2, whole / 2], 1e-3, `c = ${c}`);
    // It commutes with isometries: moving the points moves the midpoint.
    const [a] = points(9, c, 1, 4, 0.3);
    const moved = poincareMean([mobiusAdd(a, x, c), mobiusAdd(a, y, c)], c);
    assert.ok(distance(moved, mobiusAdd(a, middle, c), c) < 1e-2);
  }
  assertClose(poincareMean([[1, 2], [3, 6]], 0), [2, 4], 1e-12); // biome-ignore format: two points
  assert.throws(() => poincareMean([], 1), UsageError);
});

test('the Lorentz model does not exist at c = 0, which is said', () => {
  assert.throws(() => poincareToLorentz([0.1], 0), UsageError);
  assert.throws(() => lorentzToPoincare({ time: 1, space: [0] }, 0), /c = 0/);
});

test('graph tensors compute the same', async () => {
  for (const c of [0, 1e-6, 0.1, 1]) {
    const [x, y] = [points(1, c, 4), points(2, c, 4)];
    const values = await evaluate([x, y], ([a, b]) => ({
      klein: graph.poincareToKlein(a, c),
      back: graph.kleinToPoincare(graph.poincareToKlein(a, c), c),
      mean: graph.poincareMean(a, c),
      ...(c === 0
        ? {}
        : {
            lorentz: graph.lorentzToPoincare(graph.poincareToLorentz(a, c), c),
            gaps: graph.lorentzDistance(graph.poincareToLorentz(a, c), graph.poincareToLorentz(b, c), c),
          }),
    }));
    assertClose(
      values.klein,
      x.flatMap((row) => Array.from(poincareToKlein(row, c))),
      1e-12,
    );
    assertClose(values.back, x.flat(), 1e-10);
    assertClose(values.mean, poincareMean(x, c), 1e-12);
    if (c === 0) continue;
    assertClose(values.lorentz, x.flat(), 1e-10);
    const plain = x.map((row, i) =>
      lorentzDistance(poincareToLorentz(row, c), poincareToLorentz(y[i], c), c),
    );
    assertClose(values.gaps, plain, 1e-9);
  }
  assert.ok(distance0([0.1], 1) > 0.2);
});
