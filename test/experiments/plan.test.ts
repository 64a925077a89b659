/** Plans of reproductions on a stand-in for the data. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { makeStandIn } from '../../src/datasets/standIns/index.js';
import { DataError } from '../../src/errors.js';
import { planReproduction } from '../../src/experiments/plan.js';
import { reproduce } from '../../src/experiments/reproduce.js';
import { temporaryFolder } from '../images/support.js';
import { planSmall } from './reproduceSupport.js';

describe('planning on a stand-in', () => {
  const folder = temporaryFolder();
  const cub = join(folder, 'cub');

  before(() => makeStandIn('cub', cub, { classes: 6, images: 4 }));

  it('plans what the data and the recipe make of it', async () => {
    const { data, epochs, stepsPerEpoch, steps, time, weights, missingWeights, changes, memory, spreading } =
      await planSmall('cub-dino-384', cub, { measure: true, more: [] });
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
});
