/** A process of its own for the tests of the run folder: `hold FOLDER` or `fill FOLDER`. Not a test. */

import { loadRecipe } from '../../src/recipe/load.js';
import { writeCheckpoint } from '../../src/runs/checkpoint.js';
import { openRunFolder } from '../../src/runs/folder.js';
import { openMetricsLog } from '../../src/runs/metrics.js';
import { createAdamW } from '../../src/training/optimizer.js';

const [, , action, folder] = process.argv;
const run = openRunFolder(folder);

function checkpoint(step: number, size: number): void {
  const data = new Float32Array(size).fill(step);
  writeCheckpoint(run.paths.last, {
    epoch: 0,
    step,
    seed: 0,
    best: null,
    recipeHash: 'r',
    dataFingerprint: 'd',
    parameters: { a: { shape: [size], data } },
    optimizer: createAdamW({ a: data }),
    statistics: {},
  });
}

if (action === 'hold') {
  // Trains for ever, a checkpoint every third step, until it is killed.
  run.describe({ recipe: loadRecipe('smoke'), data: { images: 10 } });
  const metrics = openMetricsLog(run.paths);
  for (let step = 1; ; step++) {
    metrics.log({ step, epoch: 0, loss: 1 / step });
    if (step % 3 === 0) checkpoint(step, 20_000);
    if (step === 3) process.stdout.write('ready\n');
  }
} else {
  // A checkpoint that fits the disk, then larger ones until the disk is full.
  checkpoint(1, 1000);
  try {
    for (let size = 2000; ; size *= 2) checkpoint(size, size);
  } catch (error) {
    run.fail(error);
    process.stdout.write(JSON.stringify({ name: (error as Error).name, message: (error as Error).message }));
  }
}
