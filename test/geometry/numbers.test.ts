import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.js';
import { HIER_CLIP_RADIUS, HIER_CURVATURE } from '../../src/geometry/constants.js';
import {
  clip,
  conformalFactor,
  distance,
  distance0,
  distanceMatrix,
  expmap,
  expmap0,
  logmap,
  logmap0,
  mobiusAdd,
  mobiusMatvec,
  project,
  riemannianFactor,
  scaledArtanh,
  toBall,
} from '../../src/geometry/numbers.js';
import { randomStream } from '../../src/random.js';
import { assertClose, CURVATURES, direction, points, SEEDS } from './support.js';

/** What the 1e-5 in the Möbius denominator may cost a distance that is exact on paper, by curvature. */
const OFFSET = 2e-4;
const norm = (x: ArrayLike<number>) => Math.hypot(...Array.from(x));
const negative = (x: ArrayLike<number>) => Array.from(x, (value) => -value);

/** Runs a body at every curvature and seed. */
function everywhere(body: (c: number, seed: number) => void): void {
  for (const c of CURVATURES) for (const seed of SEEDS) body(c, seed);
}

test('the settings of HIER give the radii stated in its method', () => {
  const z = toBall([0, 40, -30], { c: HIER_CURVATURE, clipRadius: HIER_CLIP_RADIUS });
  assertClose([norm(z)], [Math.tanh(Math.sqrt(0.1) * 2.3) / Math.sqrt(0.1)], 1e-6);
  assertClose([norm(z), distance0(z, 0.1)], [1.96512, 4.6], 1e-5);
  const right = toBall([9, 0, 0], { c: 0.1, clipRadius: 2.3 });
  const up = toBall([0, 9, 0], { c: 0.1, clipRadius: 2.3 });
  const left = toBall([-9, 0, 0], { c: 0.1, clipRadius: 2.3 });
  assertClose([distance(right, up, 0.1), distance(right, left, 0.1)], [7.3129, 9.2], 1e-4);
  assertClose([conformalFactor(right, 0.1), riemannianFactor(right, 0.1)], [3.25823, 0.094197], 1e-5);
});

test('clipping keeps short vectors and shortens long ones to the radius', () => {
  assert.deepEqual(Array.from(clip([0.3, -0.4], 2.3)), [0.3, -0.4]);
  assert.deepEqual(Array.from(clip([0, 0], 2.3)), [0, 0]);
  assertClose(clip([30, -40], 2.3), [1.38, -1.84], 1e-6);
  assert.ok(norm(clip([30, -40], 2.3)) < 2.3);
});

test('exponential and logarithmic map at the origin undo each other, and d(0, exp₀(v)) = 2‖v‖', () => {
  everywhere((c, seed) => {
    const random = randomStream(seed, 'tangent');
    for (const length of [1e-7, 1e-4, 0.1, 1, 2.3]) {
      const v = direction(random, 4, Math.min(length, c > 0 ? 4 / Math.sqrt(c) : length));
      const x = expmap0(v, c);
      assertClose(logmap0(x, c), v, 1e-9, `log₀ exp₀ at c = ${c}, length ${length}`);
      assertClose([distance0(x, c)], [2 * norm(v)], 1e-9, `distance to the origin at c = ${c}`);
    }
  });
});

test('exponential and logarithmic map at a point undo each other, and d(x, exp_x(u)) = λ(x)‖u‖', () => {
  everywhere((c, seed) => {
    const x = points(seed, c, 1, 4, 0.6)[0];
    const u = direction(randomStream(seed, 'u'), 4, 0.7 / conformalFactor(x, c));
    const y = expmap(x, u, c);
    assertClose(logmap(x, y, c), u, OFFSET, `log exp at c = ${c}`);
    assertClose([distance(x, y, c)], [conformalFactor(x, c) * norm(u)], OFFSET, `length at c = ${c}`);
  });
});

