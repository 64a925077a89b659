import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { HierError } from '../../src/errors.js';
import { constant, gradients, input, type TensorData } from '../../src/graph/index.js';
import { proxyAnchor } from '../../src/losses/proxyAnchor.js';
import { backboneOf, imageShape } from '../../src/model/graph.js';
import { head, Scope, zeros } from '../../src/nn/index.js';
import { CLASS_PROXIES, HIERARCHICAL_PROXIES } from '../../src/recipe/arrays.js';
import type { Recipe } from '../../src/recipe/load.js';
import type { RecipeTree } from '../../src/recipe/merge.js';
import type { StepReport } from '../../src/training/stepReport.js';
import { Trainer } from '../../src/training/trainer.js';
import { assertAllclose } from '../support/allclose.js';
import { evaluate, numbers } from '../support/evaluate.js';
import { TINY_CNN, tinyBatch, tinyRecipe } from './trainerSupport.js';

const CLASSES = 6;

/** Copies of all arrays by name. */
function copyOf(trainer: Trainer): Record<string, Float32Array> {
  const { parameters, statistics } = trainer.state;
  return Object.fromEntries(
    Object.entries({ ...parameters, ...statistics }).map(([name, values]) => [
      name,
      Float32Array.from(values),
    ]),
  );
}

/** Trains `steps` steps, five an epoch, and closes. */
async function trainFor(recipe: Recipe, steps: number, key?: number) {
  const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 5 });
  try {
    const before = copyOf(trainer);
    const reports: StepReport[] = [];
    for (let at = 0; at < steps; at++) {
      const { images, labels } = tinyBatch(recipe, CLASSES, key ?? at);
      reports.push(await trainer.step(images, labels, Math.floor(at / 5), at % 5));
    }
    return { before, after: copyOf(trainer), reports };
  } finally {
    await trainer.close();
  }
}

