import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import sharp from 'sharp';
import { DataError, UsageError } from '../../src/errors.js';
import { MANY_IMAGES } from '../../src/model/embedThreads.js';
import { exportModel, readModelInfo } from '../../src/model/files.js';
import { openImages, preprocessingOf } from '../../src/model/inputs.js';
import { openModel } from '../../src/model/trained.js';
import { randomStream } from '../../src/random.js';
import { runPaths } from '../../src/runs/paths.js';
import { Trainer } from '../../src/training/trainer.js';
import { assertAllclose } from '../support/allclose.js';
import { tinyRecipe } from '../training/trainerSupport.js';

const root = mkdtempSync(join(tmpdir(), 'hier-model-'));
const folder = join(root, 'run');
const recipe = tinyRecipe();
const paths = Array.from({ length: 5 }, (_, i) => join(root, `${i}.png`));
let trainer: Trainer;

before(async () => {
  for (const [i, path] of paths.entries()) {
    const random = randomStream(1, 'pixels', i);
    const pixels = Buffer.from(Uint8Array.from({ length: 18 * 24 * 3 }, () => random.integer(256)));
    await sharp(pixels, { raw: { width: 18, height: 24, channels: 3 } })
      .png()
      .toFile(path);
  }
  mkdirSync(folder);
  trainer = new Trainer(recipe, { classes: 4, stepsPerEpoch: 1 });
  const { parameters, statistics } = trainer.state;
  exportModel(folder, recipe, { ...parameters, ...statistics }, { epoch: 2, seed: 3, data: 'abc' });
});
after(async () => {
  await trainer.close();
  rmSync(root, { recursive: true, force: true });
});

describe('a trained model on disk', () => {
  it('embeds image files as the trainer embeds them, whatever the batch', async () => {
    const loader = await openImages(paths, preprocessingOf(recipe));
    const [expected] = await trainer.embed([await loader.batch([0, 1, 2, 3, 4])]);
    await loader.close();
    const model = await openModel(folder);
    try {
      for (const batch of [1, 2, 64]) {
        const done: number[] = [];
        const { embeddings, skipped } = await model.embed(paths, { batch, onProgress: (n) => done.push(n) });
        assertAllclose(embeddings, expected, { rtol: 1e-5, atol: 1e-6 });
        assert.deepEqual(skipped, []);
        assert.equal(done.at(-1), 5);
      }
    } finally {
      await model.close();
    }
  });

  it('says what space it embeds into and how images are prepared', () => {
    const info = readModelInfo(folder);
    assert.deepEqual(
      [info.embeddingSize, info.curvature, info.clipRadius, info.trained],
      [6, 0.1, 2.3, { epoch: 2, seed: 3, data: 'abc' }],
    );
    assert.deepEqual(info.preprocessing, preprocessingOf(recipe));
  });

  it('fails on an unreadable image, or leaves its row NaN and lists it', async () => {
    const bad = join(root, 'bad.png');
    writeFileSync(bad, 'no image');
    const given = [paths[0], bad, paths[1]];
    const model = await openModel(folder);
    try {
      await assert.rejects(model.embed(given), (error: Error) => {
        assert.ok(error instanceof DataError);
        assert.match(error.message, /bad\.png/);
        return true;
      });
      const { embeddings, skipped } = await model.embed(given, { onBad: 'skip', batch: 2 });
      assert.deepEqual(
        skipped.map(({ index }) => index),
        [1],
      );
      assert.ok(embeddings.subarray(6, 12).every(Number.isNaN));
      const alone = await model.embed([paths[1]]);
      assertAllclose(embeddings.subarray(12), alone.embeddings, { rtol: 1e-5, atol: 1e-6 });
    } finally {
      await model.close();
    }
  });

  it('embeds many images on several threads as it embeds few, and names the first that cannot be read', async () => {
    const many = Array.from({ length: MANY_IMAGES + 1 }, (_, i) => paths[i % paths.length]);
    const bad = [join(root, 'first.png'), join(root, 'second.png')];
    const given = many.with(9, bad[0]).with(40, bad[1]);
    const model = await openModel(folder);
    try {
      const { embeddings: few } = await model.embed(paths);
      const done: number[] = [];
      const { embeddings, skipped } = await model.embed(given, {
        onBad: 'skip',
        onProgress: (n) => done.push(n),
      });
      assert.deepEqual(
        skipped.map(({ index, path }) => [index, path]),
        [
          [9, bad[0]],
          [40, bad[1]],
        ],
      );
      assert.equal(done.at(-1), given.length);
      given.forEach((path, i) => {
        const row = embeddings.subarray(i * 6, (i + 1) * 6);
        const place = (i % paths.length) * 6;
        if (bad.includes(path)) assert.ok(row.every(Number.isNaN));
        else assertAllclose(row, few.subarray(place, place + 6), { rtol: 1e-5, atol: 1e-6 });
      });
      await assert.rejects(model.embed(given), /first\.png/);
      assert.deepEqual((await model.embed(many)).skipped, []); // after a failure, too
    } finally {
      await model.close();
    }
  });

  it('that is missing or damaged gives an error that names it and the way out', async () => {
    await assert.rejects(openModel(join(root, 'nowhere')), (error: Error) => {
      assert.ok(error instanceof UsageError);
      assert.match(error.message, /no run folder .*nowhere/);
      return true;
    });
    const empty = join(root, 'empty');
    mkdirSync(empty);
    await assert.rejects(openModel(empty), /holds no trained model .*--resume/);
    const photos = join(root, 'photos');
    mkdirSync(join(photos, 'a'), { recursive: true });
    await assert.rejects(openModel(photos), /holds no trained model .* It is not the folder of a run: give/);
    writeFileSync(join(photos, 'table.json'), '{}');
    await assert.rejects(openModel(photos), /It is a table: search it with npx hier search --table /);
    writeFileSync(join(root, 'a file'), '');
    await assert.rejects(
      openModel(join(root, 'a file')),
      /no run folder .*a file, but something else of that name/,
    );

    const files = runPaths(folder);
    for (const [file, content] of [
      [files.modelInfo, '{"format": "hier-model", "version": 9}'],
      [files.modelInfo, '{'],
      [files.model, readFileSync(files.model).subarray(0, 500)],
    ] as const) {
      const original = readFileSync(file);
      writeFileSync(file, content);
      await assert.rejects(openModel(folder), (error: Error) => {
        assert.ok(error instanceof DataError, `${error}`);
        assert.ok(error.message.includes(file), error.message);
        return true;
      });
      writeFileSync(file, original);
    }
  });
});
