import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { type CheckedRows, checkedRows } from '../../src/retrieval/checkedRows.js';
import {
  type Coordinates,
  coordinatesOf,
  frameOf,
  METRICS,
  paddingRow,
} from '../../src/retrieval/coordinates.js';
import { distanceKey, type Points } from './oracle.js';
import { drawLabelled, flat } from './support.js';

function rowsOf(metric: 'hyperbolic' | 'cosine' | 'euclidean', c: number, set: CheckedRows): Coordinates {
  return coordinatesOf(frameOf(metric, c, [set]), set, (length) => new Float32Array(length));
}

/** The score in float64, from float32 coordinates. */
function score({ values, dim: width, height }: Coordinates, i: number, j: number): number {
  let sum = 0;
  for (let k = 0; k < width; k++)
    sum += (k === height ? -1 : 1) * values[i * width + k] * values[j * width + k];
  return sum;
}

/** Points of norms up to `radius`. */
function draw(radius: number, offset = 0): Points {
  const random = randomStream(8, 'coordinates');
  const { points } = drawLabelled(random, { count: 60, dim: 6, classes: 60, duplicates: 0, radius });
  return points.map((v) => v.map((value) => Math.fround(value + offset)));
}

/** Share of pairs of pairs, (i, j) and (i, k), that scores and distances put into different order. */
function disorder(points: Points, metric: 'hyperbolic' | 'cosine' | 'euclidean', c: number): number {
  const set = checkedRows({ values: flat(points), dim: 6 }, 'points');
  const rows = rowsOf(metric, c, set);
  let [wrong, total] = [0, 0];
  for (let i = 0; i < points.length; i++) {
    const keys = points.map((point) => distanceKey(metric, c, points[i], point));
    const scores = points.map((_, j) => score(rows, i, j));
    for (let j = 0; j < points.length; j++)
      for (let k = 0; k < j; k++) {
        if (i === j || i === k) continue;
        total++;
        if (keys[j] < keys[k] !== scores[j] > scores[k]) wrong++;
      }
  }
  return wrong / total;
}

test('scores rank as distances do, at every curvature and radius', () => {
  for (const c of [1e-8, 1e-4, 0.01, 0.1, 1])
    for (const share of [1e-4, 0.01, 0.1, 0.3, 0.62, 0.95, 0.999]) {
      const wrong = disorder(draw(share / Math.sqrt(c)), 'hyperbolic', c);
      assert.ok(wrong < 5e-5, `c = ${c}, ${share} of the radius: ${wrong}`);
    }
  for (const [metric, c] of [
    ['hyperbolic', 0],
    ['euclidean', 0],
    ['cosine', 0],
  ] as const)
    for (const radius of [1e-12, 1, 1e12])
      assert.ok(disorder(draw(radius), metric, c) < 5e-5, `${metric}, radius ${radius}`);
});

test('Euclidean scores do not mind where the points are', () => {
  assert.ok(disorder(draw(1, 64), 'euclidean', 0) < 5e-5);
});

test('hyperbolic scores are -cosh of the distance away from the origin', () => {
  const points = draw(2.5);
  const set = checkedRows({ values: flat(points), dim: 6 }, 'points');
  const rows = rowsOf('hyperbolic', 0.1, set);
  for (let i = 0; i < 60; i++)
    for (let j = 0; j < 60; j++) {
      const cosh = 1 + 2 * 0.1 * distanceKey('hyperbolic', 0.1, points[i], points[j]);
      assert.ok(Math.abs(score(rows, i, j) + cosh) < 1e-5 * cosh);
    }
});

test('padding comes after every real row', () => {
  for (const metric of METRICS)
    for (const c of [0, 1e-4, 0.1]) {
      const set = checkedRows({ values: flat(draw(2)), dim: 6 }, 'points');
      const rows = rowsOf(metric, c, set);
      const padded = { ...rows, values: Float32Array.from([...rows.values, ...paddingRow(rows)]) };
      for (let i = 0; i < 60; i++)
        for (let j = 0; j < 60; j++)
          assert.ok(score(padded, i, 60) < 1e6 * Math.min(-1, score(padded, i, j)));
    }
});

test('one point, equal points and points at the origin have finite coordinates', () => {
  for (const metric of METRICS)
    for (const points of [
      [[0, 0]],
      [[1, 1]],
      [
        [0, 0],
        [0, 0],
      ],
      [
        [1, 1],
        [1, 1],
      ],
    ]) {
      const rows = rowsOf(metric, 0.1, checkedRows({ values: flat(points), dim: 2 }, 'points'));
      assert.ok(rows.values.every(Number.isFinite), `${metric} ${JSON.stringify(points)}`);
    }
});

test('points on the ball or outside are refused', () => {
  const values = flat([
    [0.6, 0.8],
    [1, 0],
    [0, 0],
  ]);
  const set = checkedRows({ values, dim: 2 }, 'points');
  assert.throws(() => frameOf('hyperbolic', 1, [set]), DataError);
  assert.throws(() => frameOf('hyperbolic', 1, [set]), /rows: .*1/);
});
