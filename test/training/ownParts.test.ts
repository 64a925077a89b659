import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { backbone } from '../../src/backbones/index.js';
import { UsageError } from '../../src/errors.js';
import { add, globalAveragePool, mean, mul, oneWhere, relu, sub, sum } from '../../src/graph/index.js';
import { metricLoss } from '../../src/losses/metricLoss.js';
import { cosines, ownClass } from '../../src/losses/similarities.js';
import { convolution } from '../../src/nn/index.js';
import { checkRecipe, type Recipe } from '../../src/recipe/load.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { runPaths } from '../../src/runs/folder.js';
import { train } from '../../src/training/train.js';
import { drawClasses } from '../cli/support.js';
import grey from '../images/outsideAugmentation.js';
import { temporaryFolder } from '../images/support.js';
import { tinyRecipe } from './trainerSupport.js';

const centre = metricLoss({
  about: 'distance to the own class proxy',
  settings: { scale: { default: 1, above: 0, about: 'factor, above 0' } },
  proxies: (classes) => ({ count: classes, initial: { kind: 'normal', std: 1 } }),
  build: ({ embeddings, labels, proxies, classes }, { scale }) => {
    const own = oneWhere(ownClass(labels, classes), embeddings.dtype);
    const cosine = sum(mul(cosines(embeddings, proxies!), own), { axes: [1] });
    return mul(mean(sub(1, cosine)), scale);
  },
});
const oneLayer = backbone({
  about: 'one convolution and its mean',
  settings: { width: { default: 8, whole: true, least: 1, about: 'channels, from 1' } },
  build: ({ width }) => ({
    width,
    forward: (images, scope) => {
      const x = convolution(scope, 'backbone.conv', images, width, { kernel: 2, stride: 2 });
      return globalAveragePool(add(relu(x), x));
    },
  }),
});
const losses = { centre };
const backbones = { 'one-layer': oneLayer };
const augmentations = { grey };
const parts = { losses, backbones, augmentations };

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
let recipe: Recipe;
before(async () => {
  const { name, ...tiny } = tinyRecipe({
    data: { source: await drawClasses(at('drawings'), 12, 4) },
    schedule: { epochs: 2 },
    batch: { size: 8 },
  });
  recipe = checkRecipe(
    {
      ...tiny,
      name,
      images: { ...tiny.images, augment: { kind: 'grey' } },
      backbone: { name: 'one-layer' },
      losses: { ...tiny.losses, metric: { name: 'centre', scale: 2 } },
    },
    'test',
    parts,
  );
});
after(() => rmSync(folder, { recursive: true, force: true }));

/** A signal that is found aborted when it is asked for the `n`-th time; the loop asks once a step. */
function abortedAfter(n: number): AbortSignal {
  let asked = 0;
  return Object.defineProperty(new AbortController().signal, 'aborted', { get: () => ++asked > n });
}

describe('training with parts from outside', () => {
  it('is resumed with them, and is then what it would have been', async () => {
    const whole = await train({ recipe, folder: at('whole'), quiet: true, ...parts });
    assert.ok(whole.finished);
    const stopped = await train({
      recipe,
      folder: at('run'),
      quiet: true,
      signal: abortedAfter(1),
      ...parts,
    });
    assert.equal(stopped.steps, 1);
    const resume = { folder: at('run'), mode: 'resume', quiet: true } as const;
    await assert.rejects(
      train({ ...resume, losses, augmentations }),
      (error) =>
        error instanceof UsageError &&
        /the backbone "one-layer", which hier does not ship/.test(error.message),
    );
    const other = { ...oneLayer, settings: { width: { ...oneLayer.settings.width, default: 4, most: 4 } } };
    await assert.rejects(
      train({ ...resume, ...parts, backbones: { 'one-layer': other } }),
      /"backbone\.width" must be at most 4/,
    );
    assert.ok((await train({ ...resume, ...parts })).finished);
    const [a, b] = [at('run'), at('whole')].map((run) => readCheckpoint(runPaths(run).last));
    assert.deepEqual(a, b);
    const [model, expected] = [at('run'), at('whole')].map((run) => readFileSync(runPaths(run).model));
    assert.ok(model.equals(expected));
  });

  it('is refused without them when it starts, before a folder is made', async () => {
    await assert.rejects(
      train({ recipe, folder: at('without'), quiet: true, losses }),
      (error) =>
        error instanceof UsageError &&
        /recipe "tiny" names the backbone "one-layer" and the augmentation "grey".* train\(\{ recipe, folder: ".*", backbones: \{ 'one-layer': … \}/.test(
          error.message,
        ),
    );
    assert.throws(() => readFileSync(at('without')), /ENOENT/);
  });

  it('trains the head alone on features of a frozen backbone from outside', async () => {
    const frozen = checkRecipe(
      {
        ...recipe,
        backbone: { name: 'one-layer', frozen: true },
        images: { ...recipe.images, augment: { kind: 'none' } },
      },
      'test',
      parts,
    );
    const { finished } = await train({ recipe: frozen, folder: at('frozen'), quiet: true, ...parts });
    assert.ok(finished);
  });
});
