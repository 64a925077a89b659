import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { weightsFolder } from '../../src/backbones/hub/index.js';
import { UsageError } from '../../src/errors.js';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors/safetensors.js';
import { firstValues } from '../../src/model/firstValues.js';
import { networkArrays } from '../../src/model/network.js';
import { untrainedNetwork } from '../../src/model/untrained.js';
import { checkRecipe, recipeToYaml } from '../../src/recipe/load.js';
import { Trainer } from '../../src/training/trainer.js';
import { fixture } from '../backbones/oracle.js';
import { temporaryFolder } from '../images/support.js';
import { tinyBatch, tinyRecipe } from './trainerSupport.js';

/** The network of the fixture vit.safetensors, a checkpoint with timm's names. */
const SMALL = { name: 'tiny-vit', patch: 6, width: 16, depth: 2, heads: 2, mlpRatio: 2 };
const fromFixture = (size = 18) =>
  tinyRecipe({ images: { size, store: size } }, { ...SMALL, weights: fixture('vit') });

describe('training from pretrained weights', () => {
  const cache = process.env.HIER_CACHE;
  before(() => {
    process.env.HIER_CACHE = temporaryFolder();
  });
  after(() => {
    if (cache === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = cache;
  });

  it('starts from the file, says so, and takes a step from there', async () => {
    const recipe = fromFixture();
    const notes: string[] = [];
    const trainer = new Trainer(recipe, { classes: 6, stepsPerEpoch: 2, onNote: (note) => notes.push(note) });
    try {
      const stored = readSafetensors(fixture('vit')).tensors.get('blocks.1.mlp.fc1.weight')!;
      const weight = trainer.state.parameters['backbone.blocks.1.mlp.fc1.weight'];
      assert.deepEqual([...weight], [...(stored.data as Float32Array)]);
      assert.match(
        notes[0],
        /starts from .*vit\.safetensors \(30 arrays\); not used: head\.weight, head\.bias$/,
      );
      const { images, labels } = tinyBatch(recipe, 6);
      const first = await trainer.step(images, labels, 0, 0);
      const second = await trainer.step(images, labels, 0, 1);
      assert.notDeepEqual([...weight], [...(stored.data as Float32Array)]);
      assert.ok(Number.isFinite(first.loss) && second.loss < first.loss, `${first.loss} → ${second.loss}`);
    } finally {
      await trainer.close();
    }
  });

  it('resizes positions for other images, and does not read the file for a run that is resumed', async () => {
    const notes: string[] = [];
    const recipe = fromFixture(24);
    const values = firstValues(recipe, networkArrays(recipe), (note) => notes.push(note));
    assert.equal(values['backbone.pos_embed'].length, 17 * 16);
    assert.match(notes[0], /position embeddings resized from 3 × 3 to 4 × 4/);
    const absent = tinyRecipe({ images: { size: 18, store: 18 } }, { ...SMALL, weights: 'gone.safetensors' });
    const trainer = new Trainer(absent, { classes: 6, stepsPerEpoch: 1, allZero: true });
    assert.ok(trainer.state.parameters['head.weight'].every((x) => x === 0));
    await trainer.close();
  });

  it('makes the untrained baseline the pretrained network', async () => {
    const recipe = fromFixture();
    const images = tinyBatch(recipe, 6).images.slice(0, 2 * 3 * 18 * 18);
    const embed = async (of: typeof recipe) => {
      const model = await untrainedNetwork(of).open();
      const found = await model.run(images);
      await model.close();
      return [...found];
    };
    const random = tinyRecipe({ images: { size: 18, store: 18 } }, SMALL);
    assert.notDeepEqual(await embed(recipe), await embed(random));
  });

  it('finds fetched weights by name, and says how to fetch those that are absent', () => {
    const recipe = checkRecipe({ name: 'x', backbone: { name: 'dino-s16' } });
    const arrays = [{ name: 'backbone.norm.bias', shape: [384] }];
    const read = () => firstValues(recipe, arrays as unknown as Parameters<typeof firstValues>[1]);
    assert.throws(
      read,
      (error) =>
        error instanceof UsageError && /Fetch them with: npx hier weights get dino-s16/.test(error.message),
    );
    mkdirSync(weightsFolder(), { recursive: true });
    const data = Float32Array.from({ length: 384 }, (_, i) => Math.sqrt(i));
    writeSafetensors(join(weightsFolder(), 'dino-s16.safetensors'), [['norm.bias', { shape: [384], data }]]);
    assert.deepEqual(read()['backbone.norm.bias'], data);
    const unknown = tinyRecipe({}, { name: 'tiny-vit', weights: 'dino-s15' });
    assert.throws(() => firstValues(unknown, networkArrays(unknown)), /Did you mean "dino-s16"\?/);
    writeFileSync(join(weightsFolder(), 'dino-s16.safetensors'), '<html>');
    assert.throws(read, /not a sound safetensors file/);
  });

  it('keeps frozen parameters and running statistics as they were', async () => {
    const recipe = tinyRecipe(
      { images: { size: 18, store: 18 } },
      { ...SMALL, weights: fixture('vit'), frozenPatches: true },
    );
    const trainer = new Trainer(recipe, { classes: 6, stepsPerEpoch: 1 });
    try {
      const still = trainer.state.statistics;
      assert.deepEqual(Object.keys(still), [
        'backbone.patch_embed.proj.weight',
        'backbone.patch_embed.proj.bias',
      ]);
      const before = still['backbone.patch_embed.proj.weight'].slice();
      const token = trainer.state.parameters['backbone.cls_token'].slice();
      const { images, labels } = tinyBatch(recipe, 6);
      const { loss } = await trainer.step(images, labels, 0, 0);
      assert.ok(Number.isFinite(loss));
      assert.deepEqual(still['backbone.patch_embed.proj.weight'], before);
      assert.notDeepEqual(trainer.state.parameters['backbone.cls_token'], token);
      assert.ok(!('backbone.patch_embed.proj.weight' in trainer.state.optimizer.mean));
    } finally {
      await trainer.close();
    }
  });
});

describe('recipes with published backbones', () => {
  it('normalise images as the weights were trained, unless they say otherwise', () => {
    const means = (backbone: string, images = {}) =>
      checkRecipe({ name: 'x', images, backbone: { name: backbone } }).images.mean;
    assert.deepEqual(means('vit-s16'), [0.5, 0.5, 0.5]);
    for (const name of ['deit-s16', 'dino-s16', 'dinov2-s14', 'resnet50'])
      assert.deepEqual(means(name), [0.485, 0.456, 0.406]);
    assert.deepEqual(means('dino-s16', { mean: [0.5, 0.5, 0.5] }), [0.5, 0.5, 0.5]);
    assert.deepEqual(
      checkRecipe({ name: 'x', backbone: { name: 'dino-s16' } }).images.std,
      [0.229, 0.224, 0.225],
    );
  });

  it('start from the weights of their name, and need whole patches', () => {
    const recipe = checkRecipe({ name: 'x', backbone: { name: 'deit-s16' } });
    assert.deepEqual(recipe.backbone, {
      name: 'deit-s16',
      weights: 'deit-s16',
      trainFrom: 0,
      views: 4,
      adapters: null,
      frozenPatches: true,
      feature: 'class-then-mean',
    });
    assert.match(recipeToYaml(recipe), /weights: deit-s16/);
    assert.throws(
      () => checkRecipe({ name: 'x', images: { size: 225 }, backbone: { name: 'dinov2-s14' } }),
      /"images\.size" \(225\) must be a multiple of 14, the side of a patch of "backbone\.name" \(dinov2-s14\)/,
    );
    checkRecipe({ name: 'x', images: { size: 225 }, backbone: { name: 'resnet50' } });
    assert.throws(
      () => checkRecipe({ name: 'x', backbone: { name: 'vit-s16', feature: 'mean' } }),
      /unknown key "backbone\.feature"/,
    );
  });
});
