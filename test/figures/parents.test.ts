import assert from 'node:assert/strict';
import { test } from 'node:test';
import { geodesic } from '../../src/figures/disk.js';
import { diskParents, parentAgreement, spaceParents } from '../../src/figures/parents.js';
import { distance, distance0, toBall } from '../../src/geometry/numbers.js';
import { randomStream } from '../../src/random.js';

const [SAMPLES, PROXIES] = [30, 8];

test('parents in the picture are the nearest proxies nearer the centre, by brute force', () => {
  const random = randomStream(1, 'disk parents');
  const points = Array.from({ length: SAMPLES + PROXIES }, () => {
    const [angle, radius] = [2 * Math.PI * random.uniform(), 0.95 * Math.sqrt(random.uniform())];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
  points[SAMPLES] = [0.01, 0]; // every sample has a proxy nearer the centre
  const { ofLeaves, ofProxies } = diskParents(points.flat(), SAMPLES);
  points.forEach((point, i) => {
    const inside = points
      .map((other, j) => ({ j: j - SAMPLES, d: distance(point, other, 1), r: Math.hypot(...other) }))
      .filter(({ j, r }) => j >= 0 && j !== i - SAMPLES && r <= Math.hypot(...point))
      .sort((a, b) => a.d - b.d);
    const found = i < SAMPLES ? ofLeaves[i] : ofProxies[i - SAMPLES];
    assert.equal(found, inside[0]?.j ?? -1, `point ${i}`);
  });
});

test('parents in the space are the same rule by distances of the ball', () => {
  const random = randomStream(2, 'space parents');
  const make = (count: number, size: number) =>
    Float32Array.from({ length: count }).length === count
      ? Float32Array.from(
          Array.from({ length: count }, () => [
            ...toBall(
              Array.from({ length: 5 }, () => size * random.normal()),
              { c: 0.1, clipRadius: 2.3 },
            ),
          ]).flat(),
        )
      : new Float32Array(0);
  const [values, proxies] = [make(SAMPLES, 1.2), make(PROXIES, 0.5)];
  const row = (of: Float32Array, i: number) => of.subarray(5 * i, 5 * i + 5);
  const { ofLeaves } = spaceParents({ values, dim: 5, metric: 'hyperbolic', curvature: 0.1 }, proxies);
  for (let i = 0; i < SAMPLES; i++) {
    const own = distance0(row(values, i), 0.1);
    const inside = [...Array(PROXIES).keys()]
      .filter((p) => distance0(row(proxies, p), 0.1) <= own)
      .sort(
        (a, b) =>
          distance(row(values, i), row(proxies, a), 0.1) - distance(row(values, i), row(proxies, b), 0.1),
      );
    if (inside.length > 0) assert.equal(ofLeaves[i], inside[0], `sample ${i}`);
  }
});

test('agreement counts equal parents, and says what chance would give', () => {
  const a = { ofLeaves: Int32Array.of(0, 0, 1, 1), ofProxies: Int32Array.of(-1, 0) };
  const b = { ofLeaves: Int32Array.of(0, 1, 1, 1), ofProxies: Int32Array.of(-1, 0) };
  assert.deepEqual(parentAgreement(a, b), { samples: 0.75, proxies: 1, chance: 0.5 * 0.25 + 0.5 * 0.75 });
});

test('a geodesic is an arc that meets the rim at right angles, and bends towards the centre', () => {
  const random = randomStream(3, 'geodesic');
  for (let i = 0; i < 200; i++) {
    const [a, b] = [0, 1].map(() => [1.3 * random.uniform() - 0.65, 1.3 * random.uniform() - 0.65] as const);
    const path = geodesic(a, b, ([x, y]) => [1000 * x, -1000 * y], 1000);
    const numbers = (path.match(/-?[\d.]+/g) ?? []).map(Number);
    if (!path.includes('A')) continue;
    const [x1, y1, radius, , , , sweep, x2, y2] = numbers;
    // Middle of the arc of an SVG path, from its definition.
    const [mx, my] = [(x1 + x2) / 2, (y1 + y2) / 2];
    const half = Math.hypot(x2 - x1, y2 - y1) / 2;
    const rise = Math.sqrt(Math.max(0, radius ** 2 - half ** 2));
    const sign = sweep === 1 ? 1 : -1;
    const centre = [mx - (sign * rise * (y2 - y1)) / (2 * half), my + (sign * rise * (x2 - x1)) / (2 * half)];
    assert.ok(
      Math.abs(Math.hypot(...centre) - Math.hypot(1000, radius)) < 0.02 * Math.hypot(1000, radius),
      path,
    );
  }
});