test('Möbius addition: neutral element, inverse, left cancellation', () => {
  everywhere((c, seed) => {
    const [x, y] = points(seed, c, 2, 5);
    const zero = [0, 0, 0, 0, 0];
    assertClose(mobiusAdd(zero, y, c), y, 1.1e-5, '0 ⊕ y');
    assertClose(mobiusAdd(x, zero, c), x, 1.1e-5, 'x ⊕ 0');
    assertClose(mobiusAdd(negative(x), x, c), zero, 1e-9, '-x ⊕ x');
    assertClose(mobiusAdd(negative(x), mobiusAdd(x, y, c), c), y, 1e-3, '-x ⊕ (x ⊕ y)');
  });
  assert.deepEqual(Array.from(mobiusAdd([1, 2], [3, 5], 0)), [4 / 1.00001, 7 / 1.00001]);
});

test('Möbius translations are isometries', () => {
  everywhere((c, seed) => {
    const [a, x, y] = points(seed, c, 3, 4, 0.7);
    const moved = distance(mobiusAdd(a, x, c), mobiusAdd(a, y, c), c);
    assertClose([moved], [distance(x, y, c)], 2e-3, `c = ${c}`);
  });
});

test('the Möbius matrix product with a rotation is the rotation, with the identity nothing', () => {
  const rotation = [
    [0, -1, 0],
    [1, 0, 0],
    [0, 0, 1],
  ];
  for (const c of CURVATURES) {
    const [x] = points(4, c, 1, 3);
    assertClose(mobiusMatvec(rotation, x, c), [-x[1], x[0], x[2]], 1e-9);
    // exp₀(M log₀ x) of 2·identity doubles the distance to the origin.
    const half = x.map((value) => value / 4);
    const doubled = mobiusMatvec([[2, 0, 0], [0, 2, 0], [0, 0, 2]], half, c); // biome-ignore format: a matrix
    assertClose([distance0(doubled, c)], [2 * distance0(half, c)], 1e-9);
  }
});

