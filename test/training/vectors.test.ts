import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { Dataset } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/open.js';
import { DataError, UsageError } from '../../src/errors.js';
import { writeNpy } from '../../src/io/npy.js';
import { openModel } from '../../src/model/trained.js';
import { randomStream } from '../../src/random.js';
import { loadRecipe, type Recipe } from '../../src/recipe/load.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { searchRun } from '../../src/runs/evaluation/search.js';
import { exportRun } from '../../src/runs/export/export.js';
import { runPaths } from '../../src/runs/folder.js';
import { readMetrics } from '../../src/runs/metrics.js';
import { writeReport } from '../../src/runs/report/report.js';
import { withRun } from '../../src/runs/run.js';
import { treeOfRun } from '../../src/runs/tree/build.js';
import { placeInRun } from '../../src/runs/tree/place.js';
import { fitToData } from '../../src/training/fitToData.js';
import { train } from '../../src/training/train.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';

const [CLASSES, EACH, DIM] = [40, 12, 24];
const SETTINGS = [
  'head.embeddingSize=16',
  'losses.metric.name=multi-similarity',
  'losses.hier.proxies=10',
  'losses.hier.neighbours=5',
  'losses.hier.triplets=3',
  'losses.hier.poolRows=32',
  'batch.size=24',
  'optimizer.learningRate=1e-2',
  'optimizer.referenceBatch=null',
  'schedule.epochs=6',
  'data.validation=0.2',
];

/** Clusters whose first numbers tell the classes apart, beside louder numbers that tell nothing. */
function clusters(): Float32Array {
  const values = new Float32Array(CLASSES * EACH * DIM);
  for (let row = 0; row < CLASSES * EACH; row++) {
    const [centre, noise] = [
      randomStream(1, 'centre', Math.floor(row / EACH)),
      randomStream(2, 'noise', row),
    ];
    for (let k = 0; k < DIM; k++)
      values[row * DIM + k] = k < 12 ? centre.normal() + 0.3 * noise.normal() : 2 * noise.normal();
  }
  return values;
}

