import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import fc from 'fast-check';
import { expmap0 } from '../../src/geometry/numbers.js';
import { clusterCentres } from '../../src/hierarchy/clusterCentres.js';
import { writeNpy } from '../../src/io/npy.js';
import { randomStream } from '../../src/random.js';
import { HIERARCHICAL_PROXIES } from '../../src/recipe/arrays.js';
import { checkRecipe, type Recipe } from '../../src/recipe/load.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { runPaths } from '../../src/runs/folder.js';
import { clusterItems, clusterProxies } from '../../src/runs/proxies.js';
import { train } from '../../src/training/train.js';
import { assertAllclose } from '../support/allclose.js';
import { tinyRecipe } from './trainerSupport.js';

/** `count` normal rows around each of some places far apart. */
function blobs(places: readonly (readonly number[])[], count: number, spread = 0.01): Float32Array {
  const { normal } = randomStream(5, 'blobs');
  return Float32Array.from(
    places.flatMap((place) =>
      Array.from({ length: count }, () => place.map((x) => x + spread * normal())).flat(),
    ),
  );
}
const rowsOf = (values: Float32Array, dim: number) =>
  Array.from({ length: values.length / dim }, (_, i) => [...values.subarray(i * dim, (i + 1) * dim)]);
const gap = (a: readonly number[], b: readonly number[]) => Math.hypot(...a.map((x, i) => x - b[i]));

describe('clusterCentres', () => {
  it('leaves every row at most as far from its nearest centre, summed, as the rows it started from', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 99 }),
        async (count, seed) => {
          const { normal } = randomStream(seed, 'rows');
          const rows = Float32Array.from({ length: 20 * 3 }, normal);
          const centres = rowsOf(await clusterCentres({ values: rows, dim: 3 }, { count, seed }), 3);
          const cost = (of: number[][]) =>
            rowsOf(rows, 3).reduce((sum, row) => sum + Math.min(...of.map((c) => gap(row, c))) ** 2, 0);
          const start = randomStream(seed, 'cluster centres')
            .choose(20, count)
            .map((row) => rowsOf(rows, 3)[row]);
          assert.ok(cost(centres) <= cost(start) * (1 + 1e-6));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('finds groups far apart, the same ones every time', async () => {
    const places = [
      [0, 0],
      [9, 0],
    ];
    const rows = blobs(places, 30);
    const centres = await clusterCentres({ values: rows, dim: 2 }, { count: 2, seed: 1 });
    for (const place of places)
      assert.ok(
        rowsOf(centres, 2).some((centre) => gap(centre, place) < 0.05),
        `${place}`,
      );
    assert.deepEqual(await clusterCentres({ values: rows, dim: 2 }, { count: 2, seed: 1 }), centres);
  });

  it('refuses more clusters than rows, saying what to do', async () => {
    await assert.rejects(
      clusterCentres({ values: new Float32Array(6), dim: 2 }, { count: 4 }),
      /4 clusters of 3 rows/,
    );
  });
});

describe('placedProxies', () => {
  const recipe = tinyRecipe({ head: { embeddingSize: 3 }, losses: { hier: { proxies: 2, neighbours: 2 } } });
  it('are centres in the tangent space', async () => {
    const places = [
      [2, 0, 0],
      [0, 0.5, 0],
    ];
    const tangent = blobs(places, 12, 1e-4);
    const points = Float32Array.from(
      rowsOf(tangent, 3).flatMap((row) => [...expmap0(row, recipe.head.curvature)]),
    );
    const found = rowsOf(await clusterProxies(points, recipe), 3).sort((a, b) => b[0] - a[0]);
    for (const [i, place] of places.entries()) assertAllclose(found[i], place, { rtol: 1e-2, atol: 1e-3 });
  });

  it('are centres of directions on the unit sphere', async () => {
    const flat = { ...recipe, head: { ...recipe.head, curvature: 0 } };
    const found = await clusterProxies(Float32Array.of(1, 0, 0, 0, 0, 1), flat);
    assert.deepEqual(rowsOf(found, 3).sort(), [
      [0, 0, 1],
      [1, 0, 0],
    ]);
  });

  it('look at a part of many images, and at all of few', () => {
    const many = Array.from({ length: 100 }, (_, i) => 3 * i);
    const some = clusterItems(many, recipe);
    assert.equal(new Set(some).size, 32);
    assert.ok(some.every((item, i) => item % 3 === 0 && (i === 0 || item > some[i - 1])));
    assert.deepEqual(clusterItems(many.slice(0, 9), recipe), many.slice(0, 9));
  });
});

describe('a run whose HIER starts late', () => {
  const root = mkdtempSync(join(tmpdir(), 'hier-late-'));
  after(() => rmSync(root, { recursive: true, force: true }));
  const file = join(root, 'vectors.npy');
  writeNpy(file, {
    shape: [60, 4],
    data: blobs(
      [
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ],
      20,
      0.2,
    ),
  });
  const recipe: Recipe = checkRecipe({
    name: 'late',
    data: { source: file, validation: 0 },
    backbone: { name: 'identity' },
    head: { embeddingSize: 4 },
    losses: {
      metric: { weight: 0 },
      hier: { proxies: 6, neighbours: 5, triplets: 3, poolRows: 32, initial: 'data', start: 0.7 },
    },
    batch: { size: 20, imagesPerClass: 1 },
    optimizer: { learningRate: 1e-2, referenceBatch: null, multipliers: { hierarchicalProxies: 1 } },
    schedule: { epochs: 3, warmupEpochs: 0 },
    engine: { threads: 1, replicas: 1 },
  });
  const proxies = (folder: string) => {
    const { parameters, optimizer } = readCheckpoint(runPaths(folder).last);
    return { at: parameters[HIERARCHICAL_PROXIES].data, mean: optimizer.mean[HIERARCHICAL_PROXIES] };
  };
  const stopped = (steps: number) => {
    let asked = 0;
    return Object.defineProperty(new AbortController().signal, 'aborted', { get: () => ++asked > steps });
  };

  it('leaves the proxies alone before, places them at the start, and resumes bit for bit around it', async () => {
    const [whole, broken] = [join(root, 'whole'), join(root, 'broken')];
    await train({ recipe, folder: whole, quiet: true });
    await train({ recipe, folder: broken, quiet: true, signal: stopped(1) });
    const untouched = proxies(broken);
    await train({ folder: broken, mode: 'resume', quiet: true, signal: stopped(5) });
    assert.deepEqual(proxies(broken), untouched, 'at the end of the second epoch');
    assert.ok(untouched.mean.every((x) => x === 0));
    await train({ folder: broken, mode: 'resume', quiet: true, signal: stopped(1) });
    assert.notDeepEqual(proxies(broken).at, untouched.at);
    await train({ folder: broken, mode: 'resume', quiet: true });
    assert.deepEqual(readCheckpoint(runPaths(broken).last), readCheckpoint(runPaths(whole).last));
    const spread = (at: Float32Array) => Math.max(...rowsOf(at, 4).map((row) => Math.hypot(...row)));
    assert.ok(spread(proxies(whole).at) <= 2.3 + 0.2, 'centres of clipped vectors are not far out');
  });
});
