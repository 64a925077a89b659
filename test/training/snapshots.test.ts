import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DataError } from '../../src/errors.js';
import { HIERARCHICAL_PROXIES } from '../../src/recipe/arrays.js';
import { checkRecipe, loadRecipe, recipeHash } from '../../src/recipe/load.js';
import { runPaths } from '../../src/runs/folder.js';
import { proxyPoints } from '../../src/runs/proxies.js';
import { readSnapshots, writeSnapshot } from '../../src/runs/snapshots.js';
import { snapshotItems, snapshotsOf } from '../../src/training/snapshots.js';

const root = mkdtempSync(join(tmpdir(), 'hier-snapshots-'));
after(() => rmSync(root, { recursive: true, force: true }));

const items = Array.from({ length: 30 }, (_, i) => ({
  id: `image ${i}`,
  path: `/x/${i}.png`,
  label: Math.floor(i / 5),
}));

test('whole classes are taken, up to the number of images; one class at least', () => {
  const all = [...items.keys()];
  const chosen = snapshotItems({ items }, all, { images: 12, seed: 1 });
  assert.equal(chosen.length, 10);
  assert.equal(new Set(chosen.map((item) => items[item].label)).size, 2);
  assert.deepEqual(
    chosen,
    [...chosen].sort((a, b) => a - b),
  );
  assert.deepEqual(chosen, snapshotItems({ items }, all, { images: 12, seed: 1 }));
  assert.equal(snapshotItems({ items }, all, { images: 1, seed: 1 }).length, 5);
  assert.deepEqual(snapshotItems({ items }, all, { images: 100, seed: 1 }), all);
});

test('a snapshot reads back bit for bit, in order of epochs; a run without proxies has none', () => {
  const run = join(root, 'round');
  const snapshot = (epoch: number, proxies: number) => ({
    epoch,
    embeddings: Float32Array.from({ length: 6 }, (_, i) => i / 7),
    proxies: new Float32Array(2 * proxies).fill(0.25),
    dim: 2,
    curvature: 0.1,
    ids: ['a', 'b', '<c>'],
    labels: ['x', 'x', 'é'],
  });
  assert.deepEqual(readSnapshots(run), []);
  for (const epoch of [10, 2]) writeSnapshot(run, snapshot(epoch, epoch === 2 ? 0 : 3));
  assert.deepEqual(readSnapshots(run), [snapshot(2, 0), snapshot(10, 3)]);
  const [file] = readdirSync(runPaths(run).snapshots);
  const path = join(runPaths(run).snapshots, file);
  const bytes = readFileSync(path);
  bytes[bytes.length - 1] ^= 1;
  writeFileSync(path, bytes);
  assert.throws(() => readSnapshots(run), DataError);
});

test('snapshots are taken after the epochs that the recipe names, and do not make it another recipe', async () => {
  const plain = loadRecipe('smoke');
  const recipe = checkRecipe({
    ...plain,
    snapshots: { epochs: [0, 2], images: 10 },
    evaluation: { ...plain.evaluation, batch: 4 },
  });
  assert.equal(
    recipeHash(recipe),
    recipeHash(checkRecipe({ ...recipe, snapshots: { epochs: [], images: 5 } })),
  );
  const dim = recipe.head.embeddingSize;
  const run = join(root, 'taken');
  const dataset = { items, classes: ['a', 'b', 'c', 'd', 'e', 'f'] } as never;
  const asked: number[][] = [];
  const inputs = {
    async *plain(wanted: readonly number[], size: number) {
      for (let at = 0; at < wanted.length; at += size) {
        asked.push(wanted.slice(at, at + size));
        yield Float32Array.from(wanted.slice(at, at + size));
      }
    },
  };
  const proxies = Float32Array.from({ length: 3 * dim }, (_, i) => Math.sin(i));
  const trainer = {
    state: { parameters: { [HIERARCHICAL_PROXIES]: proxies } } as never,
    // Embeds an item as a row of its own number.
    async embed(batches: AsyncIterable<Float32Array> | Iterable<Float32Array>) {
      const parts: Float32Array[] = [];
      for await (const batch of batches)
        parts.push(Float32Array.from([...batch].flatMap((item) => new Array(dim).fill(item / 100))));
      return parts;
    },
  };
  const snapshots = snapshotsOf({ run, dataset, train: [...items.keys()], recipe, inputs });
  for (const epoch of [0, 1, 2, 3]) await snapshots.take(trainer, epoch);
  const taken = readSnapshots(run);
  assert.deepEqual(
    taken.map(({ epoch }) => epoch),
    [0, 2],
  );
  const { embeddings, ids, labels } = taken[1];
  assert.deepEqual(taken[1].proxies, proxyPoints(proxies, recipe));
  assert.equal(ids.length, 10);
  assert.deepEqual(
    ids,
    asked
      .slice(0, 3)
      .flat()
      .map((item) => `image ${item}`),
  );
  ids.forEach((id, i) => {
    assert.equal(embeddings[i * dim + 1], Math.fround(Number(id.slice(6)) / 100));
  });
  assert.ok(labels.every((label) => 'abcdef'.includes(label)));

  // With HIER from the second of two epochs on, proxies are kept once it has begun.
  const hier = { ...recipe.losses.hier, start: 0.5 };
  const late = {
    ...recipe,
    losses: { ...recipe.losses, hier },
    schedule: { ...recipe.schedule, epochs: 2 },
    snapshots: { ...recipe.snapshots, epochs: [1, 2] },
  };
  const lateRun = join(root, 'late');
  const lateSnapshots = snapshotsOf({
    ...{ run: lateRun, dataset, train: [...items.keys()], recipe: late, inputs },
  });
  for (const epoch of [1, 2]) await lateSnapshots.take(trainer, epoch);
  assert.deepEqual(
    readSnapshots(lateRun).map((one) => one.proxies.length),
    [0, proxies.length],
  );
});

test('proxies become points of the ball, or directions without curvature; none without HIER', () => {
  const recipe = loadRecipe('smoke');
  const dim = recipe.head.embeddingSize;
  const parameters = new Float32Array(2 * dim).fill(5);
  const points = proxyPoints(parameters, recipe);
  const { curvature, clipRadius } = recipe.head;
  const limit = Math.tanh(Math.sqrt(curvature) * clipRadius) / Math.sqrt(curvature);
  assert.ok(Math.abs(Math.hypot(...points.subarray(0, dim)) - limit) < 1e-5);
  const flat = proxyPoints(parameters, { ...recipe, head: { ...recipe.head, curvature: 0 } });
  assert.ok(Math.abs(Math.hypot(...flat.subarray(dim)) - 1) < 1e-6);
  const without = { ...recipe, losses: { ...recipe.losses, hier: { ...recipe.losses.hier, weight: 0 } } };
  assert.equal(proxyPoints(parameters, without).length, 0);
  assert.equal(proxyPoints(undefined, recipe).length, 0);
});
