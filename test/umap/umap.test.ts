import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toBall } from '../../src/geometry/numbers.js';
import { randomStream } from '../../src/random.js';
import { nearestNeighbours } from '../../src/retrieval/index.js';
import { planeDistance } from '../../src/umap/hyperboloid.js';
import { hyperbolicUmap } from '../../src/umap/umap.js';

const [CLASSES, EACH, DIM] = [12, 12, 16];

/** Classes around random centres, clipped to the sphere that training clips to. */
function clusters(): Float32Array {
  const random = randomStream(3, 'umap test');
  const points = new Float32Array(CLASSES * EACH * DIM);
  for (let label = 0, at = 0; label < CLASSES; label++) {
    const centre = Array.from({ length: DIM }, () => random.normal());
    for (let i = 0; i < EACH; i++, at += DIM)
      points.set(
        toBall(
          centre.map((x) => 2 * (x + 0.3 * random.normal())),
          { c: 0.1, clipRadius: 2.3 },
        ),
        at,
      );
  }
  return points;
}

const points = clusters();
const options = { points, dim: DIM, neighbours: 10, epochs: 150, seed: 4 };

test('equal arguments give equal pictures; another seed gives another', async () => {
  const first = await hyperbolicUmap({ ...options, threads: 1 });
  const again = await hyperbolicUmap({ ...options, threads: 2 });
  assert.deepEqual(first.places, again.places);
  const other = await hyperbolicUmap({ ...options, seed: 5 });
  assert.notDeepEqual(first.places, other.places);
  assert.ok(first.disk.every((value) => Math.abs(value) < 1));
});

test('true neighbours are neighbours in the picture', async () => {
  const { places } = await hyperbolicUmap(options);
  const count = points.length / DIM;
  const at = (i: number) => [places[2 * i], places[2 * i + 1]] as const;
  const truth = await nearestNeighbours({ queries: points, dim: DIM, k: 11, metric: 'hyperbolic' });
  let shared = 0;
  for (let i = 0; i < count; i++) {
    const order = Array.from({ length: count }, (_, j) => j).filter((j) => j !== i);
    order.sort((a, b) => planeDistance(at(i), at(a)) - planeDistance(at(i), at(b)));
    const nearest = new Set(order.slice(0, 11));
    for (const j of truth.indices.subarray(i * 11, (i + 1) * 11)) if (nearest.has(j)) shared++;
  }
  const recall = shared / (11 * count);
  assert.ok(recall > 0.9, `recall ${recall}; chance is ${11 / (count - 1)}`);
});

test('a layout goes on from another: without epochs the places stay, up to their centre', async () => {
  const { places } = await hyperbolicUmap({ ...options, epochs: 20 });
  const same = await hyperbolicUmap({ ...options, epochs: 0, start: places });
  places.forEach((value, i) => {
    assert.ok(Math.abs(same.places[i] - value) < 1e-9);
  });
});

test('one point, two points, and points that coincide are laid out', async () => {
  const alone = await hyperbolicUmap({ points: points.slice(0, DIM), dim: DIM });
  assert.deepEqual(alone.disk, Float64Array.of(0, 0));
  const equal = new Float32Array(5 * DIM).fill(0.1);
  for (const some of [points.slice(0, 2 * DIM), equal]) {
    const { disk } = await hyperbolicUmap({ points: some, dim: DIM, epochs: 30 });
    assert.ok(disk.every((value) => Number.isFinite(value) && Math.abs(value) < 1));
  }
});

test('wrong options are refused', async () => {
  await assert.rejects(hyperbolicUmap({ ...options, neighbours: 1 }), /number of neighbours is 1/);
  await assert.rejects(hyperbolicUmap({ ...options, epochs: 1.5 }), /number of epochs is 1.5/);
  await assert.rejects(hyperbolicUmap({ ...options, start: new Float64Array(4) }), /2 starting places/);
});
