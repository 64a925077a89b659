/** Reproductions on replicas of the data, with a network that trains in a second. */
import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { makeReplica } from '../../src/datasets/replicas.js';
import { DataError, UsageError } from '../../src/errors.js';
import { evaluateRun } from '../../src/training/evaluateRun.js';
import { planReproduction, reproduce } from '../../src/training/reproduce.js';
import { chooseSpreading, type StepCost, stepBytes, stepSeconds } from '../../src/training/reproduceCost.js';
import { temporaryFolder } from '../images/support.js';

/** What makes a preset small; the data and the mechanism stay the preset's. */
const SMALL = [
  'images.size=16',
  'images.resizeTo=18',
  'backbone.name=tiny-vit',
  'backbone.patch=8',
  'backbone.width=12',
  'backbone.depth=1',
  'backbone.heads=2',
  'head.embeddingSize=6',
  'losses.hier.proxies=10',
  'losses.hier.neighbours=4',
  'losses.hier.triplets=2',
  'batch.size=12',
  'schedule.epochs=2',
  'schedule.warmupEpochs=1',
];

describe('the costs of a step', () => {
  const sizes = { perImage: 170e6, parameters: 88e6, losses: 1.2e9, batch: 108e6 };

  it('grow with replicas and microbatch as the sizes say', () => {
    const at = (replicas: number, microbatch: number, kept = 1) =>
      stepBytes(sizes, { replicas, microbatch, kept, threads: replicas });
    assert.ok(at(1, 2) > at(1, 1) && at(2, 1) > at(1, 1));
    assert.ok(Math.abs(at(2, 3, 5) - at(2, 3, 4) - 6 * sizes.perImage) < 1);
    const [one, two, three] = [1, 2, 3].map((microbatch) => at(2, microbatch));
    assert.ok(Math.abs(three - two - (two - one)) < 1);
    assert.ok(two - one >= 2 * sizes.perImage);
  });

  it('decide how the work is spread', () => {
    const choose = (budget: number, cores = 2) => chooseSpreading(sizes, { batch: 180, cores, budget });
    for (const budget of [4e9, 8e9, 16e9]) {
      const chosen = choose(budget);
      assert.equal(chosen.replicas, 2);
      assert.ok(stepBytes(sizes, chosen) <= budget);
      assert.equal(90 % chosen.microbatch, 0);
    }
    const kept = (budget: number) => choose(budget).kept * choose(budget).microbatch;
    assert.ok(kept(4e9) < kept(8e9) && kept(8e9) < kept(16e9));
    assert.deepEqual([choose(100e9).microbatch, choose(100e9).kept], [6, 15]); // none embedded twice
    assert.deepEqual([choose(100e9, 7).replicas, choose(100e9, 7).threads], [6, 7]); // 7 does not divide 180
    const tight = stepBytes(sizes, { replicas: 1, microbatch: 1, kept: 1, threads: 1 });
    assert.deepEqual(choose(tight, 4), { replicas: 1, microbatch: 1, kept: 1, threads: 4 });
    assert.throws(
      () => choose(1e9),
      (error) => error instanceof UsageError && /does not fit in 1\.0 GB/.test(error.message),
    );
  });

  it('add up to a step', () => {
    const cost: StepCost = {
      replicas: 2,
      microbatch: 2,
      forward: 0.1,
      backward: 0.2,
      loss: 0.5,
      update: 0.05,
      peakBytes: 0,
    };
    const step = (microbatch: number, kept: number, load = 0) =>
      stepSeconds(cost, { batch: 12, spreading: { replicas: 2, threads: 2, microbatch, kept }, load });
    const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 1e-12);
    near(step(6, 1), 3 * 0.3 + 0.55); // 6 images a replica, 2 in 0.3 s
    near(step(2, 1), 3 * 0.3 + 2 * 0.1 + 0.55); // four of them forward twice
    near(step(2, 3), step(6, 1));
    near(step(2, 1, 0.01) - step(2, 1), 0.12);
  });
});

