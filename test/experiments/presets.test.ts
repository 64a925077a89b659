import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.js';
import { findPreset, PRESETS, presetRecipe } from '../../src/experiments/presets.js';
import { imageShape } from '../../src/model/graph.js';
import { networkArrays } from '../../src/model/network.js';
import { loadRecipe, recipeToYaml } from '../../src/recipe/load.js';
import { temporaryFolder } from '../images/support.js';

/** HIER's supplement, table 1, column by column. */
const TABLE_1 = {
  cub: { epochs: 50, warmup: 1, lastLayer: 1, decay: 1e-2 },
  cars: { epochs: 50, warmup: 1, lastLayer: 1, decay: 1e-2 },
  sop: { epochs: 150, warmup: 5, lastLayer: 100, decay: 1e-4 },
  'in-shop': { epochs: 150, warmup: 5, lastLayer: 100, decay: 1e-4 },
};

/** HIER's supplement, table 2: DeiT at 128, the two first K in percent. */
const TABLE_2 = {
  cub: [1, 75.2, 2, 84.2],
  cars: [1, 85.1, 2, 91.2],
  sop: [1, 82.5, 10, 92.7],
  'in-shop': [1, 91.0, 10, 98.0],
};

const percent = (recall: number) => Math.round(1000 * recall) / 10;