test('distance: zero to itself, symmetric, triangle inequality, and within 1e-2 of the closed form', () => {
  const coordinate = fc.double({ min: -1, max: 1, noNaN: true });
  const point = fc.array(coordinate, { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(point, point, point, fc.constantFrom(...CURVATURES), (p, q, r, c) => {
      const scale = c > 0 ? 0.5 / Math.sqrt(Math.max(c, 0.03)) : 1.7;
      const [x, y, z] = [p, q, r].map((v) => v.map((value) => value * scale));
      assert.equal(distance(x, x, c), 0);
      assertClose([distance(x, y, c)], [distance(y, x, c)], 1e-9, 'symmetry');
      assert.ok(distance(x, z, c) <= distance(x, y, c) + distance(y, z, c) + 1e-3, 'triangle inequality');
      if (c > 1e-3) assertClose([distance(x, y, c)], [closedForm(x, y, c)], 1e-2, 'closed form');
    }),
    { seed: 7, numRuns: 300 },
  );
});

/** Textbook distance arccosh(1 + 2c‖x - y‖²/((1 - c‖x‖²)(1 - c‖y‖²)))/√c, without safety constants. */
function closedForm(x: number[], y: number[], c: number): number {
  const gap = x.reduce((sum, value, i) => sum + (value - y[i]) ** 2, 0);
  const room = (v: number[]) => 1 - c * v.reduce((sum, value) => sum + value * value, 0);
  return Math.acosh(1 + (2 * c * gap) / (room(x) * room(y))) / Math.sqrt(c);
}

test('the distance matrix from inner products equals the direct form, pair by pair', () => {
  everywhere((c, seed) => {
    const [x, y] = [points(seed, c, 6), points(seed + 10, c, 9)];
    const matrix = distanceMatrix(x, y, { c });
    x.forEach((a, i) => {
      const direct = y.map((b) => distance(a, b, c));
      assertClose(matrix[i], direct, 1e-9, `row ${i} at c = ${c}`);
    });
  });
});

test('the distance matrix of one set has an exactly zero diagonal; of two sets it has none', () => {
  const x = points(1, 0.1, 5);
  const own = distanceMatrix(x, x, { c: 0.1 });
  own.forEach((row, i) => {
    assert.equal(row[i], 0);
    assertClose(
      row,
      own.map((other) => other[i]),
      1e-12,
      'symmetry',
    );
  });
  const y = points(2, 0.1, 5);
  assert.ok(distanceMatrix(x, y, { c: 0.1 }).every((row, i) => row[i] > 0.1));
  assert.equal(distanceMatrix(x, y, { c: 0.1, sameNodes: true })[2][2], 0);
});

test('c → 0: every function is continuous and meets its Euclidean limit', () => {
  const [x, y, u] = points(5, 0, 3).map((row) => row.map((value) => value / 3));
  const values = (c: number) => [
    ...expmap0(u, c),
    ...logmap0(x, c),
    ...expmap(x, u, c),
    ...logmap(x, y, c),
    ...mobiusAdd(x, y, c),
    distance(x, y, c),
    distance0(x, c),
    conformalFactor(x, c),
    riemannianFactor(x, c),
    distanceMatrix([x], [y], { c })[0][0],
  ];
  const flat = values(0);
  for (const c of [1e-300, 1e-20, 1e-12, 1e-9]) assertClose(values(c), flat, 1e-8, `c = ${c}`);
  assertClose(values(1e-4), flat, 1e-3, 'c = 1e-4');
  assert.deepEqual(Array.from(expmap0(u, 0)), u);
  const gap = norm(x.map((value, i) => value - y[i]));
  assertClose([distance(x, y, 0), distance0(x, 0)], [2 * gap, 2 * norm(x)], 1.1e-5);
  assert.deepEqual([conformalFactor(x, 0), riemannianFactor(x, 0)], [2, 0.25]);
});

test('the series takes over without a step', () => {
  for (const c of [1e-4, 1, 25]) {
    const edge = 1e-3 / Math.sqrt(c);
    for (const m of [edge * (1 - 1e-9), edge * (1 + 1e-9)]) {
      const t = m * Math.sqrt(c);
      assertClose([scaledArtanh(m, c) / edge], [Math.atanh(t) / Math.sqrt(c) / edge], 1e-12);
      const v = expmap0([m, 0], c);
      assertClose([v[0] / edge], [Math.tanh(t) / Math.sqrt(c) / edge], 1e-12);
    }
  }
});

test('points on and beyond the boundary: projected inside, distances saturating at 12.2/√c', () => {
  for (const c of [0.1, 1, 4]) {
    const radius = 1 / Math.sqrt(c);
    for (const reach of [0.9991, 1, 1.5, 1e6]) {
      const x = project([reach * radius, 0], c);
      assertClose([norm(x)], [0.999 * radius], 1e-12);
    }
    const inside = project([0.5 * radius, 0], c);
    assert.deepEqual(Array.from(inside), [0.5 * radius, 0]);
    const most = (2 / Math.sqrt(c)) * Math.atanh(1 - 1e-5);
    for (const reach of [0.999999999, 1]) {
      const far = distance([reach * radius, 0], [-reach * radius, 0], c);
      assertClose([far, distance0([reach * radius, 0], c)], [most, most], 1e-5);
    }
    assertClose([distance0([3 * radius, 0], c)], [most], 1e-12, 'beyond the boundary');
    assert.equal(distance([radius, 0], [radius, 0], c), 0);
  }
});

test('finite over many orders of magnitude', () => {
  for (const c of CURVATURES)
    for (let exponent = -300; exponent <= 150; exponent += 10) {
      const v = [10 ** exponent, -(10 ** exponent), 0];
      for (const clipRadius of [2.3, null]) {
        const x = toBall(v, { c, clipRadius });
        const back = logmap0(x, c);
        const values = [...x, ...back, distance0(x, c), distance(x, [0.1, 0.2, 0.3], c)];
        assert.ok(values.every(Number.isFinite), `c = ${c}, 1e${exponent}: ${values}`);
      }
    }
});

test('bad input is named', () => {
  assert.throws(() => distance([1, 2], [1, 2, 3], 0.1), UsageError);
  assert.throws(() => mobiusAdd([1, 2], [1, 2, 3], 0.1), /2 and of 3 coordinates|one dimension/);
  for (const c of [-1, Number.NaN, Number.POSITIVE_INFINITY])
    for (const call of [() => expmap0([1], c), () => distance([1], [0], c), () => project([1], c)])
      assert.throws(call, (error) => error instanceof UsageError && error.message.includes(String(c)));
});
