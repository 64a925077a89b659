import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { importOnnx } from '../../../src/backbones/onnx/index.js';
import { DataError, UsageError } from '../../../src/errors.js';
import { exportInto } from '../../../src/runs/export/intoOnnx.js';
import { withRun } from '../../../src/runs/run.js';
import { train } from '../../../src/training/train.js';
import { modelFile } from '../../backbones/onnx/golden.js';
import { drawClasses } from '../../cli/support.js';
import { temporaryFolder } from '../../images/support.js';
import { tinyRecipe } from '../../training/trainerSupport.js';

describe('tuned weights in the ONNX file of a run', () => {
  const root = temporaryFolder();
  const original = join(root, 'original.onnx');
  const [run, plain] = [join(root, 'run'), join(root, 'plain')];
  const earlier = process.env.HIER_CACHE;

  before(async () => {
    process.env.HIER_CACHE = join(root, 'cache');
    copyFileSync(modelFile('dinov2'), original);
    const source = await drawClasses(join(root, 'images'), 12, 3);
    const common = { data: { source }, schedule: { epochs: 1 }, engine: { threads: 1, replicas: 1 } };
    const images = { size: 32, store: 40, augment: { kind: 'none' } };
    const backbone = { name: 'onnx', file: original, trainFrom: 'model.encoder.layer.1' };
    await train({ recipe: tinyRecipe({ ...common, images }, backbone), folder: run, quiet: true });
    await train({ recipe: tinyRecipe(common), folder: plain, quiet: true });
    if (earlier === undefined) delete process.env.HIER_CACHE;
    else process.env.HIER_CACHE = earlier;
  });

  it('are the trained ones alone, and give what the run gives', async () => {
    const out = join(root, 'tuned.onnx');
    const { replaced, parity, report } = await withRun(run, (opened) =>
      exportInto(opened, { original, out, images: 3, tolerance: 1e-5 }),
    );
    assert.ok(parity.passed, JSON.stringify(parity));
    assert.deepEqual(JSON.parse(readFileSync(report, 'utf8')), parity);
    assert.equal(report, join(root, 'tuned.parity.json'));
    const [was, is] = [importOnnx(original), importOnnx(out)];
    const trained = [...is.blockArrays].slice(2).flatMap(([, names]) => names);
    for (const [name, values] of is.values) {
      const isSame = values.every((x, i) => x === was.values.get(name)![i]);
      assert.equal(isSame, !replaced.includes(name.slice('backbone.'.length)), name);
      if (!isSame) assert.ok(trained.includes(name), name);
    }
    assert.equal(readFileSync(out).length, readFileSync(original).length);
  });

  it('go into no other file than the run was made from', async () => {
    const into = (folder: string, file: string, out: string) =>
      withRun(folder, (opened) => exportInto(opened, { original: file, out: join(root, out) }));
    await assert.rejects(
      into(run, modelFile('vit'), 'a.onnx'),
      (error: Error) =>
        error instanceof DataError &&
        /is not the file that the run .* was made from: its SHA-256/.test(error.message),
    );
    await assert.rejects(
      into(run, original, 'original.onnx'),
      (error: Error) => error instanceof UsageError && /is the original file/.test(error.message),
    );
    await assert.rejects(
      into(plain, original, 'b.onnx'),
      (error: Error) => error instanceof UsageError && /not from an ONNX file/.test(error.message),
    );
  });
});
