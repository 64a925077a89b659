import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { HierError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { randomStream } from '../../src/random.js';
import { CLASS_PROXIES, HIERARCHICAL_PROXIES } from '../../src/recipe/arrays.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { recipeCollection } from '../../src/runs/data.js';
import { runPaths } from '../../src/runs/folder.js';
import { readRunStatus } from '../../src/runs/status.js';
import { hasTrial, runOfTrial } from '../../src/training/finalFit.js';
import { train } from '../../src/training/train.js';
import { temporaryFolder } from '../images/support.js';

const DIM = 12;
const CLASSES = 12;
const EACH = 6;

describe('a fit on all classes after a trial', () => {
  const root = temporaryFolder();
  const file = join(root, 'features.npy');
  const labels = join(root, 'labels.csv');
  before(() => {
    const data = new Float32Array(CLASSES * EACH * DIM);
    for (let row = 0; row < CLASSES * EACH; row++) {
      const centre = randomStream(1, 'centre', Math.floor(row / EACH));
      const own = randomStream(2, 'noise', row);
      for (let k = 0; k < DIM; k++)
        data[row * DIM + k] = k < 6 ? centre.normal() + 0.4 * own.normal() : 2 + 1.5 * own.normal();
    }
    writeNpy(file, { shape: [CLASSES * EACH, DIM], data });
    const lines = Array.from({ length: CLASSES * EACH }, (_, row) => `c${Math.floor(row / EACH)},train`);
    writeFileSync(labels, `label,split\n${lines.join('\n')}\n`);
  });
  const recipe = (...more: string[]) =>
    loadRecipe('vectors', [
      ...[`data.source=${file}`, `data.labels=${labels}`, 'data.crossValidation=0', 'data.validation=0.5'],
      ...['data.finalFit=true', 'losses.hier.weight=0', 'batch.size=12', 'schedule.epochs=3'],
      ...['optimizer.learningRate=1e-2', 'engine.replicas=1', ...more],
    ]);

  /** Steps that a run has taken, by its metrics. */
  const stepsOf = (folder: string) =>
    existsSync(runPaths(folder).metrics)
      ? readFileSync(runPaths(folder).metrics, 'utf8').trim().split('\n').length
      : 0;

  it('has as many epochs as were best in the trial, and all classes', async () => {
    const folder = join(root, 'run');
    const result = await train({ recipe: recipe('head.initial=random'), folder, quiet: true });
    const { trial, last } = runPaths(folder);
    assert.equal(readRunStatus(trial)?.state, 'finished');
    assert.equal(readCheckpoint(runPaths(trial).last).parameters[CLASS_PROXIES].shape[0], CLASSES / 2);
    const { parameters, epoch, step } = readCheckpoint(last);
    assert.equal(parameters[CLASS_PROXIES].shape[0], CLASSES);
    // The network is left as it is after the best epoch of the trial, and without HIER nothing follows.
    const best = result.best!.epoch;
    assert.ok(best >= 1);
    assert.equal(stepsOf(folder), best * ((CLASSES * EACH) / 12));
    assert.deepEqual([epoch, step], [3, (3 * CLASSES * EACH) / 12]);
    // None of its classes is one that it has not seen.
    assert.equal((await recipeCollection(result.recipe, 'train')).items.length, CLASSES * EACH);
  });

  it('is the closed form of all classes where no epoch of the trial gained', async () => {
    const folder = join(root, 'closed');
    const { finished, gain } = await train({
      recipe: recipe('optimizer.multipliers.head=0'),
      ...{ folder, quiet: true },
    });
    assert.ok(finished);
    assert.equal(stepsOf(folder), 0);
    assert.equal(gain?.epoch, 0);
    assert.deepEqual(gain?.heldOut, { classes: CLASSES / 2, queries: (CLASSES / 2) * EACH, folds: 1 });
    assert.ok(gain?.notes.some((note) => note.includes('all 12 training classes')));
    assert.ok(readFileSync(runPaths(folder).model).length > 0);
  });

  it('takes the gain of its trial as it was when the record of it is damaged or lost', async () => {
    const { gain, last, trial } = runPaths(join(root, 'closed'));
    const records = [gain, runPaths(trial).gain, last];
    const then = records.map((path) => readFileSync(path));
    writeFileSync(gain, '{');
    rmSync(runPaths(trial).gain);
    assert.ok((await train({ folder: join(root, 'closed'), mode: 'resume', quiet: true })).finished);
    assert.deepEqual(
      records.map((path) => readFileSync(path)),
      then,
    );
  });

  it('stays finished when resuming it fails, and its trial is not resumed in its place', async () => {
    const folder = join(root, 'closed');
    const away = `${file}.away`;
    renameSync(file, away);
    await assert.rejects(train({ folder, mode: 'resume', quiet: true }), HierError);
    renameSync(away, file);
    assert.equal(readRunStatus(folder)?.state, 'finished');
    assert.equal(runOfTrial(runPaths(folder).trial), folder);
    assert.deepEqual([folder, root].map(runOfTrial), [null, null]);
  });

  it('has ancestors that learned for the network that is kept', async () => {
    const folder = join(root, 'ancestors');
    const more = [
      'losses.hier.weight=1',
      'losses.hier.proxies=4',
      'losses.hier.triplets=2',
      'losses.hier.neighbours=2',
      'losses.hier.start=0.67',
    ];
    const { best } = await train({ recipe: recipe(...more), folder, quiet: true });
    const [own, without] = ['ancestors', 'closed'].map((name) =>
      readCheckpoint(runPaths(join(root, name)).last),
    );
    assert.ok(best!.epoch <= 2, 'HIER begins in the third epoch, after the best one');
    assert.deepEqual(own.parameters['head.weight'], without.parameters['head.weight']);
    const { data } = own.parameters[HIERARCHICAL_PROXIES];
    assert.ok(data.some((value) => value !== 0));
    assert.equal(stepsOf(folder), (best!.epoch + 1) * ((CLASSES * EACH) / 12));
  });

  it('is the same when the run was stopped in its trial', async () => {
    const folder = join(root, 'stopped');
    const stop = new AbortController();
    stop.abort();
    const first = await train({
      recipe: recipe('head.initial=random'),
      folder,
      quiet: true,
      signal: stop.signal,
    });
    assert.equal(first.finished, false);
    assert.equal(first.folder, folder);
    const { finished, steps } = await train({ folder, mode: 'resume', quiet: true });
    assert.ok(finished);
    const whole = readCheckpoint(runPaths(join(root, 'run')).last);
    const own = readCheckpoint(runPaths(folder).last);
    assert.equal(own.step, steps);
    assert.deepEqual(own.parameters['head.weight'], whole.parameters['head.weight']);
  });

  it('is not asked for where nothing is held out', () => {
    assert.equal(hasTrial(recipe()), true);
    assert.equal(hasTrial(recipe('data.validation=0')), false);
  });
});
