import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance, distance0, expmap, logmap } from '../../../src/geometry/numbers.js';
import {
  between,
  curvatureEstimate,
  deltaHyperbolicity,
  fromSquare,
  lcaDistance,
  lcaPoint,
  meanRelativeDelta,
  pathLengths,
} from '../../../src/hierarchy/index.js';
import { randomStream } from '../../../src/random.js';
import { anyTree, randomPoints } from '../support.js';

test('path lengths of a tree have delta 0', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const paths = pathLengths(tree);
      const rows = Array.from({ length: tree.leaves }, (_, i) =>
        paths.slice(i * tree.leaves, (i + 1) * tree.leaves),
      );
      const { delta, relative } = deltaHyperbolicity(fromSquare(rows));
      assert.ok(delta < 1e-9 && relative < 1e-9);
    }),
    { numRuns: 40 },
  );
});

test('delta by its definition over all triples with the base point', () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 8 }), fc.nat(), (count, seed) => {
      const random = randomStream(seed, 'plane');
      const points = Array.from({ length: count }, () => [random.normal(), random.normal()]);
      const given = fromSquare(points.map(([x, y]) => points.map(([u, v]) => Math.hypot(x - u, y - v))));
      const product = (i: number, j: number) =>
        (between(given, i, 0) + between(given, j, 0) - between(given, i, j)) / 2;
      let expected = 0;
      for (let i = 0; i < count; i++)
        for (let j = 0; j < count; j++)
          for (let k = 0; k < count; k++)
            expected = Math.max(expected, Math.min(product(i, k), product(k, j)) - product(i, j));
      assert.ok(Math.abs(deltaHyperbolicity(given).delta - expected) < 1e-12);
    }),
    { numRuns: 40 },
  );
});

test('coinciding points, subsets and limits', () => {
  const same = { count: 3, values: new Float64Array(3) };
  assert.equal(deltaHyperbolicity(same).relative, 0);
  assert.equal(curvatureEstimate({ delta: 0, diameter: 1, relative: 0.144 }), 1);
  const square = fromSquare([
    [0, 1, 2, 1],
    [1, 0, 1, 2],
    [2, 1, 0, 1],
    [1, 2, 1, 0],
  ]);
  assert.equal(deltaHyperbolicity(square).delta, 1);
  assert.equal(
    meanRelativeDelta(4, () => square, { subsets: 3, size: 4 }),
    1,
  );
  assert.throws(
    () => deltaHyperbolicity({ count: 2001, values: new Float64Array(0) }),
    /2000 points, not 2001/,
  );
});

test('the common ancestor lies on the geodesic, nearer to the origin than every point of it', () => {
  for (const c of [0.1, 1]) {
    const { values, dim } = randomPoints(20, 3, 4, 0.9 / Math.sqrt(c));
    for (let i = 0; i < 10; i++) {
      const [a, b] = [values.slice(i * dim, (i + 1) * dim), values.slice((10 + i) * dim, (11 + i) * dim)];
      const least = lcaDistance(a, b, c);
      assert.ok(Math.abs(distance0(lcaPoint(a, b, c), c) - least) < 1e-12);
      let nearest = Number.POSITIVE_INFINITY;
      const towards = logmap(a, b, c);
      for (let t = -3; t <= 4; t += 0.001)
        nearest = Math.min(
          nearest,
          distance0(
            expmap(
              a,
              towards.map((value) => value * t),
              c,
            ),
            c,
          ),
        );
      assert.ok(nearest >= least - 1e-3, `${nearest}, ${least}`);
      assert.ok(nearest <= least + 0.02, `${nearest}, ${least}`);
    }
  }
});

test('the common ancestor of points on a diameter, and with the origin, is the origin', () => {
  assert.ok(lcaDistance([0.3, 0], [-0.5, 0]) < 1e-6);
  assert.equal(lcaDistance([0, 0], [0.5, 0]), 0);
  assert.ok(distance(lcaPoint([0.2, 0.1], [0.2, 0.1]), [0.2, 0.1], 1) < 1e-6);
});
