/** The test curve: measured when it is asked for, written down as what it is, and without a say in training. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readCheckpoint } from '../../src/runs/checkpoint.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { runPaths } from '../../src/runs/folder.js';
import { withRun } from '../../src/runs/run.js';
import { testCurveOf } from '../../src/training/testCurve.js';
import { train } from '../../src/training/train.js';
import { temporaryFolder } from '../images/support.js';
import { vectorRecipe } from '../runs/vectorRun.js';

test('a run with a test curve is the run without one, with rows of test.* beside', async () => {
  const root = temporaryFolder();
  const common = [
    'head.initial=random',
    'data.crossValidation=0',
    'snapshots.epochs=[]',
    'schedule.epochs=3',
  ];
  const run = async (name: string, more: readonly string[]) => {
    const folder = join(root, name);
    await train({ recipe: vectorRecipe(root, [...common, ...more]), folder, quiet: true });
    return folder;
  };
  const plain = await run('plain', []);
  const curve = await run('curve', ['evaluation.testCurve=true', 'evaluation.recallAt=[1,3]']);
  const checkpoint = (folder: string) => readCheckpoint(runPaths(folder).last).parameters;
  assert.deepEqual(checkpoint(curve), checkpoint(plain));
  const rows = readFileSync(runPaths(curve).metrics, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, number>)
    .filter((row) => 'test.recall@1' in row);
  assert.deepEqual(
    rows.map(({ epoch }) => epoch),
    [0, 1, 2],
  );
  assert.ok(rows.every((row) => 'test.recall@3' in row && 'test.map@r' in row));
  assert.ok(!readFileSync(runPaths(plain).metrics, 'utf8').includes('test.'));
  // The last look is what the evaluation of the last epoch says.
  const { best } = readCheckpoint(runPaths(curve).last);
  assert.ok(!best?.metric.startsWith('test.'));
  if (best?.epoch === 3) {
    const { rows: measured } = await withRun(curve, (opened) => evaluateRun(opened, { baselines: false }));
    assert.ok(Math.abs(measured[0].metrics['recall@1']! - rows[2]['test.recall@1']) < 1e-9);
  }
});

test('queries are searched for in the gallery where both are apart', async () => {
  // Items 2 to 5 are the test; the queries 2 and 4 find 3 and 5 of the gallery, the other query is not in it.
  const items = [0, 0, 1, 1, 2, 2].map((label, i) => ({ id: `${i}`, path: '', label }));
  const values: Record<number, number[]> = { 2: [1, 0], 3: [0.9, 0.1], 4: [1, 0.01], 5: [0, 1] };
  const inputs = {
    plain: async function* (wanted: readonly number[]) {
      yield Float32Array.from(wanted.flatMap((item) => values[item]));
    },
  };
  const trainer = {
    embed: async (batches: AsyncIterable<Float32Array> | Iterable<Float32Array>) => {
      const all: Float32Array[] = [];
      for await (const batch of batches) all.push(batch);
      return all;
    },
  };
  const recipe = {
    evaluation: { everyEpochs: 1, recallAt: [1], batch: 8, testCurve: true },
    head: { embeddingSize: 2, curvature: 0 },
  } as Parameters<typeof testCurveOf>[1];
  const dataset = { items, test: [2, 3, 4, 5] };
  const apart = await testCurveOf({ ...dataset, queries: [2, 4] }, recipe, inputs)!.evaluate(trainer);
  assert.equal(apart['test.recall@1'], 0.5);
  const among = await testCurveOf(dataset, recipe, inputs)!.evaluate(trainer);
  assert.equal(among['test.recall@1'], 0);
  assert.equal(testCurveOf({ ...dataset, test: [] }, recipe, inputs), null);
  const off = { ...recipe, evaluation: { ...recipe.evaluation, testCurve: false } };
  assert.equal(testCurveOf(dataset, off, inputs), null);
});
