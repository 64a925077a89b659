import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { env } from 'onnxruntime-web/wasm';
import { embed } from '../../../examples/embedWeb.js';
import { UsageError } from '../../../src/errors.js';
import { decodeFile } from '../../../src/images/decode.js';
import { openModel } from '../../../src/model/trained.js';
import { readCheckpoint, writeCheckpoint } from '../../../src/runs/checkpoint.js';
import { type ExportResult, exportRun } from '../../../src/runs/export/export.js';
import { runPaths } from '../../../src/runs/paths.js';
import { withRun } from '../../../src/runs/run.js';
import { train } from '../../../src/training/train.js';
import { drawClasses } from '../../cli/support.js';
import { temporaryFolder } from '../../images/support.js';
import { TINY_CNN, tinyRecipe } from '../../training/trainerSupport.js';

describe('export', () => {
  const folder = temporaryFolder();
  const [run, out, photos] = ['run', 'exported', 'photos'].map((name) => join(folder, name));
  const recipe = tinyRecipe({ data: { source: photos }, schedule: { epochs: 1 } });
  let result: ExportResult;
  let images: string[];

  before(async () => {
    await drawClasses(photos, 12, 4);
    await train({ recipe, folder: run, quiet: true });
    result = await withRun(run, (opened) => exportRun(opened, { out, images: 3, licence: 'CC0-1.0' }));
    const [first] = readdirSync(photos).sort();
    images = readdirSync(join(photos, first)).map((name) => join(photos, first, name));
  });

  it('writes a model that computes what training computed', () => {
    assert.deepEqual(readdirSync(out).sort(), [
      'README.md',
      'model.json',
      'model.onnx',
      'parity.json',
      'preprocessing.json',
    ]);
    const { parity } = result;
    assert.deepEqual(JSON.parse(readFileSync(join(out, 'parity.json'), 'utf8')), parity);
    assert.equal(parity.passed, true);
    assert.equal(parity.inputs.count, 3);
    assert.deepEqual(
      parity.rows.map((row) => row.with),
      [
        'the evaluation graph of training',
        'the forward graph of a training step',
        'the exported file in onnxruntime-web (WebAssembly)',
      ],
    );
    for (const { largest, mean } of parity.rows) assert.ok(largest < 1e-5 && mean <= largest);
  });

  it('is a folder that embeds as the run does', async () => {
    const embedded = async (from: string) => {
      const model = await openModel(from);
      const { embeddings } = await model.embed(images);
      await model.close();
      return embeddings;
    };
    assert.deepEqual(await embedded(out), await embedded(run));
  });

  it('notices a file that is not the network of the checkpoint', async () => {
    const other = join(folder, 'other');
    cpSync(run, other, { recursive: true });
    const { best } = runPaths(other);
    const checkpoint = readCheckpoint(best);
    checkpoint.parameters['head.weight'].data[0] += 0.5;
    writeCheckpoint(best, checkpoint);
    const { parity } = await withRun(other, (opened) =>
      exportRun(opened, { out: join(folder, 'wrong'), metrics: false }),
    );
    assert.equal(parity.passed, false);
    assert.ok(parity.rows[0].largest > parity.tolerance);
    assert.match(readFileSync(join(folder, 'wrong', 'README.md'), 'utf8'), /\*\*failed\*\*/);
  });

  it('leaves the training graph of a network with batch norm out', async () => {
    const cnn = join(folder, 'cnn');
    const source = { data: { source: photos }, schedule: { epochs: 1 } };
    await train({ recipe: tinyRecipe(source, TINY_CNN), folder: cnn, quiet: true });
    const { parity } = await withRun(cnn, (opened) =>
      exportRun(opened, { out: join(folder, 'cnn-out'), metrics: false }),
    );
    assert.equal(parity.rows.length, 2);
    assert.equal(parity.passed, true);
  });

  it('writes a card of what the run says', () => {
    const card = readFileSync(join(out, 'README.md'), 'utf8');
    for (const part of [
      /^# tiny\n/,
      /RGB images of 16 × 16 px to 6 numbers, points of the Poincaré ball with c = 0\.1/,
      /training 16 images of 4 classes, held out for validation 8 images of 2 classes, unseen test 24 images of 6 classes/,
      /Fingerprint .*`[0-9a-f]{64}`/,
      /\| similarity \| R@1 \| R@2 \| MAP@R \| r-precision \|/,
      /\| hyperbolic \(its own\) \| \d/,
      /\*\*passed\*\*/,
      /## Licence\n\nCC0-1\.0/,
      /```yaml\nname: tiny\n/,
    ])
      assert.match(card, part);
  });

  it('describes the preparation of an image', () => {
    const { input, steps, output } = JSON.parse(readFileSync(join(out, 'preprocessing.json'), 'utf8'));
    assert.deepEqual(input, {
      name: 'images',
      shape: ['N', 3, 16, 16],
      dtype: 'float32',
      layout: 'N, channel, row, column',
    });
    assert.deepEqual(
      steps.map(({ step }: { step: string }) => step),
      ['decode', 'resize', 'pad the shorter side to a square', 'crop the centre', 'scale', 'normalise'],
    );
    assert.deepEqual([output.shape, output.curvature], [['N', 6], 0.1]);
  });

  it('does not write into a folder with other files, but over an earlier export', async () => {
    await withRun(run, (opened) => exportRun(opened, { out, images: 1, metrics: false }));
    writeFileSync(join(folder, 'photos', 'note.txt'), '');
    await assert.rejects(
      withRun(run, (opened) => exportRun(opened, { out: photos, metrics: false })),
      (error) => error instanceof UsageError && /is not empty/.test(error.message),
    );
  });

  it('is used by the examples, in Node and with the web engine', async () => {
    const model = await openModel(out);
    const { embeddings } = await model.embed(images.slice(0, 2));
    await model.close();
    const script = fileURLToPath(new URL('../../../examples/embedNode.js', import.meta.url));
    const { stdout, stderr, status } = spawnSync(process.execPath, [script, out, ...images.slice(0, 2)], {
      encoding: 'utf8',
    });
    assert.equal(status, 0, stderr);
    const rows = stdout
      .trim()
      .split('\n')
      .flatMap((line) => JSON.parse(line) as number[]);
    assert.equal(rows.length, 12);
    for (const [i, value] of rows.entries()) assert.ok(Math.abs(value - embeddings[i]) < 1e-5);

    const { preprocessing } = model.info;
    env.wasm.numThreads = 1; // Node stands for the browser here, and the web engine's own choice fails in Node
    const bytes = readFileSync(join(out, 'model.onnx'));
    const inBrowser = await embed(bytes, preprocessing, await decodeFile(images[0]));
    assert.equal(inBrowser.length, 6);
    for (const [i, value] of inBrowser.entries()) assert.ok(Math.abs(value - embeddings[i]) < 1e-5);
  });
});
