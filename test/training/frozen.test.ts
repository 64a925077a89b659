import assert from 'node:assert/strict';
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openDataset } from '../../src/datasets/open.js';
import { UsageError } from '../../src/errors.js';
import { firstValues } from '../../src/model/firstValues.js';
import { frozenPart } from '../../src/model/frontier.js';
import { networkArrays } from '../../src/model/network.js';
import { openModel } from '../../src/model/trained.js';
import { untrainedNetwork } from '../../src/model/untrained.js';
import { recipeHash } from '../../src/recipe/load.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { runPaths } from '../../src/runs/folder.js';
import { withRun } from '../../src/runs/run.js';
import { type FrozenOptions, frozenFeatures } from '../../src/training/frozenFeatures.js';
import { train } from '../../src/training/train.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';
import { TINY_CNN, tinyRecipe } from './trainerSupport.js';

describe('a frozen backbone', () => {
  const root = temporaryFolder();
  const cache = join(root, 'cache');
  const earlier = process.env.HIER_CACHE;
  const run = join(root, 'run');
  const features = join(cache, 'features');
  let recipe: ReturnType<typeof tinyRecipe>;

  before(async () => {
    process.env.HIER_CACHE = cache;
    const source = await drawClasses(join(root, 'images'), 12, 4);
    const changes = { data: { source }, images: { augment: { kind: 'none' } }, backbone: { frozen: true } };
    recipe = tinyRecipe(changes, TINY_CNN);
    await train({ recipe, folder: run, quiet: true });
  });
  after(() => {
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
  });

  it('is not trained: the checkpoint holds head and proxies, the model the first backbone', async () => {
    const { parameters, statistics } = readCheckpoint(runPaths(run).last);
    assert.deepEqual(Object.keys(parameters).sort(), [
      'class_proxies',
      'head.bias',
      'head.weight',
      'hierarchical_proxies',
    ]);
    assert.deepEqual(statistics, {});
    const first = firstValues(recipe, networkArrays(recipe));
    assert.notDeepEqual(parameters['head.weight'].data, first['head.weight']);
  });

  it('gives the features that the whole network has inside, and keeps them', async () => {
    const dataset = await openDataset(recipe.data.source);
    const items = [5, 3, 8];
    const options = { recipe, dataset, items, sha256: 'a' };
    const made = await featuresOf(options);
    const files = readdirSync(features);
    assert.equal(files.length, 2, 'those of the training and these');
    const times = files.map((file) => statSync(join(features, file)).mtimeMs);
    let embedded = 0;
    const kept = await featuresOf({ ...options, onProgress: () => embedded++ });
    assert.equal(embedded, 0);
    assert.deepEqual(kept.features, made.features);
    const other = await featuresOf({ ...options, items: [3], batch: 1 });
    assertAllclose(other.features, made.features.slice(made.width, 2 * made.width), {
      rtol: 1e-5,
      atol: 1e-6,
    });
    assert.deepEqual(
      files.map((file) => statSync(join(features, file)).mtimeMs),
      times,
    );
    // Head over the features is the network over the images.
    const untrained = await untrainedNetwork(recipe).open();
    try {
      const { embeddings } = await untrained.embed(items.map((item) => dataset.items[item].path));
      const { normalised } = headOf(made.features, made.width);
      const weight = firstValues(recipe, networkArrays(recipe))['head.weight'];
      // The direction of an embedding is that of the linear layer's output: its bias is 0 at first.
      for (let i = 0; i < items.length; i++) {
        const row = embeddings.subarray(i * 6, (i + 1) * 6);
        const output = Array.from({ length: 6 }, (_, k) =>
          normalised[i].reduce((sum, x, j) => sum + x * weight[k * made.width + j], 0),
        );
        const [a, b] = [Math.hypot(...row), Math.hypot(...output)];
        assertAllclose(
          Array.from(row, (x) => x / a),
          output.map((x) => x / b),
          { atol: 1e-4 },
        );
      }
    } finally {
      await untrained.close();
    }
  });

  it('makes features again that are damaged', async () => {
    const dataset = await openDataset(recipe.data.source);
    const options = { recipe, dataset, items: [1, 2], sha256: 'b' };
    const before = new Set(readdirSync(features));
    const made = await featuresOf(options);
    const file = readdirSync(features).find((name) => !before.has(name))!;
    truncateSync(join(features, file), 100);
    const notes: string[] = [];
    const again = await featuresOf({ ...options, onNote: (note) => notes.push(note) });
    assert.deepEqual(again.features, made.features);
    assert.match(notes.join(), /The features are made again/);
  });

  it('trains a model of images, evaluated as any other', async () => {
    const model = await openModel(run);
    await model.close();
    assert.equal(model.info.vectors, undefined);
    const { rows } = await withRun(run, (opened) => evaluateRun(opened));
    assert.ok(rows.every(({ metrics }) => Number.isFinite(metrics['recall@1'])));
    assert.notEqual(rows[0].metrics['map@r'], rows[2].metrics['map@r'], 'the head has learned');
  });

  it('keeps embeddings of whole splits at the end when asked to, those of the exported network', async () => {
    const whole = { ...recipe, data: { ...recipe.data, validation: 0 } };
    const folder = join(root, 'kept');
    await train({ recipe: whole, folder, quiet: true, keep: ['test', 'train'] });
    await withRun(folder, async (opened) => {
      const model = await opened.model();
      for (const split of ['test', 'train'] as const) {
        const collection = await opened.collection({ split });
        const { embeddings } = await model.embed(collection.items.map(({ path }) => path));
        assertAllclose(opened.keptEmbeddings(collection)!, embeddings, { rtol: 1e-4, atol: 1e-6 });
      }
    });
    // Those of a best epoch are of another network than the last: they are left to whoever asks.
    await withRun(run, async (opened) =>
      assert.equal(opened.keptEmbeddings(await opened.collection({ split: 'train' })), undefined),
    );
  });

  it('is what trainFrom: 1 says, in recipes and in the hash that checkpoints carry', () => {
    const older = tinyRecipe({ backbone: { frozen: true } }, TINY_CNN);
    assert.equal(older.backbone.trainFrom, 1);
    assert.ok(!('frozen' in older.backbone));
    assert.deepEqual(older, tinyRecipe({ backbone: { trainFrom: 1 } }, TINY_CNN));
    assert.deepEqual(tinyRecipe({ backbone: { frozen: false } }, TINY_CNN), tinyRecipe({}, TINY_CNN));
    // As version 0.1.0 hashed them, when a backbone had `frozen` and nothing of what came with trainFrom.
    const plain = tinyRecipe({ backbone: { frozen: true }, images: { augment: { kind: 'none' } } }, TINY_CNN);
    assert.equal(recipeHash(plain).slice(0, 12), '91a9d1f60575');
    assert.equal(recipeHash(tinyRecipe({}, TINY_CNN)).slice(0, 12), 'f8a77a66dfa9');
    assert.throws(
      () => tinyRecipe({ backbone: { frozen: true, trainFrom: 0.5 } }, TINY_CNN),
      (error: Error) => error instanceof UsageError && /unknown key "backbone.frozen"/.test(error.message),
    );
  });
});

/** What is kept of items by a recipe whose backbone is not trained, with its width. */
async function featuresOf(
  options: Omit<FrozenOptions, 'model' | 'width'>,
): Promise<{ readonly features: Float32Array; readonly width: number }> {
  const { recipe, items } = options;
  const part = frozenPart(recipe)!;
  const arrays = networkArrays(recipe).filter(({ name }) => name.startsWith('backbone.'));
  const rows = await frozenFeatures({
    ...options,
    model: part.model(firstValues(recipe, arrays)),
    width: part.width,
  });
  try {
    return { features: rows.read([...items.keys()]), width: rows.width };
  } finally {
    rows.close();
  }
}

/** Rows normalised to mean 0 and variance 1, as the head's layer normalisation does. */
function headOf(features: Float32Array, width: number) {
  const rows = Array.from({ length: features.length / width }, (_, i) =>
    Array.from(features.subarray(i * width, (i + 1) * width)),
  );
  const normalised = rows.map((row) => {
    const mean = row.reduce((sum, x) => sum + x, 0) / width;
    const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width;
    return row.map((x) => (x - mean) / Math.sqrt(variance + 1e-5));
  });
  return { normalised };
}