describe('training on feature vectors', () => {
  const root = temporaryFolder();
  const file = join(root, 'features.npy');
  const labels = join(root, 'labels.csv');
  const run = join(root, 'run');
  const recipe = (...more: string[]): Recipe =>
    loadRecipe('vectors', [...SETTINGS, `data.source=${file}`, `data.labels=${labels}`, ...more]);

  before(async () => {
    writeNpy(file, { shape: [CLASSES * EACH, DIM], data: clusters() });
    const rows = Array.from(
      { length: CLASSES * EACH },
      (_, row) => `class${Math.floor(row / EACH)},item-${row}`,
    );
    writeFileSync(labels, `label,id\n${rows.join('\n')}\n`);
    await train({ recipe: recipe(), folder: run, quiet: true });
  });

  it('stores the length of the vectors with the recipe and the model', async () => {
    assert.deepEqual(loadRecipe(runPaths(run).recipe).backbone, { name: 'identity', width: DIM });
    const model = await openModel(run);
    try {
      assert.equal(model.info.vectors, DIM);
      await assert.rejects(model.embed(['a.png']), UsageError);
      const values = new Float32Array(3 * DIM);
      await assert.rejects(model.embedVectors({ values, dim: DIM + 1 }), /of 24 numbers, not of 25/);
    } finally {
      await model.close();
    }
  });

  it('embeds in blocks of any size alike', async () => {
    const model = await openModel(run);
    try {
      const vectors = { values: clusters(), dim: DIM };
      const [whole, parts] = [
        await model.embedVectors(vectors),
        await model.embedVectors(vectors, { batch: 7 }),
      ];
      assert.equal(whole.length, CLASSES * EACH * 16);
      assertAllclose(parts, whole, { rtol: 1e-5, atol: 1e-6 });
    } finally {
      await model.close();
    }
  });

  it('retrieves unseen classes better than the vectors do', async () => {
    const { rows, data, gain } = await withRun(run, (opened) => evaluateRun(opened));
    assert.deepEqual([data.images, data.classes], [(CLASSES / 2) * EACH, CLASSES / 2]);
    assert.deepEqual(
      rows.map(({ role, metric }) => [role, metric]),
      [
        ['run', 'hyperbolic'],
        ['run', 'cosine'],
        ['pixels', 'cosine'],
        ['closed-form', 'cosine'],
        ['closed-form', 'cosine'],
        ['closed-form', 'cosine'],
        ['closed-form', 'cosine'],
      ],
    );
    const [trained, , given] = rows.map(({ metrics }) => metrics['map@r']);
    assert.ok(trained > given + 0.05, `${trained} and ${given}`);
    assert.ok(Math.abs(gain!.overGiven['map@r'].value - (trained - given)) < 1e-9);
    assert.ok(gain!.overGiven['map@r'].low > 0 && gain!.overClosedForm !== null);
  });

  it('is searched by id and by vectors', async () => {
    const [byId] = (await withRun(run, (opened) => searchRun(opened, { queries: ['item-13'], top: 3 })))
      .answers;
    assert.equal(byId.query.id, 'item-13');
    assert.ok(byId.results.every(({ id }) => id !== 'item-13'));
    const asked = join(root, 'asked.npy');
    const rows = clusters().slice(13 * DIM, 15 * DIM);
    writeNpy(asked, { shape: [2, DIM], data: rows });
    const { answers } = await withRun(run, (opened) => searchRun(opened, { queries: [asked], top: 1 }));
    assert.deepEqual(
      answers.map(({ query, results }) => [query.id, results[0].id]),
      [
        [null, 'item-13'],
        [null, 'item-14'],
      ],
    );
    await assert.rejects(
      withRun(run, (opened) => searchRun(opened, { queries: ['item-13x'] })),
      (error: Error) => {
        assert.ok(error instanceof DataError);
        assert.match(error.message, /no item "item-13x".*Did you mean "item-13"/);
        return true;
      },
    );
  });

  it('goes on with a run that was stopped, to the same end', async () => {
    let asked = 0;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', { get: () => ++asked > 5 });
    const folder = join(root, 'stopped');
    await train({ recipe: recipe(), folder, quiet: true, signal });
    const resumed = await train({ recipe: recipe(), folder, mode: 'resume', quiet: true });
    assert.equal(resumed.finished, true);
    assert.deepEqual(readMetrics(runPaths(folder).metrics), readMetrics(runPaths(run).metrics));
  });

  it('without labels learns the hierarchy alone', async () => {
    const folder = join(root, 'alone');
    const { recipe: fitted, best } = await train({ recipe: recipe('data.labels=null'), folder, quiet: true });
    assert.deepEqual(
      [fitted.losses.metric.weight, fitted.batch.imagesPerClass, fitted.data.validation, best],
      [0, 1, 0, null],
    );
    const steps = readMetrics(runPaths(folder).metrics).filter((row) => 'train.loss' in row);
    assert.equal(steps.length, 6 * Math.floor((CLASSES * EACH) / 24));
    assert.ok(steps.every((row) => row['train.metric'] === 0 && Number.isFinite(row['train.loss'])));
    assert.ok(steps.some((row) => row['train.samples'] > 0));
    await assert.rejects(
      withRun(folder, (opened) => evaluateRun(opened, { split: 'train' })),
      /has no labels, so there is nothing to measure/,
    );
  });

  it('shows and exports a run without labels, which has one split', async () => {
    const few = join(root, 'few.npy');
    writeNpy(few, { shape: [48, DIM], data: clusters().slice(0, 48 * DIM) });
    const folder = join(root, 'few');
    const own = recipe(`data.source=${few}`, 'data.labels=null', 'schedule.epochs=1');
    await train({ recipe: own, folder, quiet: true });
    const { answers, data } = await withRun(folder, (opened) =>
      searchRun(opened, { queries: ['3'], top: 2 }),
    );
    assert.deepEqual([answers[0].results.length, data.split], [2, 'train']);
    const tree = await withRun(folder, (opened) => treeOfRun(opened));
    assert.deepEqual([tree.data.split, tree.data.leaves], ['train', 'images']);
    const asked = join(root, 'one.npy');
    writeNpy(asked, { shape: [1, DIM], data: clusters().slice(3 * DIM, 4 * DIM) });
    const placed = await withRun(folder, (opened) => placeInRun(opened, tree, ['3', asked]));
    assert.deepEqual(
      placed.map(({ image, nearest }) => [image, nearest.leaf]),
      [
        ['3', '3'],
        [`${asked}#0`, '3'],
      ],
    );
    assert.deepEqual(placed[1].path, placed[0].path);
    const { parity } = await withRun(folder, (opened) => exportRun(opened, { out: join(root, 'given') }));
    assert.deepEqual([parity.passed, parity.inputs.from.endsWith(', train split')], [true, true]);
    const { path, notes } = await withRun(folder, (opened) => writeReport(opened));
    assert.ok(notes.includes('recall is left out: the data have no labels.'), notes.join('\n'));
    assert.doesNotMatch(readFileSync(path, 'utf8'), /NaN|Retrieval on unseen classes/);
  });

  it('takes the last epoch where nothing can be measured on what is held out', async () => {
    const each = join(root, 'each.csv');
    const rows = Array.from({ length: CLASSES * EACH }, (_, row) => `class${row}`);
    writeFileSync(each, `label\n${rows.join('\n')}\n`);
    const folder = join(root, 'lone');
    const lone = recipe(`data.labels=${each}`, 'schedule.epochs=1');
    const { finished, best } = await train({ recipe: lone, folder, quiet: true });
    assert.deepEqual([finished, best], [true, null]);
    assert.deepEqual([existsSync(runPaths(folder).best), existsSync(runPaths(folder).model)], [false, true]);
  });

  it('says when recipe and data do not fit', async () => {
    const [labelled, bare] = [await openDataset(file, { labels }), await openDataset(file)];
    const { name, root, items, classes, train, test, attribution, warnings } = labelled;
    const images: Dataset = { name, root, items, classes, train, test, attribution, warnings };
    for (const [given, dataset, message] of [
      [
        loadRecipe('demo'),
        labelled,
        /"residual-cnn" of the recipe "demo" takes images. Use the recipe "vectors"/,
      ],
      [recipe('backbone.width=4'), labelled, /have 24 numbers, but "backbone.width" is 4/],
      [recipe('losses.hier.weight=0'), bare, /have no labels, and HIER is switched off/],
      [recipe(), images, /takes feature vectors .* holds images/],
    ] as [Recipe, Dataset, RegExp][])
      assert.throws(
        () => fitToData(given, dataset),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
  });
});
