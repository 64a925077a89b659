import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openSession, type TensorData } from '../../src/graph/index.js';
import { initialize } from '../../src/nn/index.js';
import { CLASS_PROXIES, HIERARCHICAL_PROXIES } from '../../src/recipe/arrays.js';
import { beforeHier, lossModel, stepRandomness } from '../../src/training/lossGraph.js';
import { lossShares } from '../../src/training/lossShares.js';
import { randomNumbers } from '../nn/support.js';
import { assertAllclose } from '../support/allclose.js';
import { numbers } from '../support/evaluate.js';
import { tinyBatch, tinyRecipe } from './trainerSupport.js';

const CLASSES = 6;

/** Outputs of every share at step (2, 1). */
async function runShares(recipe: ReturnType<typeof tinyRecipe>, of: number) {
  const { labels } = tinyBatch(recipe, CLASSES);
  const embeddings = Float32Array.from(randomNumbers(recipe.batch.size * 6, 'embeddings'));
  const results: Record<string, TensorData>[] = [];
  for (const share of lossShares(recipe, CLASSES, of)) {
    const { arrays, model } = lossModel(recipe, CLASSES, { share });
    if (Object.keys(model.outputs).length === 0) continue;
    const values = Object.fromEntries(
      arrays.map(({ name, shape, initial }) => [name, initialize(initial, shape, 1, name)]),
    );
    const session = await openSession(model, { threads: 1 });
    const randomness = stepRandomness(recipe, share)(2, 1);
    results.push(await session.run({ ...values, ...randomness, embeddings, labels }));
    await session.close();
  }
  return results;
}

describe('the losses of a recipe', () => {
  it('leave HIER out before it starts', async () => {
    const recipe = tinyRecipe({ losses: { hier: { start: 0.75 } } });
    assert.deepEqual(stepRandomness(recipe)(2, 1), {});
    assert.ok('samples_j' in stepRandomness(recipe)(3, 1));
    const [early] = await runShares(beforeHier(recipe), 1);
    assert.deepEqual(Object.keys(early).sort(), [
      'gradient/class_proxies',
      'gradient/embeddings',
      'loss',
      'metric',
    ]);
  });

  it('are the same in shares as in one, with pool noise and exact noise', async () => {
    for (const noise of ['pool', 'exact']) {
      const recipe = tinyRecipe({ losses: { hier: { noise } } });
      const [whole] = await runShares(recipe, 1);
      assert.deepEqual(Object.keys(whole).sort(), [
        'gradient/class_proxies',
        'gradient/embeddings',
        'gradient/hierarchical_proxies',
        'hier_proxies',
        'hier_samples',
        'loss',
        'metric',
        'usage',
      ]);
      const shares = await runShares(recipe, 3);
      for (const [name, values] of Object.entries(whole)) {
        const sum = numbers(values).map((_, at) =>
          shares.reduce((total, share) => total + Number(share[name]?.[at] ?? 0), 0),
        );
        assertAllclose(sum, numbers(values), { rtol: 1e-4, atol: 1e-6 }, `${noise}: ${name}`);
      }
    }
  });

  it('are weighted by the recipe', async () => {
    const recipe = tinyRecipe({
      losses: { metric: { name: 'proxy-anchor', weight: 0.7 }, hier: { weight: 0.25 } },
    });
    const [{ loss, metric, hier_samples, hier_proxies }] = await runShares(recipe, 1);
    const [m, s, p] = [metric, hier_samples, hier_proxies].map(Number);
    assert.ok(m > 0 && s > 0 && p > 0);
    assertAllclose(loss, [0.7 * m + 0.25 * (s + p)], { rtol: 1e-5 });
  });

  it('are Proxy Anchor alone without HIER, all of it in the first share', async () => {
    const recipe = tinyRecipe({ losses: { hier: { weight: 0 } } });
    assert.deepEqual(stepRandomness(recipe)(0, 0), {});
    const { arrays, model } = lossModel(recipe, CLASSES, { share: lossShares(recipe, CLASSES, 2)[1] });
    assert.deepEqual(model.outputs, {});
    assert.deepEqual(
      arrays.map(({ name }) => name),
      [CLASS_PROXIES],
    );
    const [only, ...others] = await runShares(recipe, 2);
    assert.equal(others.length, 0);
    assert.ok(Number(only.loss) > 0 && only.usage === undefined);
  });

  it('train two kinds of proxies', () => {
    const { arrays } = lossModel(tinyRecipe(), CLASSES);
    assert.deepEqual(
      arrays.map(({ name, shape, trained }) => [name, shape, trained]),
      [
        [CLASS_PROXIES, [CLASSES, 6], true],
        [HIERARCHICAL_PROXIES, [10, 6], true],
      ],
    );
  });
});

describe("a step's randomness", () => {
  it('is a function of seed, epoch and step', () => {
    for (const noise of ['pool', 'exact']) {
      const recipe = tinyRecipe({ losses: { hier: { noise } } });
      const one = stepRandomness(recipe);
      one(1, 1);
      assert.deepEqual(one(0, 2), stepRandomness(recipe)(0, 2));
      assert.notDeepEqual(one(0, 2).samples_j, one(0, 3).samples_j);
      assert.notDeepEqual(one(0, 2).samples_j, one(1, 2).samples_j);
      const other = stepRandomness(tinyRecipe({ seed: 4, losses: { hier: { noise } } }));
      assert.notDeepEqual(one(0, 2).samples_j, other(0, 2).samples_j);
    }
  });

  it('is cut between shares, not drawn anew', () => {
    for (const noise of ['pool', 'exact']) {
      const recipe = tinyRecipe({ losses: { hier: { noise } } });
      const whole = stepRandomness(recipe)(1, 2);
      const parts = lossShares(recipe, CLASSES, 3).map((share) => stepRandomness(recipe, share)(1, 2));
      for (const [name, values] of Object.entries(whole))
        if (name === 'noise_pool') for (const part of parts) assert.deepEqual(part[name], values);
        else
          assert.deepEqual(
            parts.flatMap((part) => Array.from(part[name])),
            Array.from(values),
            name,
          );
    }
  });
});
