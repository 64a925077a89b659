/** Saving within an epoch: when it is due, and that a run which died is resumed from there, equal to the bit. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { describe, it, mock, test } from 'node:test';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { runPaths } from '../../src/runs/folder.js';
import { saveTimer } from '../../src/training/saveTimer.js';
import { train } from '../../src/training/train.js';
import { temporaryFolder } from '../images/support.js';
import { vectorRecipe } from '../runs/vectorRun.js';

test('it is time to save when the minutes are over since the last time', () => {
  let now = 1000;
  const timer = saveTimer(2, () => now);
  assert.equal(timer.isDue(), false);
  now += 119_999;
  assert.equal(timer.isDue(), false);
  now += 1;
  assert.equal(timer.isDue(), true);
  timer.saved();
  assert.equal(timer.isDue(), false);
  now += 120_000;
  assert.equal(timer.isDue(), true);
  assert.equal(saveTimer(Number.POSITIVE_INFINITY, () => now).isDue(), false);
});

describe('a run that dies within an epoch', () => {
  const root = temporaryFolder();

  it('loses no more than the minutes say, and resumed becomes the same to the bit', async () => {
    const recipe = vectorRecipe(root, ['schedule.epochs=3', 'snapshots.epochs=[]']);
    const whole = join(root, 'whole');
    const { steps } = await train({ recipe, folder: whole, quiet: true });
    const perEpoch = steps / 3;
    assert.ok(perEpoch >= 3, `${perEpoch} steps an epoch`);
    const dies = perEpoch + 2; // the second step of the second epoch is done, the third is not logged

    for (const [name, saveEvery, kept] of [
      ['timed', 1e-9, dies],
      ['untimed', 60, perEpoch],
    ] as const) {
      const folder = join(root, name);
      const write = fs.openSync;
      const stub = mock.method(fs, 'openSync', (...given: Parameters<typeof fs.openSync>) => {
        const isLog = String(given[0]).endsWith('metrics.jsonl') && given[1] === 'a';
        if (isLog && stepsLogged(String(given[0])) >= dies)
          throw Object.assign(new Error('EIO'), { code: 'EIO' });
        return write(...given);
      });
      try {
        await assert.rejects(train({ recipe, folder, saveEvery, quiet: true }), /metrics\.jsonl: the disk/);
      } finally {
        stub.mock.restore();
      }
      assert.equal(readCheckpoint(runPaths(folder).last).step, kept);
      if (name === 'untimed') continue;
      await train({ folder, mode: 'resume', quiet: true });
      for (const file of ['model.onnx', 'model.json', 'checkpoints/last.safetensors', 'metrics.jsonl'])
        assert.deepEqual(fs.readFileSync(join(folder, file)), fs.readFileSync(join(whole, file)), file);
    }
  });
});

/** Steps that a log tells of; rows of evaluations stand between them. */
function stepsLogged(file: string): number {
  if (!fs.existsSync(file)) return 0;
  return fs.readFileSync(file, 'utf8').split('"train.loss"').length - 1;
}
