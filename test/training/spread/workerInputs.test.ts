/** What a worker loads from data of its own, and a whole run with a worker that does. */
import assert from 'node:assert/strict';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Recipe } from '../../../src/recipe/load.js';
import type { RecipeTree } from '../../../src/recipe/merge.js';
import { OWN_PARTS } from '../../../src/recipe/parts.js';
import { readCheckpoint } from '../../../src/runs/checkpoint.js';
import { runPaths } from '../../../src/runs/folder.js';
import { classBalancedBatch } from '../../../src/training/batches/sampler.js';
import { openData } from '../../../src/training/openData.js';
import { workOn } from '../../../src/training/spread/work.js';
import { absolutePaths, openWorkerInputs } from '../../../src/training/spread/workerInputs.js';
import { train } from '../../../src/training/train.js';
import { openTrainingData } from '../../../src/training/trainingData.js';
import { drawClasses } from '../../cli/support.js';
import { temporaryFolder } from '../../images/support.js';
import { TINY_CNN, tinyRecipe } from '../trainerSupport.js';
import { memoryMeeting } from './support.js';

const SILENT = { progress: () => () => undefined, onNote: () => undefined };
const root = temporaryFolder();
const images = join(root, 'images');
const earlier = process.env.HIER_CACHE;

before(async () => {
  process.env.HIER_CACHE = join(root, 'cache');
  await drawClasses(images, 12, 4);
});
after(() => {
  if (earlier === undefined) delete process.env.HIER_CACHE;
  else process.env.HIER_CACHE = earlier;
});

const recipeOf = (changes: RecipeTree = {}): Recipe =>
  tinyRecipe({ data: { source: images }, engine: { threads: 1 }, ...changes }, TINY_CNN);

describe('the inputs of a worker', () => {
  /** The data of a training, and those that a worker opens by what it is told. */
  async function both(given: Recipe, source?: string) {
    const open = await openData(given, { progress: SILENT.progress, parts: {}, resumes: false });
    const { dataset, splits, recipe, classes, stepsPerEpoch } = open;
    const { name, sha256 } = open.data;
    const opening = { dataset, splits, recipe, registry: OWN_PARTS, sha256, ...SILENT };
    const here = await openTrainingData(opening);
    const part = { name, sha256, classes, kept: null, stepsPerEpoch };
    const there = await openWorkerInputs(absolutePaths(recipe), part, { source, ...SILENT }).catch(
      async (error) => {
        await here.close();
        throw error;
      },
    );
    return { recipe, classes, here, there, part };
  }

  for (const [what, changes] of Object.entries<RecipeTree>({
    'augmented images': {},
    'what is kept of views': { backbone: { trainFrom: 1, views: 2 } },
  }))
    it(`are the rows of the training: ${what}`, async () => {
      const { recipe, classes, here, there } = await both(recipeOf(changes));
      try {
        const at = { seed: recipe.seed, epoch: 1, step: 2 };
        const batch = classBalancedBatch({ ...recipe.batch, batchSize: recipe.batch.size, classes, ...at });
        const whole = await here.load(batch, 1, 2);
        const width = whole.length / recipe.batch.size;
        assert.ok(new Set(whole).size > 10);
        for (const [from, to] of [
          [0, recipe.batch.size],
          [3, 8],
        ]) {
          const expected = whole.slice(from * width, to * width);
          assert.deepEqual(await there.load(1, 2, from, to), expected);
          assert.deepEqual(await here.load(batch, 1, 2, from, to), expected);
        }
      } finally {
        await Promise.all([here.close(), there.close()]);
      }
    });

  it('may lie elsewhere, and have to be the same', async () => {
    const copy = join(root, 'copy');
    cpSync(images, copy, { recursive: true });
    const same = await both(recipeOf(), copy);
    await Promise.all([same.here.close(), same.there.close()]);
    cpSync(join(copy, '00-circle', '0.png'), join(copy, '01-square', '0.png'));
    await assert.rejects(both(recipeOf(), copy), {
      name: 'DataError',
      message: /The data in .*copy are not those of the training: .* Copy the same files/,
    });
    const paths = absolutePaths(recipeOf({ data: { source: 'emoji-9' } }));
    assert.equal(paths.data.source, 'emoji-9');
    assert.equal(
      absolutePaths(recipeOf({ data: { source: 'some/photos' } })).data.source,
      join(process.cwd(), 'some/photos'),
    );
  });
});

it('a run with a worker leaves the same network and checkpoints as one without', async () => {
  const folder = (name: string) => join(root, name);
  let steps = 0;
  // A worker that has come too late has nothing to do; then the run was too short.
  for (let epochs = 8; steps < 2; epochs *= 4) {
    const recipe = recipeOf({ schedule: { epochs }, evaluation: { everyEpochs: epochs } });
    const { meeting, join: knock } = memoryMeeting();
    const worker = workOn({
      channel: knock().channel,
      threads: 1,
      openInputs: (recipe, part) => openWorkerInputs(recipe, part, SILENT),
      onEvent: ({ kind }) => {
        if (kind === 'step') steps++;
      },
    });
    await train({ recipe, folder: folder(`spread${epochs}`), quiet: true, meeting });
    assert.equal(await worker, 'done');
    if (steps < 2) continue;
    await train({ recipe, folder: folder('alone'), quiet: true });
    const [spread, alone] = [`spread${epochs}`, 'alone'].map((name) => runPaths(folder(name)));
    assert.deepEqual(readCheckpoint(spread.last), readCheckpoint(alone.last));
    for (const what of ['metrics', 'model'] as const)
      assert.ok(readFileSync(spread[what]).equals(readFileSync(alone[what])), what);
  }
});
