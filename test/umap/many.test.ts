import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planeDistance } from '../../src/umap/hyperboloid.js';
import { layOutMany, placesBeside } from '../../src/umap/many.js';
import { clustered, rowOf } from '../store/support.js';

const [ROWS, dim] = [240, 8];
const points = clustered({ rows: ROWS, dim, clusters: 6 });
const space = { dim, metric: 'hyperbolic', curvature: 0.1 } as const;
const at = (places: Float64Array, i: number) => [places[2 * i], places[2 * i + 1]] as const;

test('beyond the limit the others stand amid their neighbours of the sample', async () => {
  const placed: number[][] = [];
  const onPlaced = (...told: number[]) => placed.push(told);
  const places = await layOutMany({ ...space, points, most: 120, onPlaced });
  assert.deepEqual(placed, [[120, 120]]);
  assert.deepEqual(places, await layOutMany({ ...space, points, most: 120 }));
  assert.ok(places.every(Number.isFinite));
  // A neighbour in the picture is of the same cluster far more often than the one in six of chance.
  const full = await layOutMany({ ...space, points });
  const nearest = (from: Float64Array, i: number) => {
    let best = -1;
    for (let j = 0; j < ROWS; j++)
      if (
        j !== i &&
        (best < 0 || planeDistance(at(from, i), at(from, j)) < planeDistance(at(from, i), at(from, best)))
      )
        best = j;
    return best;
  };
  const far = (j: number, i: number) => planeDistance(at(full, i), at(full, j));
  const rows = Array.from({ length: ROWS }, (_, i) => i);
  const near = rows.filter((i) => far(nearest(places, i), i) < 1.5).length;
  assert.ok(near > 0.75 * ROWS, `${near} of ${ROWS}`);
});

test('points stand where all their neighbours stand, when these stand together', async () => {
  const queries = Float32Array.from([...rowOf(points, dim, 7), ...rowOf(points, dim, 8)]);
  const gallery = points.slice(0, 5 * dim);
  const same = Float64Array.from(Array(5).fill([3, -2]).flat());
  const beside = await placesBeside({ queries, gallery, places: same, how: space });
  for (const [i, value] of [3, -2, 3, -2].entries()) assert.ok(Math.abs(beside[i] - value) < 1e-9);
});

test('known places are begun with: nearly the same points keep nearly the same map', async () => {
  const first = await layOutMany({ ...space, points: points.slice(0, 230 * dim) });
  const known = new Float64Array(2 * ROWS).fill(Number.NaN);
  known.set(first);
  const again = await layOutMany({ ...space, points, known });
  const anew = await layOutMany({ ...space, points, seed: 9 });
  const moved = (places: Float64Array) => {
    const steps = Array.from({ length: 230 }, (_, i) => planeDistance(at(first, i), at(places, i)));
    return steps.sort((a, b) => a - b)[115];
  };
  assert.ok(moved(again) < moved(anew) / 2, `${moved(again)} and ${moved(anew)}`);
});

test('it gives up when it is told to', async () => {
  const stop = new AbortController();
  const laying = layOutMany({ ...space, points, signal: stop.signal, onProgress: () => stop.abort() });
  await assert.rejects(laying, (error: Error) => error.name === 'AbortError');
});
