/** Reproductions on stand-ins for the data, with a network that trains in a second. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { reproductionText } from '../../src/cli/text/reproduction.js';
import { makeStandIn } from '../../src/datasets/standIns/index.js';
import { reproduce } from '../../src/experiments/reproduce.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { withRun } from '../../src/runs/run.js';
import { temporaryFolder } from '../images/support.js';
import { planSmall } from './reproduceSupport.js';

describe('reproducing on a stand-in', () => {
  const folder = temporaryFolder();
  const cub = join(folder, 'cub');
  const shop = join(folder, 'in-shop');

  before(async () => {
    await makeStandIn('cub', cub, { classes: 6, images: 4 });
    await makeStandIn('in-shop', shop, { classes: 6, images: 4 });
  });

  it('trains, evaluates, and does neither twice', async () => {
    const run = join(folder, 'run');
    const planned = await planSmall('cub-dino-384', cub);
    const first = await reproduce(planned, { folder: run, quiet: true });
    assert.equal(first.finished, true);
    assert.deepEqual(first.test, { images: 24, classes: 6, queries: 24 });
    // The paper has no number of a small network on a stand-in.
    assert.ok(planned.unlike.some((reason) => /^not the published data: train: 24 images/.test(reason)));
    assert.ok(planned.unlike.some((reason) => /^backbone\.name: /.test(reason)));
    assert.deepEqual(
      first.figures.map(({ k, published, difference }) => [k, published, difference]),
      [1, 2, 4, 8].map((k) => [k, null, null]),
    );
    const compared = await reproduce({ ...planned, unlike: [] }, { folder: run, quiet: true });
    assert.deepEqual(
      compared.figures.map(({ k, published }) => [k, published]),
      [
        [1, 0.811],
        [2, 0.882],
        [4, 0.933],
        [8, null],
      ],
    );
    for (const { measured, published, difference } of compared.figures) {
      assert.ok(measured >= 0 && measured <= 1);
      assert.equal(difference, published === null ? null : measured - published);
    }
    const model = join(run, 'model.onnx');
    const { mtimeMs } = statSync(model);
    const again = await reproduce(planned, { folder: run, quiet: true });
    assert.deepEqual(again.figures, first.figures);
    assert.equal(statSync(model).mtimeMs, mtimeMs);
    const other = await planSmall('cub-dino-384', cub, { more: ['seed=1'] });
    await assert.rejects(reproduce(other, { folder: run, quiet: true }), /another recipe:\n {2}seed: 0 → 1/);
  });

  it('goes on with a run that was stopped', async () => {
    const run = join(folder, 'stopped');
    const planned = await planSmall('cub-dino-384', cub);
    const stop = new AbortController();
    stop.abort();
    const first = await reproduce(planned, { folder: run, quiet: true, signal: stop.signal });
    assert.deepEqual([first.finished, first.figures], [false, []]);
    const second = await reproduce(planned, { folder: run, quiet: true });
    const whole = await reproduce(planned, { folder: join(folder, 'run'), quiet: true });
    assert.deepEqual(second.figures, whole.figures);
  });

  it("asks In-Shop's queries of its gallery, at its own K", async () => {
    const run = join(folder, 'shop');
    const planned = await planSmall('in-shop-deit-128', shop, {
      more: ['engine.replicas=1', 'evaluation.testCurve=true'],
    });
    assert.ok(!planned.changes.some((text) => text.startsWith('evaluation.')));
    const { figures, test, testCurve } = await reproduce(planned, { folder: run, quiet: true });
    const looks = readMetrics(run).flatMap((row) => row['test.recall@1'] ?? []);
    assert.deepEqual([testCurve!.looks, testCurve!.k, testCurve!.best], [2, 1, Math.max(...looks)]);
    assert.ok(Math.abs(looks[1] - figures[0].measured) < 1e-9); // the last look is what the last epoch measures
    assert.match(
      reproductionText({ ...planned, run, finished: true, figures, testCurve, test }),
      /test curve: R@1 was highest after epoch [12], [\d.]+, of 2 looks at the test classes\. It chose nothing/,
    );
    assert.deepEqual(
      figures.map(({ k }) => k),
      [1, 10, 20, 30],
    );
    assert.deepEqual([test.images, test.queries], [24, 12]);
    assert.equal(figures[3].measured, 1); // the gallery has 12 images
    const { measures } = await withRun(run, (opened) => evaluateRun(opened, { baselines: false }));
    assert.deepEqual(measures, ['recall@1', 'recall@10', 'recall@20', 'recall@30', 'map@r', 'r-precision']);
  });
});

/** The rows of a run's metrics. */
function readMetrics(run: string): Record<string, number>[] {
  const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
  return lines.map((line) => JSON.parse(line) as Record<string, number>);
}
