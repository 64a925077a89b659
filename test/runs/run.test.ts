import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { DataError, UsageError } from '../../src/errors.js';
import { exportRun } from '../../src/runs/export/export.js';
import { openRun, type Run, withRun, withRuns } from '../../src/runs/run.js';
import { train } from '../../src/training/train.js';
import { drawClasses } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { tinyRecipe } from '../training/trainerSupport.js';

describe('a trained run', () => {
  const root = temporaryFolder();
  const [folder, photos, given] = ['run', 'photos', 'given'].map((name) => join(root, name));
  const recipe = tinyRecipe({ data: { source: photos }, schedule: { epochs: 1 } });

  before(async () => {
    await drawClasses(photos, 12, 4);
    await train({ recipe, folder, quiet: true });
  });

  it('knows its recipe, space, state, metrics and records without opening the network', () => {
    const run = openRun(folder);
    assert.deepEqual(run.recipe, recipe);
    assert.deepEqual([run.metric, run.info.embeddingSize], ['hyperbolic', 6]);
    assert.equal(run.status()?.state, 'finished');
    assert.ok(run.metrics().some((row) => Number.isFinite(row['train.loss'])));
    assert.match(String(run.record('data')?.sha256), /^[0-9a-f]{64}$/);
    assert.equal(run.info.trained.data, run.record('data')?.sha256);
    assert.deepEqual(run.snapshots(), []);
    assert.match(run.hash, /^[0-9a-f]{64}$/);
  });

  it('lists its test classes unless told otherwise, each choice once', async () => {
    const run = openRun(folder);
    const own = await run.collection();
    assert.deepEqual([own.split, own.items.length], ['test', 24]);
    assert.equal(await run.collection(), own);
    assert.equal((await run.collection({ split: 'train' })).items.length, 16);
    assert.deepEqual((await run.collection({ source: photos })).split, 'all');
    await assert.rejects(run.collection({ source: join(root, 'nowhere') }), DataError);
    await assert.rejects(run.collection({ source: join(root, 'nowhere') }), DataError);
    assert.equal(await run.hasChanged(own), false);
  });

  it('embeds with one network, in the space of its proxies, and keeps what it has made', () =>
    withRun(folder, async (run) => {
      assert.equal(await run.model(), await run.model());
      const collection = await run.collection();
      const { values, dim, curvature, skipped } = await run.embeddings(collection);
      assert.deepEqual([values.length, dim, curvature, skipped], [24 * 6, 6, 0.1, []]);
      assert.deepEqual(run.keptEmbeddings(collection), values);
      const untrained = (await run.untrained(collection))!;
      assert.equal(untrained.values.length, values.length);
      assert.notDeepEqual(untrained.values, values);
      const proxies = run.proxies()!;
      assert.equal(proxies.length, recipe.losses.hier.proxies * 6);
      for (let at = 0; at < proxies.length; at += 6)
        assert.ok(Math.hypot(...proxies.subarray(at, at + 6)) < 1 / Math.sqrt(curvature));
      assert.equal(run.checkpoint().epoch, 1);
    }));

  it('closes what was opened, also when the work fails, and closing twice does no harm', async () => {
    let kept: Run | undefined;
    await assert.rejects(
      withRuns([folder, folder], async ([run]) => {
        kept = run;
        await run.model();
        throw new Error('the work failed');
      }),
      /the work failed/,
    );
    await kept!.close();
    const again = await kept!.model(); // a run that is asked again opens its network again
    assert.equal((await again.run(new Float32Array(3 * 16 * 16))).length, 6);
    await kept!.close();
  });

  it('is also an export, which has a network and nothing else', async () => {
    await withRun(folder, (run) => exportRun(run, { out: given, images: 1, metrics: false }));
    await withRun(given, async (run) => {
      assert.equal(run.status(), null);
      assert.equal(run.record('data'), null);
      assert.throws(() => run.recipe, UsageError);
      assert.equal(run.hash, openRun(folder).hash);
      assert.equal((await run.model()).info.embeddingSize, 6);
    });
  });

  it('says what is missing or damaged, and how to go on', async () => {
    assert.throws(() => openRun(join(root, 'none')), /There is no run folder .*hier train/s);
    assert.throws(() => openRun(photos), /holds no trained model/);
    writeFileSync(join(given, 'model.onnx'), 'damaged');
    await assert.rejects(
      withRun(given, (run) => run.model()),
      DataError,
    );
    writeFileSync(join(given, 'model.json'), '{');
    assert.throws(() => openRun(given), DataError);
    for (const file of ['best', 'last'])
      rmSync(join(folder, 'checkpoints', `${file}.safetensors`), { force: true });
    const run = openRun(folder);
    assert.throws(() => run.checkpoint(), DataError);
    assert.throws(() => run.proxies(), /its checkpoint .* missing/);
  });
});
