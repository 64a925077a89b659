import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openDataset } from '../../src/datasets/open.js';
import { holdOutValidation } from '../../src/datasets/validation.js';
import { DataError, UsageError } from '../../src/errors.js';
import { openModel } from '../../src/model/trained.js';
import { randomStream } from '../../src/random.js';
import { type Recipe, recipeToYaml } from '../../src/recipe/load.js';
import { evaluateRetrieval } from '../../src/retrieval/index.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { readRunStatus, runPaths } from '../../src/runs/folder.js';
import { readMetrics } from '../../src/runs/metrics.js';
import { type TrainResult, train } from '../../src/training/train.js';
import { assertAllclose } from '../support/allclose.js';
import { TINY_CNN, tinyRecipe } from './trainerSupport.js';

const root = mkdtempSync(join(tmpdir(), 'hier-train-'));
const images = join(root, 'images');
const at = (name: string) => join(root, name);
/** 12 classes of 6 images: 6 train, of which 2 are held out; 4 × 6 images in batches of 8 are 3 steps an epoch. */
const STEPS = 3;
let recipe: Recipe;
let whole: TrainResult;

/** A coloured disc, square or ring on white for each class, jittered for each image. */
async function drawImages(): Promise<void> {
  const colours = ['#d22', '#2a2', '#22d', '#aa2'];
  const shapes = [
    (x: number, y: number, c: string) => `<circle cx="${x}" cy="${y}" r="7" fill="${c}"/>`,
    (x: number, y: number, c: string) =>
      `<rect x="${x - 6}" y="${y - 6}" width="12" height="12" fill="${c}"/>`,
    (x: number, y: number, c: string) =>
      `<circle cx="${x}" cy="${y}" r="5" fill="none" stroke="${c}" stroke-width="3"/>`,
  ];
  for (let label = 0; label < 12; label++) {
    const folder = join(images, `class${String(label).padStart(2, '0')}`);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 6; i++) {
      const random = randomStream(label, 'drawing', i);
      const [x, y] = [8 + 4 * random.uniform(), 8 + 4 * random.uniform()];
      const shape = shapes[label % 3](x, y, colours[label % 4]);
      const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" fill="#fff"/>${shape}</svg>`;
      await sharp(Buffer.from(svg))
        .png()
        .toFile(join(folder, `${i}.png`));
    }
  }
}

/** A signal that is found aborted when it is asked for the `n`-th time; the loop asks once a step. */
function abortedAfter(n: number): AbortSignal {
  let asked = 0;
  return Object.defineProperty(new AbortController().signal, 'aborted', { get: () => ++asked > n });
}

const read = (folder: string, what: 'metrics' | 'csv' | 'model') => readFileSync(runPaths(folder)[what]);

/** The runs in two folders are the same to the last bit: checkpoints, metrics, exported network. */
function assertSameRun(folder: string, expected: string): void {
  for (const which of ['last', 'best'] as const) {
    const [a, b] = [folder, expected].map((f) => readCheckpoint(runPaths(f)[which]));
    assert.deepEqual(a, b, which);
  }
  for (const what of ['metrics', 'csv'] as const)
    assert.equal(read(folder, what).toString(), read(expected, what).toString());
  assert.ok(read(folder, 'model').equals(read(expected, 'model')));
}

before(async () => {
  await drawImages();
  recipe = tinyRecipe(
    {
      data: { source: images },
      batch: { size: 8 },
      optimizer: { learningRate: 1e-2 },
      schedule: { kind: 'cosine' },
      evaluation: { recallAt: [2] }, // Recall@1 is measured all the same: the best epoch is chosen by it
    },
    TINY_CNN,
  );
  whole = await train({ recipe, folder: at('whole'), quiet: true });
});
after(() => rmSync(root, { recursive: true, force: true }));

describe('a whole run', () => {
  it('reports what it did and leaves a finished folder', () => {
    assert.deepEqual(
      [whole.finished, whole.epochs, whole.steps, whole.folder],
      [true, 4, 4 * STEPS, at('whole')],
    );
    assert.equal(whole.best?.metric, 'validation.recall@1');
    assert.equal(whole.data.splits.train.images, 24);
    assert.equal(readRunStatus(at('whole'))?.state, 'finished');
    const rows = readMetrics(runPaths(at('whole')).metrics);
    const steps = rows.filter((row) => 'train.loss' in row);
    assert.deepEqual(
      steps.map(({ step }) => step),
      Array.from({ length: 4 * STEPS }, (_, i) => i + 1),
    );
    assert.deepEqual(
      rows.filter((row) => 'validation.recall@1' in row).map(({ step, epoch }) => [step, epoch]),
      [0, 1, 2, 3].map((epoch) => [(epoch + 1) * STEPS, epoch]),
    );
    assert.ok(steps.every((row) => Number.isFinite(row['train.loss'])));
    assert.ok(steps.at(-1)!['train.loss'] < steps[0]['train.loss']);
  });

  it('is the same to the last bit when it is run again', async () => {
    await train({ recipe, folder: at('again'), quiet: true });
    assertSameRun(at('again'), at('whole'));
  });

  it('exports the best network: its embeddings give the validation metrics again', async () => {
    const dataset = await openDataset(images);
    const { validation } = holdOutValidation(dataset, recipe.data.validation);
    const model = await openModel(at('whole'));
    try {
      const paths = validation.map((item) => dataset.items[item].path);
      const { embeddings, skipped } = await model.embed(paths, { batch: 5 });
      assert.deepEqual(skipped, []);
      const { metrics } = await evaluateRetrieval({
        embeddings,
        dim: 6,
        labels: validation.map((item) => dataset.items[item].label),
        metric: 'hyperbolic',
        curvature: 0.1,
        recallAt: [1, 2],
      });
      const { best } = whole;
      assert.equal(model.info.trained.epoch, best!.epoch);
      const rows = readMetrics(runPaths(at('whole')).metrics);
      const row = rows.find((one) => one.epoch === best!.epoch - 1 && 'validation.recall@1' in one)!;
      for (const name of ['recall@1', 'recall@2', 'map@r'] as const)
        assertAllclose([metrics[name]!], [row[`validation.${name}`]], { atol: 1e-6 }, name);
    } finally {
      await model.close();
    }
  });
});

