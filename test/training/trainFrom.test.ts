import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { openDataset } from '../../src/datasets/open.js';
import { openSession } from '../../src/graph/index.js';
import { firstValues } from '../../src/model/firstValues.js';
import { frozenPart } from '../../src/model/frontier.js';
import { networkArrays } from '../../src/model/network.js';
import type { RecipeTree } from '../../src/recipe/merge.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { parityOf } from '../../src/runs/export/parity.js';
import { runPaths } from '../../src/runs/folder.js';
import { withRun } from '../../src/runs/run.js';
import { frozenFeatures } from '../../src/training/frozenFeatures.js';
import { train } from '../../src/training/train.js';
import { Trainer } from '../../src/training/trainer.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';
import { TINY_CNN, TINY_VIT, tinyBatch, tinyRecipe } from './trainerSupport.js';

const VIT = { ...TINY_VIT, depth: 2 };
const ONE = { threads: 1, replicas: 1 };
const CNN = { ...TINY_CNN, widths: [8, 8], blocks: [1, 1], bottleneck: [4, 4] };

describe('training from a block on', () => {
  const root = temporaryFolder();
  const cache = join(root, 'cache');
  const earlier = process.env.HIER_CACHE;
  let source: string;
  const trainedBy = async (name: string, backbone: RecipeTree, changes: RecipeTree = {}) => {
    const recipe = tinyRecipe({
      data: { source },
      schedule: { epochs: 1 },
      engine: ONE,
      backbone,
      ...changes,
    });
    const folder = join(root, name);
    await train({ recipe, folder, quiet: true });
    return { recipe, folder, checkpoint: readCheckpoint(runPaths(folder).last) };
  };

  before(async () => {
    process.env.HIER_CACHE = cache;
    source = await drawClasses(join(root, 'images'), 12, 4);
  });
  after(() => {
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
  });

  it('takes the steps that it takes with the frozen part in every one', async () => {
    const recipe = tinyRecipe({
      backbone: { ...CNN, trainFrom: 'stages.1' },
      engine: ONE,
      losses: { hier: { weight: 0 } },
    });
    const known = firstValues(recipe, networkArrays(recipe));
    const sizes = { classes: 6, stepsPerEpoch: 3, known };
    const whole = new Trainer(recipe, { ...sizes, input: 'images' });
    const behind = new Trainer(recipe, { ...sizes, input: 'frontier' });
    const session = await openSession(frozenPart(recipe)!.model(known));
    try {
      for (let step = 0; step < 3; step++) {
        const { images, labels } = tinyBatch(recipe, 6, step);
        const { features } = await session.run({ images });
        const a = await whole.step(images, labels, 0, step);
        const b = await behind.step(features as Float32Array, labels, 0, step);
        assert.ok(Math.abs(a.loss - b.loss) <= 1e-5 * Math.abs(a.loss), `${a.loss} ${b.loss}`);
        assert.ok(Math.abs(a.gradientNorm - b.gradientNorm) <= 1e-4 * a.gradientNorm);
      }
      const { parameters, statistics } = behind.state;
      assert.deepEqual(Object.keys(parameters).sort(), Object.keys(whole.state.parameters).sort());
      assert.ok(Object.keys(statistics).every((name) => /stages\.1\..*running_/.test(name)));
    } finally {
      await Promise.all([whole.close(), behind.close(), session.close()]);
    }
  });

  it('changes nothing in front of the block, and writes a whole model', async () => {
    const { recipe, folder, checkpoint } = await trainedBy('part', { ...VIT, trainFrom: 'blocks.1' });
    const names = Object.keys(checkpoint.parameters).filter((name) => name.startsWith('backbone.'));
    assert.ok(
      names.length > 0 && names.every((name) => /^backbone\.(blocks\.1|norm)\./.test(name)),
      names.join(),
    );
    const first = firstValues(recipe, networkArrays(recipe));
    assert.notDeepEqual(
      checkpoint.parameters['backbone.blocks.1.mlp.fc1.weight'].data,
      first['backbone.blocks.1.mlp.fc1.weight'],
    );
    const parity = await withRun(folder, async (run) =>
      parityOf(run, { collection: await run.collection(), images: 3, tolerance: 1e-5 }),
    );
    assert.ok(parity.passed, JSON.stringify(parity));
  });

  it('with adapters trains these alone, and merges them into the model', async () => {
    const { folder, checkpoint } = await trainedBy('adapted', {
      ...VIT,
      trainFrom: 'blocks.1',
      adapters: { rank: 2, alpha: 8 },
    });
    const names = Object.keys(checkpoint.parameters).filter((name) => name.startsWith('backbone.'));
    assert.ok(
      names.length === 8 && names.every((name) => /^backbone\.blocks\.1\..*\.lora_[ab]$/.test(name)),
      names.join(),
    );
    assert.ok(checkpoint.parameters['backbone.blocks.1.attn.qkv.weight.lora_b'].data.some((x) => x !== 0));
    const parity = await withRun(folder, async (run) =>
      parityOf(run, { collection: await run.collection(), images: 3, tolerance: 1e-5 }),
    );
    assert.ok(parity.passed, JSON.stringify(parity));
    assert.equal(parity.rows.length, 3);
  });

  it('ends the same whether what is kept is in memory or in a file, read again or made again', async () => {
    const backbone = { ...VIT, trainFrom: 'blocks.1', views: 2 };
    const before = readdirSync(join(cache, 'features')).length;
    const [first, again] = [await trainedBy('memory', backbone), await trainedBy('again', backbone)];
    assert.equal(readdirSync(join(cache, 'features')).length, before + 1, 'the views');
    const file = await trainedBy('file', backbone, {
      engine: { ...ONE, keptMemory: 0 },
    });
    for (const other of [again, file])
      assert.deepEqual({ ...other.checkpoint.parameters }, { ...first.checkpoint.parameters });
  });

  it('draws views of an image that differ from each other and from the image', async () => {
    const recipe = tinyRecipe({ data: { source }, backbone: { ...VIT, trainFrom: 'blocks.1' } });
    const part = frozenPart(recipe)!;
    const dataset = await openDataset(source);
    const model = part.model(firstValues(recipe, networkArrays(recipe)));
    const { width } = part;
    const options = { recipe, dataset, model, width, items: [3, 7], sha256: 'views' };
    const views = await frozenFeatures({ ...options, views: 3 });
    const plain = await frozenFeatures(options);
    const rows = [0, 2, 4].map((row) => views.read([row]));
    for (const [i, row] of rows.entries())
      for (const other of [plain.read([0]), ...rows.slice(0, i)]) assert.notDeepEqual(row, other);
    const later = await frozenFeatures({ ...options, views: 2, batch: 32 });
    assertAllclose(later.read([0]), rows[0], { atol: 0, rtol: 0 });
  });
});