describe('reproducing on a replica', () => {
  const folder = temporaryFolder();
  const cub = join(folder, 'cub');
  const shop = join(folder, 'in-shop');
  const plan = (preset: string, data: string, { measure = false, more = ['engine.replicas=1'] } = {}) =>
    planReproduction({
      preset,
      data,
      partial: true,
      weights: 'none',
      overrides: [...SMALL, ...more],
      measure,
    });

  before(async () => {
    await makeReplica('cub', cub, { classes: 6, images: 4 });
    await makeReplica('in-shop', shop, { classes: 6, images: 4 });
  });

  it('plans what the data and the recipe make of it', async () => {
    const { data, epochs, stepsPerEpoch, steps, time, weights, missingWeights, changes, memory, spreading } =
      await plan('cub-dino-384', cub, { measure: true, more: [] });
    assert.deepEqual(data, {
      path: cub,
      train: { classes: 6, images: 24 },
      test: { classes: 6, images: 24 },
    });
    assert.deepEqual([epochs, stepsPerEpoch, steps], [2, 2, 4]);
    assert.deepEqual([weights, missingWeights], [null, null]);
    assert.ok(changes.includes('schedule.epochs: 50 → 2') && changes.includes('batch.size: 180 → 12'));
    assert.ok(!changes.some((text) => /^(engine|data)\./.test(text)));
    assert.ok(memory.estimate <= memory.budget && memory.budget === 8e9);
    assert.equal(12 % (spreading.replicas * spreading.microbatch), 0);
    const { cost, step, training, load } = time!;
    for (const part of [cost.forward, cost.backward, cost.loss, cost.update, load]) assert.ok(part > 0);
    assert.ok(Math.abs(training - 4 * step) < 1e-9);
  });

  it('names missing weights, data that are not whole, and data that are too few', async () => {
    const cache = process.env.HIER_CACHE;
    process.env.HIER_CACHE = join(folder, 'cache');
    try {
      const options = { preset: 'cub-dino-384', data: cub, partial: true, measure: false };
      const found = await planReproduction({
        ...options,
        overrides: ['batch.size=20', 'losses.hier.proxies=20'],
      });
      assert.match(found.missingWeights!, /hier weights get dino-s16/);
      await assert.rejects(reproduce(found, { folder: join(folder, 'absent') }), /hier weights get dino-s16/);
      assert.ok(!existsSync(join(folder, 'absent')));
      await assert.rejects(
        planReproduction({ ...options, partial: false }),
        (error) => error instanceof DataError && /is not what was published/.test(error.message),
      );
      await assert.rejects(planReproduction(options), /fewer than one batch of 180/);
    } finally {
      if (cache === undefined) delete process.env.HIER_CACHE;
      else process.env.HIER_CACHE = cache;
    }
  });

  it('trains, evaluates, and does neither twice', async () => {
    const run = join(folder, 'run');
    const planned = await plan('cub-dino-384', cub);
    const first = await reproduce(planned, { folder: run, quiet: true });
    assert.equal(first.finished, true);
    assert.deepEqual(first.test, { images: 24, classes: 6, queries: 24 });
    assert.deepEqual(
      first.figures.map(({ k, published }) => [k, published]),
      [
        [1, 0.811],
        [2, 0.882],
        [4, 0.933],
        [8, null],
      ],
    );
    for (const { measured, published, difference } of first.figures) {
      assert.ok(measured >= 0 && measured <= 1);
      assert.equal(difference, published === null ? null : measured - published);
    }
    const model = join(run, 'model.onnx');
    const { mtimeMs } = statSync(model);
    const again = await reproduce(planned, { folder: run, quiet: true });
    assert.deepEqual(again.figures, first.figures);
    assert.equal(statSync(model).mtimeMs, mtimeMs);
    const other = await plan('cub-dino-384', cub, { more: ['seed=1'] });
    await assert.rejects(reproduce(other, { folder: run, quiet: true }), /another recipe:\n {2}seed: 0 → 1/);
  });

  it('goes on with a run that was stopped', async () => {
    const run = join(folder, 'stopped');
    const planned = await plan('cub-dino-384', cub);
    const stop = new AbortController();
    stop.abort();
    const first = await reproduce(planned, { folder: run, quiet: true, signal: stop.signal });
    assert.deepEqual([first.finished, first.figures], [false, []]);
    const second = await reproduce(planned, { folder: run, quiet: true });
    const whole = await reproduce(planned, { folder: join(folder, 'run'), quiet: true });
    assert.deepEqual(second.figures, whole.figures);
  });

  it("asks In-Shop's queries of its gallery, at its own K", async () => {
    const run = join(folder, 'shop');
    const { figures, test } = await reproduce(await plan('in-shop-deit-128', shop), {
      folder: run,
      quiet: true,
    });
    assert.deepEqual(
      figures.map(({ k }) => k),
      [1, 10, 20, 30],
    );
    assert.deepEqual([test.images, test.queries], [24, 12]);
    assert.equal(figures[3].measured, 1); // the gallery has 12 images
    const { measures } = await evaluateRun({ run, baselines: false });
    assert.deepEqual(measures, ['recall@1', 'recall@10', 'recall@20', 'recall@30', 'map@r', 'r-precision']);
  });
});
