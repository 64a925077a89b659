import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { embedderModels } from '../../../src/model/network.js';
import { initialize } from '../../../src/nn/index.js';
import type { Recipe } from '../../../src/recipe/load.js';
import { lossModel } from '../../../src/training/lossGraph.js';
import { lossShares, WHOLE } from '../../../src/training/lossShares.js';
import { dealOut } from '../../../src/training/replicas/dealOut.js';
import { Replicas } from '../../../src/training/replicas/replicas.js';
import { assertAllclose } from '../../support/allclose.js';
import { runs } from '../../support/shapes.js';
import { TINY_CNN, tinyBatch, tinyRecipe } from '../trainerSupport.js';

const CLASSES = 6;

/** Embeddings, losses and all gradients of one batch, cut into microbatches and spread over replicas. */
async function passes(
  recipe: Recipe,
  { replicas: count, microbatches }: { replicas: number; microbatches: number },
) {
  const { arrays, ...models } = embedderModels(recipe, recipe.batch.size / microbatches);
  const losses = lossShares(recipe, CLASSES, count).map((share) => ({
    share,
    ...lossModel(recipe, CLASSES, { share }),
  }));
  const all = [...arrays, ...losses[0].arrays];
  const replicas = new Replicas({
    recipe,
    arrays: all,
    models,
    losses,
    threads: 1,
  });
  try {
    for (const { name, shape, initial } of all)
      replicas.values[name].set(initialize(initial, shape, recipe.seed, name));
    const { images, labels } = tinyBatch(recipe, CLASSES);
    const cut = (values: Float32Array) => {
      const length = values.length / microbatches;
      return Array.from({ length: microbatches }, (_, i) => values.slice(i * length, (i + 1) * length));
    };
    const { embeddings: parts, observed } = await replicas.forward(cut(images));
    assert.equal(parts.length, microbatches);
    const embeddings = Float32Array.from(parts.flatMap((part) => Array.from(part)));
    const { values, gradient } = await replicas.loss({ embeddings, labels, epoch: 0, step: 0 });
    const { gradients } = await replicas.backward(cut(gradient));
    return { embeddings, observed, values, gradients };
  } finally {
    await replicas.close();
  }
}

/** Gradients agree to float32 rounding, measured by each array's largest element. */
function assertSameGradients(
  actual: Record<string, Float32Array>,
  expected: Record<string, Float32Array>,
  label: string,
) {
  assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
  for (const [name, values] of Object.entries(expected)) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest > 0, `${name} has no gradient`);
    assertAllclose(actual[name], values, { rtol: 1e-4, atol: 2e-5 * largest }, `${label}: ${name}`);
  }
}

describe('replicas', () => {
  it('give one gradient however a batch is spread, also when activations are computed again', async () => {
    const recipe = tinyRecipe();
    const whole = await passes(recipe, { replicas: 1, microbatches: 1 });
    for (const spread of [
      { replicas: 2, microbatches: 2 },
      { replicas: 1, microbatches: 4 },
      { replicas: 2, microbatches: 6 },
    ]) {
      const label = `${spread.microbatches} microbatches on ${spread.replicas} replicas`;
      const parts = await passes(recipe, spread);
      assertAllclose(parts.embeddings, whole.embeddings, { rtol: 1e-5, atol: 1e-6 }, label);
      for (const [name, values] of Object.entries(whole.values))
        assertAllclose(parts.values[name], values, { rtol: 1e-5, atol: 1e-6 }, `${label}: ${name}`);
      assertSameGradients(parts.gradients, whole.gradients, label);
    }
  });

  it('give the same bits whether activations are kept or computed again', async () => {
    const keeping = (kept: number) =>
      passes(tinyRecipe({ engine: { kept } }), { replicas: 2, microbatches: 6 });
    const [none, some, all] = [await keeping(1), await keeping(2), await keeping(3)];
    assert.ok(Object.values(none.gradients).some((gradient) => gradient.some((g) => g !== 0)));
    assert.deepEqual(some, none);
    assert.deepEqual(all, none);
  });

  it('observe the statistics of every microbatch', async () => {
    const recipe = tinyRecipe({}, TINY_CNN);
    const { observed } = await passes(recipe, { replicas: 1, microbatches: 3 });
    assert.equal(observed.length, 3);
    const means = observed.map((one) => one['backbone.patch.norm.running_mean']);
    assert.ok(means.every((mean) => mean.length === 4 && mean.every(Number.isFinite)));
    assert.notDeepEqual(means[0], means[1]);
  });

  it('say which replica failed, and end', async () => {
    const recipe = tinyRecipe();
    const { arrays, ...models } = embedderModels(recipe, 6);
    const { model, arrays: proxies } = lossModel(recipe, CLASSES);
    const replicas = new Replicas({
      recipe,
      arrays: [...arrays, ...proxies],
      models,
      losses: [{ share: WHOLE, model }],
      threads: 1,
    });
    try {
      await assert.rejects(
        replicas.forward([new Float32Array(5)]),
        /replica 0: input "images": Float32Array of length 5/,
      );
    } finally {
      await replicas.close();
    }
  });
});

describe('the arrays', () => {
  it('are dealt out in equal numbers of elements, each once', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 6 }),
        (lengths, count) => {
          let size = 0;
          const places = lengths.map((length, i) => {
            const start = size + i; // with gaps, as where an array between is not trained
            size += length;
            return { name: `array ${i}`, start, length, trained: true };
          });
          const owners = dealOut(places, count);
          assert.equal(owners.length, count);
          const elements = (part: { start: number; length: number }) =>
            Array.from({ length: part.length }, (_, i) => part.start + i);
          assert.deepEqual(owners.flat().flatMap(elements), places.flatMap(elements));
          for (const { name, start, from } of owners.flat())
            assert.equal(places.find((place) => place.name === name)!.start + from, start);
          const loads = owners.map((parts) => parts.reduce((sum, { length }) => sum + length, 0));
          assert.ok(Math.max(...loads) - Math.min(...loads) <= 1);
        },
      ),
      runs(100),
    );
  });
});
