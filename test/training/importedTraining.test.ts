import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { DataError } from '../../src/errors.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { exportRun } from '../../src/runs/export/export.js';
import { withRun } from '../../src/runs/run.js';
import { train } from '../../src/training/train.js';
import { networkBytes } from '../backbones/frozen/support.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';

describe('training a network from a file', () => {
  const folder = temporaryFolder();
  const file = join(folder, 'net.onnx');
  const run = join(folder, 'run');
  after(() => rmSync(folder, { recursive: true }));
  const recipe = (epochs: number) =>
    loadRecipe('photos', [
      ...[`data.source=${join(folder, 'shapes')}`, `backbone.onnx=${file}`, 'data.validation=0'],
      ...['head.embeddingSize=8', 'losses.hier.weight=0', 'batch.size=4', 'engine.microbatch=null'],
      ...[`schedule.epochs=${epochs}`, 'schedule.warmupEpochs=0', 'optimizer.learningRate=1e-2'],
    ]);
  before(async () => {
    writeFileSync(file, networkBytes());
    await drawClasses(join(folder, 'shapes'), 4, 3);
  });

  it('starts from its weights, is measured, and is exported as it was trained', async () => {
    const { finished } = await train({ recipe: recipe(1), folder: run, quiet: true });
    assert.ok(finished);
    await withRun(run, async (opened) => {
      const { rows, gain } = await evaluateRun(opened);
      assert.deepEqual(
        rows.map(({ role }) => role),
        ['run', 'run', 'untrained', 'closed-form', 'closed-form', 'closed-form', 'pixels'],
      );
      assert.equal(rows[2].name, 'the network as it came');
      const gained = rows[0].metrics['map@r'] - rows[2].metrics['map@r'];
      assert.ok(Math.abs(gain!.overGiven['map@r'].value - gained) < 1e-9);
      const { parity } = await exportRun(opened, {
        out: join(folder, 'exported'),
        metrics: false,
        images: 2,
      });
      assert.ok(parity.passed);
      assert.ok(parity.rows.length >= 2);
    });
  });

  it('is measured on held-out classes, with a backbone that is not trained in turns', async () => {
    const more = join(folder, 'more');
    await drawClasses(more, 8, 3);
    const { data, head, ...rest } = recipe(1);
    const own = { ...rest, data: { ...data, source: more }, head };
    const frozen = { ...own, backbone: { ...own.backbone, trainFrom: 1 } };
    const inTurns = { ...frozen, data: { ...own.data, crossValidation: 2 } };
    const { gain } = await train({ recipe: inTurns, folder: join(folder, 'turns'), quiet: true });
    assert.deepEqual(gain?.heldOut, { classes: 4, queries: 12, folds: 2 });
    const held = { ...own, data: { ...own.data, validation: 0.5 } };
    const tuned = await train({ recipe: held, folder: join(folder, 'held'), quiet: true });
    assert.deepEqual(tuned.gain?.heldOut, { classes: 2, queries: 6, folds: 1 });
    assert.ok(tuned.best && tuned.gain?.epoch === tuned.best.epoch);
  });

  it('is not resumed with another file, and used without any', async () => {
    const other = join(folder, 'other');
    const stop = new AbortController();
    stop.abort();
    await train({ recipe: recipe(2), folder: other, quiet: true, signal: stop.signal });
    writeFileSync(file, networkBytes({ seed: 2 }));
    await assert.rejects(
      train({ folder: other, mode: 'resume', quiet: true }),
      (error) =>
        error instanceof DataError && /not the network that the recipe was made with/.test(error.message),
    );
    writeFileSync(file, networkBytes());
    assert.ok((await train({ folder: other, mode: 'resume', quiet: true })).finished);
    rmSync(file);
    await withRun(other, async (opened) => {
      const { rows, notes } = await evaluateRun(opened);
      assert.deepEqual(
        rows.map(({ role }) => role),
        ['run', 'run', 'pixels'],
      );
      assert.ok(notes.some((note) => /untrained network is left out: There is no file/.test(note)));
    });
  });
});
