import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DataError, UsageError } from '../../src/errors.js';
import { distance } from '../../src/geometry/numbers.js';
import { randomStream } from '../../src/random.js';
import { type NeighbourOptions, nearestNeighbours } from '../../src/retrieval/neighbours.js';
import { distanceKey, distanceOfKey, type Points } from './oracle.js';
import { drawLabelled, flat, problems } from './support.js';

/** All gallery rows of a query with their distances in float64, nearest first. */
function bruteForce(metric: string, c: number, from: readonly number[], gallery: Points) {
  return gallery
    .map((to, row) => ({ row, distance: distanceOfKey(metric, c, distanceKey(metric, c, from, to)) }))
    .sort((a, b) => a.distance - b.distance || a.row - b.row);
}

/** Checks rows and distances of one query; rows whose distances agree to rounding may change places. */
function checkQuery(
  rows: Int32Array,
  distances: Float64Array,
  expected: ReturnType<typeof bruteForce>,
  digits = 1e-7,
): void {
  const of = new Map(expected.map((entry) => [entry.row, entry.distance]));
  const largest = expected[expected.length - 1].distance;
  assert.equal(new Set(rows).size, rows.length, 'a row twice');
  rows.forEach((row, k) => {
    const near = (a: number, b: number) => Math.abs(a - b) <= digits * largest + 1e-12;
    assert.ok(near(distances[k], of.get(row)!), `distance ${distances[k]}, expected ${of.get(row)}`);
    assert.ok(
      near(distances[k], expected[k].distance),
      `place ${k}: ${distances[k]}, ${expected[k].distance}`,
    );
    if (k > 0)
      assert.ok(distances[k] > distances[k - 1] || (distances[k] === distances[k - 1] && row > rows[k - 1]));
  });
}

test('within one set: neighbours and distances of brute force in float64', async () => {
  await fc.assert(
    fc.asyncProperty(problems, fc.integer({ min: 1, max: 70 }), async ({ metric, c, dim, set }, k) => {
      const { points } = set;
      const found = await nearestNeighbours({ queries: flat(points), dim, k, metric, curvature: c });
      assert.equal(found.k, Math.min(k, points.length - 1));
      points.forEach((point, i) => {
        const expected = bruteForce(metric, c, point, points).filter(({ row }) => row !== i);
        const at = [i * found.k, (i + 1) * found.k] as const;
        checkQuery(found.indices.subarray(...at), found.distances.subarray(...at), expected);
      });
    }),
    { numRuns: 40 },
  );
});

test('in a gallery of several blocks, on one thread and on two: the same', async () => {
  const random = randomStream(11, 'neighbours');
  const options = { dim: 24, classes: 300, duplicates: 0.05, radius: 2 };
  const gallery = drawLabelled(random, { ...options, count: 2500 }).points;
  const queries = drawLabelled(random, { ...options, count: 300 }).points;
  const given: NeighbourOptions = {
    queries: flat(queries),
    gallery: flat(gallery),
    dim: 24,
    k: 20,
    metric: 'hyperbolic',
  };
  const one = await nearestNeighbours({ ...given, threads: 1 });
  assert.deepEqual(await nearestNeighbours({ ...given, threads: 2 }), one);
  for (let i = 0; i < queries.length; i += 7) {
    const expected = bruteForce('hyperbolic', 0.1, queries[i], gallery);
    checkQuery(
      one.indices.subarray(i * 20, i * 20 + 20),
      one.distances.subarray(i * 20, i * 20 + 20),
      expected,
    );
  }
});

test('where rounding hides neighbours from the candidates, they are found all the same', async () => {
  // Points of a sphere about the query: distances differ by less than float32 scores can tell.
  for (let seed = 0; seed < 12; seed++) {
    const random = randomStream(seed, 'sphere');
    const gallery = Array.from({ length: 400 }, () => {
      const v = Array.from({ length: 64 }, () => random.normal());
      return v.map((value) => Math.fround(value / Math.hypot(...v)));
    });
    const query = new Array<number>(64).fill(0);
    const found = await nearestNeighbours({
      queries: flat([query]),
      gallery: flat(gallery),
      dim: 64,
      k: 5,
      metric: 'euclidean',
    });
    const expected = bruteForce('euclidean', 0, query, gallery).slice(0, 5);
    assert.deepEqual(
      [...found.indices],
      expected.map(({ row }) => row),
    );
    assert.deepEqual(
      [...found.distances],
      expected.map((entry) => entry.distance),
    );
  }
});