describe('presets', () => {
  it('are four data sets with seven networks each, under names of their own', () => {
    assert.equal(PRESETS.length, 28);
    assert.equal(new Set(PRESETS.map(({ name }) => name)).size, 28);
    for (const dataset of Object.keys(TABLE_1))
      assert.deepEqual(
        PRESETS.filter((preset) => preset.dataset === dataset).map((p) => `${p.backbone} ${p.embeddingSize}`),
        [
          'vit-s16 128',
          'vit-s16 384',
          'deit-s16 128',
          'deit-s16 384',
          'dino-s16 128',
          'dino-s16 384',
          'resnet50 512',
        ],
      );
  });

  it('have the settings of table 1', () => {
    for (const { name, dataset, backbone } of PRESETS) {
      const { schedule, optimizer } = presetRecipe(name);
      const { epochs, warmup, lastLayer, decay } = TABLE_1[dataset];
      const isVit = backbone !== 'resnet50'; // the supplement speaks of the ViT variants
      assert.deepEqual(
        [schedule.epochs, schedule.warmupEpochs, optimizer.weightDecay, optimizer.multipliers.head],
        [epochs, warmup, decay, isVit ? lastLayer : 1],
        name,
      );
    }
  });

  it("have the rates and schedules of the authors' scripts", () => {
    const rate = (name: string) => presetRecipe(name).optimizer.learningRate;
    assert.deepEqual(
      ['cub-vit-128', 'sop-deit-384', 'cars-dino-128', 'in-shop-dino-384'].map(rate),
      [1e-5, 1e-5, 5e-6, 5e-6],
    );
    const steps = {
      cub: [1e-4, 5, 0.5],
      cars: [1e-4, 10, 0.5],
      sop: [6e-4, 25, 0.3],
      'in-shop': [6e-4, 20, 0.3],
    };
    for (const [dataset, expected] of Object.entries(steps)) {
      const { schedule, optimizer } = presetRecipe(`${dataset}-resnet-512`);
      assert.equal(schedule.kind, 'step');
      assert.deepEqual([optimizer.learningRate, schedule.stepEpochs, schedule.factor], expected);
    }
    assert.ok(
      PRESETS.filter((p) => p.backbone !== 'resnet50').every(
        (p) => presetRecipe(p.name).schedule.kind === 'constant',
      ),
    );
  });

  it('share the batch, the losses and the images', () => {
    for (const { name, backbone, embeddingSize } of PRESETS) {
      const { batch, losses, images, head, optimizer, data } = presetRecipe(name);
      assert.deepEqual(batch, { size: 180, imagesPerClass: 2, replacement: true });
      const { weight, proxies, neighbours, margin, noise, temperature, triplets } = losses.hier;
      assert.deepEqual(
        { weight, proxies, neighbours, margin, noise, temperature, triplets },
        {
          weight: 0.5,
          proxies: 512,
          neighbours: 20,
          margin: 0.1,
          noise: 'exact',
          temperature: 0.1,
          triplets: 50,
        },
      );
      assert.equal(losses.metric.name, 'proxy-anchor');
      assert.deepEqual([images.size, images.resizeTo, head.embeddingSize], [224, 256, embeddingSize]);
      assert.deepEqual([head.curvature, head.clipRadius, head.layerNorm], [0.1, 2.3, true]);
      assert.deepEqual(
        [optimizer.epsilon, optimizer.gradientClamp, optimizer.referenceBatch],
        [1e-4, 10, 180],
      );
      const { hierarchicalProxies, classProxies } = optimizer.multipliers;
      assert.deepEqual([hierarchicalProxies, classProxies, data.validation], [50, 1e4, 0]);
      const { augment } = images;
      assert.ok(augment.kind === 'crop' && augment.flip);
      assert.deepEqual(augment.scale, backbone === 'resnet50' ? [0.08, 1] : [0.2, 1]);
      assert.deepEqual(images.mean, backbone === 'vit-s16' ? [0.5, 0.5, 0.5] : [0.485, 0.456, 0.406]);
    }
  });

  it('evaluate at the K of their data set, which include the published ones', () => {
    const recallAt = {
      cub: [1, 2, 4, 8],
      cars: [1, 2, 4, 8],
      sop: [1, 10, 100, 1000],
      'in-shop': [1, 10, 20, 30],
    };
    for (const { name, dataset, published } of PRESETS) {
      assert.deepEqual(presetRecipe(name).evaluation.recallAt, recallAt[dataset]);
      assert.deepEqual(
        published.map(({ k }) => k),
        recallAt[dataset].slice(0, 3),
      );
      const recalls = published.map(({ recall }) => recall);
      assert.ok(
        recalls.every((x, i) => x > 0.7 && x < 1 && (i === 0 || x > recalls[i - 1])),
        name,
      );
    }
  });

  it('have the published numbers of table 2 and of the main table', () => {
    for (const [dataset, [k1, first, k2, second]] of Object.entries(TABLE_2)) {
      const { published } = findPreset(`${dataset}-deit-128`);
      assert.deepEqual(
        published.slice(0, 2).map(({ k, recall }) => [k, percent(recall)]),
        [
          [k1, first],
          [k2, second],
        ],
      );
    }
    const cell = (name: string) => findPreset(name).published.map(({ recall }) => percent(recall));
    assert.deepEqual(cell('cub-resnet-512'), [70.1, 79.4, 86.9]);
    assert.deepEqual(cell('in-shop-dino-384'), [92.5, 98.6, 99.0]);
    assert.deepEqual(cell('sop-vit-384'), [86.1, 95.0, 98.0]);
    assert.deepEqual(cell('cars-dino-128'), [88.4, 93.3, 95.9]);
  });

  it('build networks of the true shapes', () => {
    for (const [name, width, parameters] of [
      ['cub-vit-384', 384, 21_665_664],
      ['sop-deit-128', 384, 21_666_432],
      ['in-shop-resnet-512', 2048, 23_508_032],
    ] as const) {
      const recipe = presetRecipe(name);
      const arrays = networkArrays(recipe);
      const head = arrays.find((array) => array.name === 'head.weight')!;
      assert.equal(
        head.shape.reduce((a, b) => a * b),
        width * recipe.head.embeddingSize,
      );
      assert.deepEqual(imageShape(recipe, 2), [2, 3, 224, 224]);
      const count = arrays
        .filter(({ name: one }) => one.startsWith('backbone.') && !/running_|\.(mean|variance)$/.test(one))
        .reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
      assert.equal(count, parameters, name);
      const frozen = arrays.filter((array) => !array.trained).map((array) => array.name);
      assert.equal(frozen.includes('backbone.patch_embed.proj.weight'), width === 384);
    }
  });

  it('take overrides, and refuse what they do not know', () => {
    const recipe = presetRecipe('cub-dino-384', ['schedule.epochs=100', 'losses.hier.weight=0']);
    assert.equal(recipe.schedule.epochs, 100);
    assert.equal(recipe.losses.hier.weight, 0);
    assert.throws(
      () => findPreset('cub-dino-385'),
      (error) => error instanceof UsageError && /Did you mean "cub-dino-38/.test(error.message),
    );
    assert.throws(
      () => presetRecipe('cub-dino-384', ['schedule.epoch=3']),
      /preset "cub-dino-384": unknown key "schedule\.epoch"/,
    );
  });

  it('have half the gradient of backbone and head, as two GPUs make it', () => {
    for (const { name } of PRESETS) assert.equal(presetRecipe(name).optimizer.worldSize, 2, name);
    assert.equal(presetRecipe('cub-vit-128', ['optimizer.worldSize=1']).optimizer.worldSize, 1);
  });

  it("train SoftTriple's centres at its authors' rate, unless another is asked for", () => {
    const rate = (...more: string[]) =>
      presetRecipe('cub-deit-128', ['losses.metric.name=soft-triple', ...more]).optimizer.multipliers
        .classProxies;
    assert.equal(rate(), 100);
    assert.equal(rate('optimizer.multipliers.classProxies=7'), 7);
  });

  it('are recipes that survive being written down', () => {
    const folder = temporaryFolder();
    for (const name of ['cub-vit-384', 'sop-deit-128', 'in-shop-resnet-512']) {
      const file = `${folder}/${name}.yaml`;
      writeFileSync(file, recipeToYaml(presetRecipe(name)));
      assert.deepEqual(loadRecipe(file), presetRecipe(name));
    }
  });
});