describe('the trainer', () => {
  it('lowers the loss, with either network', async () => {
    for (const backbone of [undefined, TINY_CNN]) {
      const { reports } = await trainFor(tinyRecipe({}, backbone), 30);
      const mean = (from: number) =>
        reports.slice(from, from + 5).reduce((sum, { metric }) => sum + metric / 5, 0);
      assert.ok(mean(25) < 0.5 * mean(0), `from ${mean(0)} to ${mean(25)}`);
      assert.ok(reports.some(({ hierSamples }) => hierSamples > 0));
      const [first] = reports;
      assert.ok(first.hierProxies > 0 && first.gradientNorm > 0);
      assertAllclose([first.loss], [first.metric + 0.5 * (first.hierSamples + first.hierProxies)], {
        rtol: 1e-5,
      });
      assert.equal(first.usage.length, 10);
      assert.ok(first.clipped >= 0 && first.clipped <= 1);
      assert.equal(first.learningRate, 5e-3);
    }
  });

  it('divides the gradients of backbone and head by the world size, and no others', async () => {
    const meansOf = async (worldSize: number) => {
      const recipe = tinyRecipe({
        optimizer: { worldSize, gradientClamp: null },
        engine: { replicas: 1, threads: 1 },
      });
      const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 5 });
      try {
        const { images, labels } = tinyBatch(recipe, CLASSES);
        await trainer.step(images, labels, 0, 0);
        const { mean } = trainer.state.optimizer;
        return Object.fromEntries(Object.entries(mean).map(([name, values]) => [name, Array.from(values)]));
      } finally {
        await trainer.close();
      }
    };
    const [one, two] = [await meansOf(1), await meansOf(2)];
    for (const [name, values] of Object.entries(one)) {
      const factor = name === CLASS_PROXIES || name === HIERARCHICAL_PROXIES ? 1 : 2;
      assertAllclose(
        two[name].map((x) => x * factor),
        values,
        { rtol: 1e-5, atol: 1e-12 },
        name,
      );
    }
  });

  it('trains the same network with one, two and three replicas when there is no batch norm', async () => {
    const spread = (replicas: number) => trainFor(tinyRecipe({ engine: { replicas, threads: replicas } }), 4);
    const one = await spread(1);
    for (const replicas of [2, 3]) {
      const several = await spread(replicas);
      for (const [name, values] of Object.entries(one.after)) {
        const moved = values.reduce((most, x, i) => Math.max(most, Math.abs(x - one.before[name][i])), 0);
        assert.ok(moved > 0, `${name} did not move`);
        // AdamW divides by the size of the gradient, so rounding weighs more where a gradient is nearly 0.
        assertAllclose(
          several.after[name],
          values,
          { rtol: 1e-3, atol: 0.02 * moved },
          `${replicas}: ${name}`,
        );
      }
    }
  });

  it('has the gradient of one graph in microbatches of any size', async () => {
    // After one step AdamW's running mean is a tenth of the gradient.
    const gradientOf = async (recipe: Recipe) => {
      const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 5 });
      try {
        const { images, labels } = tinyBatch(recipe, CLASSES, 0);
        const first = copyOf(trainer);
        await trainer.step(images, labels, 0, 0);
        const means = Object.entries(trainer.state.optimizer.mean);
        return {
          first,
          gradient: Object.fromEntries(means.map(([name, x]) => [name, x.map((g) => 10 * g)])),
        };
      } finally {
        await trainer.close();
      }
    };
    const spread = (engine: RecipeTree, changes: RecipeTree = {}) =>
      gradientOf(tinyRecipe({ ...changes, engine, optimizer: { gradientClamp: null } }));
    const same = (
      actual: Record<string, Float32Array>,
      expected: Record<string, TensorData>,
      label: string,
    ) => {
      assert.deepEqual(Object.keys(actual).sort(), Object.keys(expected).sort());
      for (const [name, values] of Object.entries(expected)) {
        const largest = Math.max(...numbers(values).map(Math.abs));
        assert.ok(largest > 0, name);
        assertAllclose(
          actual[name],
          numbers(values),
          { rtol: 1e-4, atol: 2e-5 * largest },
          `${label}: ${name}`,
        );
      }
    };
    const whole = await spread({ replicas: 1 });
    for (const engine of [
      { replicas: 1, microbatch: 3 },
      { replicas: 2, microbatch: 2 },
      { replicas: 3, microbatch: 4 },
    ])
      same((await spread(engine)).gradient, whole.gradient, JSON.stringify(engine));

    const withoutHier = { losses: { hier: { weight: 0 } } };
    const { first, gradient } = await spread({ replicas: 2, microbatch: 1 }, withoutHier);
    const recipe = tinyRecipe(withoutHier);
    const { images, labels } = tinyBatch(recipe, CLASSES, 0);
    const scope = new Scope({ training: true });
    const features = backboneOf(recipe).forward(input('images', imageShape(recipe, 12)), scope);
    const embeddings = head(scope, features, recipe.head);
    const proxies = scope.parameter(CLASS_PROXIES, [CLASSES, 6], zeros);
    const loss = proxyAnchor(embeddings, constant(labels, [12], 'int32'), proxies);
    const { parameters } = scope;
    const grads = gradients(
      loss,
      parameters.map(({ tensor }) => tensor),
    );
    const named = Object.fromEntries(parameters.map(({ name }, i) => [`gradient/${name}`, grads[i]]));
    const found = await evaluate<string>(named, { ...first, images });
    const expected = parameters.map(({ name }) => [name, found[`gradient/${name}`]] as const);
    same(gradient, Object.fromEntries(expected), 'one graph');
  });

  it('leaves the backbone alone in warm-up, while head and proxies move', async () => {
    const { before, after } = await trainFor(tinyRecipe({ schedule: { warmupEpochs: 1 } }), 3);
    for (const [name, values] of Object.entries(after)) {
      const moves = /^head\.|_proxies$/.test(name);
      assert.equal(
        values.some((x, i) => x !== before[name][i]),
        moves,
        name,
      );
    }
    assert.ok(CLASS_PROXIES in after && HIERARCHICAL_PROXIES in after);
    const later = await trainFor(tinyRecipe({ schedule: { warmupEpochs: 1 } }), 6);
    for (const [name, values] of Object.entries(later.after))
      assert.ok(
        values.some((x, i) => x !== before[name][i]),
        `${name} moves after warm-up`,
      );
  });

  it('tracks batch statistics with a tenth of every batch, averaged over the replicas', async () => {
    const recipe = tinyRecipe({}, TINY_CNN);
    const { before, after } = await trainFor(recipe, 1);
    const weight = before['backbone.patch.conv.weight'];
    const { images } = tinyBatch(recipe, CLASSES, 0);
    // The mean over all images of the first convolution: mean of each input place times its weight.
    const expected = Array.from({ length: 4 }, (_, o) => {
      let sum = 0;
      for (let at = 0; at < images.length; at++) {
        const [column, row] = [at % 16, Math.floor(at / 16) % 16];
        const c = Math.floor(at / 256) % 3;
        sum += images[at] * weight[((o * 3 + c) * 2 + (row % 2)) * 2 + (column % 2)];
      }
      return (0.1 * sum) / (recipe.batch.size * 64);
    });
    assertAllclose(after['backbone.patch.norm.running_mean'], expected, { rtol: 1e-3, atol: 1e-5 });
    for (const [name, values] of Object.entries(after))
      if (name.endsWith('running_var'))
        assert.ok(
          values.every((x) => x > 0.89 && Number.isFinite(x)),
          name,
        );
  });

  it('stops at a gradient that is not finite, and has changed nothing', async () => {
    const recipe = tinyRecipe({}, TINY_CNN);
    const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 5 });
    try {
      const { images, labels } = tinyBatch(recipe, CLASSES);
      await trainer.step(images, labels, 0, 0);
      const before = copyOf(trainer);
      images[100] = Number.NaN;
      await assert.rejects(trainer.step(images, labels, 0, 1), (error: Error) => {
        assert.ok(error instanceof HierError);
        assert.match(
          error.message,
          /gradient is not finite in epoch 1, step 2\. Lower optimizer\.learningRate; the last checkpoint is intact/,
        );
        return true;
      });
      assert.deepEqual(copyOf(trainer), before);
      assert.equal(trainer.state.optimizer.step, 1);
    } finally {
      await trainer.close();
    }
  });

  it('embeds in evaluation form, batches of any size, in order', async () => {
    const recipe = tinyRecipe();
    const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: 5 });
    try {
      const { images } = tinyBatch(recipe, CLASSES);
      const size = 3 * 256;
      const [all] = await trainer.embed([images]);
      const parts = await trainer.embed(
        [0, 5, 6, 7].map((from, i) => images.slice(from * size, [5, 6, 7, 12][i] * size)),
      );
      assert.deepEqual(
        parts.map(({ length }) => length / 6),
        [5, 1, 1, 5],
      );
      assertAllclose(Float32Array.from(parts.flatMap((part) => Array.from(part))), all, {
        rtol: 1e-5,
        atol: 1e-6,
      });
    } finally {
      await trainer.close();
    }
  });
});
