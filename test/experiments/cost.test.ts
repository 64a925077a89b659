import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { chooseSpreading, type StepCost, stepBytes, stepSeconds } from '../../src/experiments/cost.js';

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