test('equal rows: the earlier one first, however many', async () => {
  const gallery = Array.from({ length: 90 }, (_, i) => (i % 30 === 29 ? [0.5, 0.5] : [0.1, 0.2]));
  for (const metric of ['hyperbolic', 'cosine', 'euclidean'] as const) {
    const found = await nearestNeighbours({
      queries: flat([[0.1, 0.2]]),
      gallery: flat(gallery),
      dim: 2,
      k: 3,
      metric,
    });
    assert.deepEqual([...found.indices], [0, 1, 2], metric);
    for (const value of found.distances) assert.ok(value < 1e-15);
  }
});

test('distances of near-coincident points keep their digits', async () => {
  const x = [1.2, -0.7, 0.4].map(Math.fround);
  const y = [Math.fround(1.2 + 1e-6), x[1], x[2]];
  const { distances } = await nearestNeighbours({
    queries: flat([x]),
    gallery: flat([y]),
    dim: 3,
    metric: 'hyperbolic',
    curvature: 0.1,
  });
  // To first order the distance is λ(x)‖x - y‖.
  const square = x.reduce((sum, value) => sum + value * value, 0);
  const expected = (2 / (1 - 0.1 * square)) * Math.abs(y[0] - x[0]);
  assert.ok(Math.abs(distances[0] / expected - 1) < 1e-6);
});

test('hyperbolic distances are those of the ball', async () => {
  const { points } = drawLabelled(randomStream(4, 'ball'), {
    count: 20,
    dim: 5,
    classes: 5,
    duplicates: 0,
    radius: 1.9,
  });
  const { k, indices, distances } = await nearestNeighbours({
    queries: flat(points),
    dim: 5,
    k: 19,
    metric: 'hyperbolic',
    curvature: 0.1,
  });
  // The official formula adds 1e-5 to a denominator.
  indices.forEach((row, at) => {
    const expected = distance(points[Math.floor(at / k)], points[row], 0.1);
    assert.ok(Math.abs(distances[at] - expected) < 1e-4 * (1 + expected));
  });
});

test('zero vectors have cosine distance 1 to everything', async () => {
  const { distances } = await nearestNeighbours({
    queries: flat([[0, 0]]),
    gallery: flat([
      [0, 0],
      [1, 0],
    ]),
    dim: 2,
    metric: 'cosine',
  });
  assert.deepEqual([...distances], [1, 1]);
});

test('more neighbours than there are', async () => {
  const points = flat([
    [0, 1],
    [1, 1],
    [3, 1],
  ]);
  const all = await nearestNeighbours({
    queries: points,
    gallery: points,
    dim: 2,
    k: 10,
    metric: 'euclidean',
  });
  assert.equal(all.k, 3);
  assert.deepEqual([...all.indices], [0, 1, 2, 1, 0, 2, 2, 1, 0]);
  assert.deepEqual([...all.distances], [0, 1, 3, 0, 1, 2, 0, 2, 3]);
  const alone = await nearestNeighbours({ queries: flat([[0, 1]]), dim: 2, metric: 'euclidean' });
  assert.deepEqual([alone.k, alone.indices.length], [0, 0]);
});

test('bad input is refused', async () => {
  const given = {
    queries: flat([
      [0, 1],
      [1, 1],
    ]),
    dim: 2,
    metric: 'euclidean' as const,
  };
  const refused: Partial<NeighbourOptions>[] = [
    { k: 0 },
    { k: 1.5 },
    { dim: 3 },
    { metric: 'l2' as 'cosine' },
    { curvature: Number.POSITIVE_INFINITY },
    { gallery: flat([[0, 0]]), excludeSelf: true },
  ];
  for (const options of refused)
    await assert.rejects(nearestNeighbours({ ...given, ...options }), UsageError, JSON.stringify(options));
  await assert.rejects(nearestNeighbours({ ...given, gallery: new Float32Array(0) }), /There are no gallery/);
  const broken = flat([[0, Number.NaN]]);
  await assert.rejects(nearestNeighbours({ ...given, gallery: broken }), DataError);
});
