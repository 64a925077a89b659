/** The unit sphere (curvature 0) from training to search, with HIER, where the official code gives NaN. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openModel } from '../../src/model/trained.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { searchRun } from '../../src/runs/evaluation/search.js';
import { runPaths } from '../../src/runs/folder.js';
import { readMetrics } from '../../src/runs/metrics.js';
import { withRun } from '../../src/runs/run.js';
import { train } from '../../src/training/train.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';
import { tinyRecipe } from './trainerSupport.js';

describe('curvature 0', () => {
  const root = temporaryFolder();
  const run = join(root, 'run');

  before(async () => {
    const source = await drawClasses(join(root, 'images'), 12, 4);
    const recipe = tinyRecipe({ data: { source }, head: { curvature: 0 }, schedule: { epochs: 3 } });
    await train({ recipe, folder: run, quiet: true });
  });

  it('trains with HIER on finite numbers', () => {
    const steps = readMetrics(runPaths(run).metrics).filter((row) => 'train.loss' in row);
    for (const row of steps)
      for (const [name, value] of Object.entries(row))
        assert.ok(Number.isFinite(value), `${name} is ${value}`);
    assert.ok(steps.some((row) => row['train.samples'] > 0 && row['train.proxies'] > 0));
    assert.ok(steps.every((row) => row['train.clipped'] === 0));
  });

  it('is evaluated and searched by cosine', async () => {
    const { rows } = await withRun(run, (opened) => evaluateRun(opened));
    assert.ok(rows.every(({ metric }) => metric === 'cosine'));
    assert.ok(rows.every(({ metrics }) => Number.isFinite(metrics['recall@1'])));
    const { metric, answers } = await withRun(run, (opened) =>
      searchRun(opened, { queries: [join(root, 'images/01-square/0.png')], top: 4 }),
    );
    assert.equal(metric, 'cosine');
    const distances = answers[0].results.map(({ distance }) => distance);
    assert.deepEqual(
      distances,
      [...distances].sort((a, b) => a - b),
    );
  });

  it('exports a network of unit vectors', async () => {
    const model = await openModel(run);
    try {
      assert.equal(model.info.curvature, 0);
      const { embeddings } = await model.embed([join(root, 'images/00-circle/0.png')]);
      assertAllclose([Math.hypot(...embeddings)], [1], { rtol: 1e-5 });
    } finally {
      await model.close();
    }
  });
});