describe('a run that was stopped', () => {
  it('in the middle of an epoch goes on to the same end, to the last bit', async () => {
    const folder = at('stopped');
    const stopped = await train({ recipe, folder, quiet: true, signal: abortedAfter(4) });
    assert.deepEqual([stopped.finished, stopped.steps], [false, 4]);
    assert.equal(readCheckpoint(runPaths(folder).last).step, 4);
    assert.ok(!existsSync(runPaths(folder).model));
    cpSync(folder, at('cut'), { recursive: true });
    cpSync(folder, at('changed'), { recursive: true });
    const resumed = await train({ folder, mode: 'resume', quiet: true });
    assert.deepEqual([resumed.finished, resumed.steps], [true, 4 * STEPS]);
    assertSameRun(folder, at('whole'));
  });

  it('by SIGKILL goes on to the same end, to the last bit', { timeout: 900_000 }, async () => {
    const folder = at('killed');
    const file = at('recipe.yaml');
    writeFileSync(file, recipeToYaml(recipe));
    const child = spawn(
      process.execPath,
      [fileURLToPath(new URL('./trainChild.js', import.meta.url)), file, folder],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    // Killed as soon as it is beyond the first epoch; where exactly is left to chance.
    const { metrics } = runPaths(folder);
    while (
      child.exitCode === null &&
      !(existsSync(metrics) && readFileSync(metrics, 'utf8').split('\n').length > 5)
    )
      await sleep(2);
    child.kill('SIGKILL');
    assert.deepEqual(await ended, [null, 'SIGKILL'], 'it was killed while it ran');
    assert.equal(readRunStatus(folder)?.state, 'interrupted');
    await train({ recipe, folder, mode: 'resume', quiet: true });
    assertSameRun(folder, at('whole'));
  });

  it('with a checkpoint cut short says what else there is, and goes on from that', async () => {
    const folder = at('cut');
    const { last } = runPaths(folder);
    truncateSync(last, Math.floor(readFileSync(last).length / 2));
    await assert.rejects(train({ folder, mode: 'resume', quiet: true }), (error: Error) => {
      assert.ok(error instanceof DataError, `${error}`);
      assert.ok(error.message.includes(last));
      assert.match(error.message, /Other checkpoints beside it: best\.safetensors\. Resume from one of them/);
      return true;
    });
    rmSync(last);
    await train({ folder, mode: 'resume', quiet: true });
    assertSameRun(folder, at('whole'));
  });

  it('is not resumed with another recipe', async () => {
    const other = tinyRecipe({ ...(recipe as unknown as Record<string, unknown>), seed: 9 });
    await assert.rejects(
      train({ recipe: other, folder: at('changed'), mode: 'resume', quiet: true }),
      (error: Error) => {
        assert.ok(error instanceof UsageError, `${error}`);
        assert.match(error.message, /has another recipe.*\n {2}seed: 3 → 9\n.*start a new run with --out/);
        return true;
      },
    );
  });

  it('is not resumed on other images', async () => {
    const changed = join(images, 'class00', '0.png');
    const original = readFileSync(changed);
    try {
      writeFileSync(changed, readFileSync(join(images, 'class01', '0.png')));
      await assert.rejects(train({ folder: at('changed'), mode: 'resume', quiet: true }), (error: Error) => {
        assert.ok(error instanceof DataError, `${error}`);
        assert.match(
          error.message,
          /images have changed since the run in .* Restore them, or start a new run with --out/,
        );
        return true;
      });
    } finally {
      writeFileSync(changed, original);
    }
  });

  it('cannot be resumed where there is none, nor started where there is one', async () => {
    await assert.rejects(train({ folder: at('nowhere'), mode: 'resume', quiet: true }), UsageError);
    await assert.rejects(train({ recipe, folder: at('whole'), quiet: true }), /exists already/);
  });
});

describe('a run that cannot start', () => {
  it('fails with the reason, and leaves nothing: no folder, no thread', async () => {
    const broken = at('broken images');
    cpSync(images, broken, { recursive: true });
    writeFileSync(join(broken, 'class00', '0.png'), 'no image');
    const folder = join(at('broken'), 'in', 'new folders');
    const bad = { ...recipe, data: { ...recipe.data, source: broken } };
    await assert.rejects(train({ recipe: bad, folder, quiet: true }), (error: Error) => {
      assert.ok(error instanceof DataError, `${error}`);
      assert.match(error.message, /class00.0\.png/);
      return true;
    });
    assert.ok(!existsSync(at('broken')));
    const kept = at('kept');
    mkdirSync(kept);
    await assert.rejects(train({ recipe: bad, folder: kept, quiet: true }), DataError);
    assert.deepEqual(readdirSync(kept), [], 'a folder that was there stays as it was');
  });
});
