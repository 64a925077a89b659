import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { openVectors } from '../../../src/datasets/vectors.js';
import { UsageError } from '../../../src/errors.js';
import { writeNpy } from '../../../src/io/npy.js';
import { openModel } from '../../../src/model/trained.js';
import { randomStream } from '../../../src/random.js';
import { loadRecipe, type Recipe } from '../../../src/recipe/load.js';
import { rowAt, takeRows } from '../../../src/rows.js';
import { readCheckpoint } from '../../../src/runs/checkpoint.js';
import { runPaths } from '../../../src/runs/folder.js';
import { gainLines, readGain } from '../../../src/runs/gain.js';
import { openRun } from '../../../src/runs/run.js';
import { pointsOfRun } from '../../../src/runs/tree/build.js';
import { train } from '../../../src/training/train.js';
import { closedForms, mapped, unitRows } from '../../../src/whitening/index.js';
import { temporaryFolder } from '../../images/support.js';
import { assertAllclose } from '../../support/allclose.js';

const DIM = 12;
const SETTINGS = [
  'losses.hier.proxies=8',
  'losses.hier.neighbours=4',
  'losses.hier.triplets=2',
  'losses.hier.poolRows=16',
  'batch.size=12',
  'schedule.epochs=5',
];

describe('a head that starts from a closed form', () => {
  const root = temporaryFolder();
  const file = join(root, 'features.npy');

  /** Rows whose first half of numbers tells the class, and whose other half is louder and tells nothing. */
  function data(
    name: string,
    classes: number,
    each: number,
    noise = 1.5,
  ): { values: Float32Array; labels: string } {
    const values = new Float32Array(classes * each * DIM);
    for (let row = 0; row < classes * each; row++) {
      const [centre, own] = [
        randomStream(1, 'centre', Math.floor(row / each)),
        randomStream(2, 'noise', row),
      ];
      for (let k = 0; k < DIM; k++)
        values[row * DIM + k] = k < 6 ? centre.normal() + 0.4 * own.normal() : 2 + noise * own.normal();
    }
    const labels = join(root, `${name}.csv`);
    const lines = Array.from({ length: classes * each }, (_, row) => `class${Math.floor(row / each)},train`);
    writeFileSync(labels, `label,split\n${lines.join('\n')}\n`);
    return { values, labels };
  }
  const recipe = (source: string, labels: string | null, ...more: string[]): Recipe =>
    loadRecipe('vectors', [...SETTINGS, `data.source=${source}`, `data.labels=${labels}`, ...more]);

  const { values, labels } = data('labels', 18, 6);
  before(() => writeNpy(file, { shape: [values.length / DIM, DIM], data: values }));

  /** Cosines between the first rows as the network of a run embeds them. */
  async function cosines(
    embed: (rows: { values: Float32Array; dim: number }) => Promise<Float32Array>,
  ): Promise<number[]> {
    const rows = takeRows({ values, dim: DIM }, [0, 1, 7, 20, 50, 101]);
    const embedded = unitRows({ values: await embed(rows), dim: DIM });
    return [0, 1, 2, 3, 4, 5].flatMap((i) =>
      [0, 1, 2, 3, 4, 5].map((j) =>
        rowAt(embedded, i).reduce((sum, value, k) => sum + value * rowAt(embedded, j)[k], 0),
      ),
    );
  }

  it('is that closed form exactly when training does not gain, and says so', async () => {
    const folder = join(root, 'still');
    const { gain, finished } = await train({
      recipe: recipe(file, labels, 'optimizer.learningRate=1e-12'),
      folder,
      quiet: true,
    });
    assert.equal(finished, true);
    assert.ok(gain?.heldOut && gain.overGiven && gain.overStart);
    assert.deepEqual(gain.heldOut, { classes: 18, queries: 108, folds: 3 });
    assert.deepEqual([gain.epoch, gain.headEpochs], [0, 0]);
    assert.deepEqual(
      gain.rows.map(({ name }) => name),
      ['given', 'centred', 'whitened', 'plda', 'power-plda'],
    );
    assert.ok(Math.abs(gain.overStart['map@r'].value) < 1e-9);
    assert.match(gain.notes.join('\n'), /trained on 1 of the 3 parts alone: no epoch gained there/);
    const measured = new Map(gain.rows.map((row) => [row.name, row['map@r']]));
    assert.ok(['whitened', 'plda', 'power-plda'].includes(gain.start));
    assert.ok(gain.overGiven['map@r'].low > 0, 'the loud half is whitened away');
    assert.ok(
      Math.abs(measured.get(gain.start)! - measured.get('given')! - gain.overGiven['map@r'].value) < 1e-9,
    );
    const { features, items, dim } = await openVectors(file, { labels });
    const unit = unitRows({ values: features, dim });
    const form = (
      await closedForms(
        unit,
        items.map(({ label }) => label),
        { withPowers: true },
      )
    ).find(({ name }) => name === gain.start)!;
    const model = await openModel(folder);
    try {
      assertAllclose(
        await cosines((rows) => model.embedVectors(rows)),
        await cosines(async (rows) => (await mapped(unitRows(rows), form.map)).values),
        { atol: 2e-5 },
      );
    } finally {
      await model.close();
    }
    const lines = gainLines(gain).join('\n');
    assert.match(
      lines,
      /On 18 training classes, held out in 3 turns \(108 queries\), R@1 \/ MAP@R: as they came /,
    );
    assert.match(lines, /the closed form is what is exported\./);
    assert.match(lines, /Gained over what came in: R@1 [+−].* \(.* to .*\), MAP@R .*intervals over classes/);
    assert.deepEqual(readGain(runPaths(folder).gain), gain);
    const { parameters, optimizer, step } = readCheckpoint(runPaths(folder).last);
    assert.equal(optimizer.step, step, 'steps that change nothing are left out, and counted');
    assert.ok(
      optimizer.mean.hierarchical_proxies.some((value) => value !== 0),
      'ancestors are learned all the same',
    );
    assert.ok(optimizer.mean['head.weight'].every((value) => value === 0));
    assert.deepEqual([...parameters.class_proxies.shape], [18, DIM]);
  });

  it('is the same bit for bit when the run was stopped on the way, and what was measured is damaged or lost since', async () => {
    const whole = runPaths(join(root, 'still'));
    const own = recipe(file, labels, 'optimizer.learningRate=1e-12');
    const damages: Readonly<Record<string, (paths: typeof whole) => void>> = {
      damaged: ({ gain, closedForms }) => {
        writeFileSync(gain, readFileSync(gain, 'utf8').slice(0, 300));
        writeFileSync(closedForms, readFileSync(closedForms).subarray(0, 300));
      },
      lost: ({ gain, closedForms }) => {
        for (const path of [gain, closedForms]) rmSync(path);
      },
      unmeasured: ({ gain, last }) => assert.deepEqual([existsSync(gain), existsSync(last)], [false, false]),
    };
    for (const [name, damage] of Object.entries(damages)) {
      const folder = join(root, name);
      const paths = runPaths(folder);
      const isStopped = () => name === 'unmeasured' || existsSync(paths.metrics);
      const signal = Object.defineProperty(new AbortController().signal, 'aborted', { get: isStopped });
      const { finished, steps } = await train({ recipe: own, folder, quiet: true, signal });
      assert.deepEqual([finished, steps === 0], [false, name === 'unmeasured']);
      damage(paths);
      assert.equal((await train({ folder, mode: 'resume', quiet: true })).finished, true);
      for (const file of ['gain', 'closedForms', 'last', 'model'] as const)
        assert.deepEqual(readFileSync(paths[file]), readFileSync(whole[file]), `${name}: ${file}`);
    }
  });

  it('with a part of the classes held out is measured before the first epoch, and kept when no epoch is better', async () => {
    const folder = join(root, 'part');
    const { gain, best } = await train({
      recipe: recipe(
        file,
        labels,
        'data.validation=0.4',
        'optimizer.learningRate=1',
        'evaluation.everyEpochs=1',
      ),
      folder,
      quiet: true,
    });
    assert.deepEqual([best?.metric, best?.epoch], ['validation.map@r', 0]);
    assert.deepEqual([gain?.heldOut?.folds, gain?.epoch, gain?.overStart], [1, 0, null]);
    const kept = readCheckpoint(runPaths(folder).best);
    const last = readCheckpoint(runPaths(folder).last);
    assert.deepEqual([kept.step, kept.optimizer.step], [0, last.step]);
    assert.ok(
      kept.optimizer.mean.hierarchical_proxies.some((value) => value !== 0),
      'ancestors learn for the network that is kept',
    );
    const run = openRun(folder);
    const notes: string[] = [];
    const how = { progress: () => () => undefined, onNote: (note: string) => notes.push(note) };
    await pointsOfRun(run, await run.collection({ split: 'train' }), how);
    await run.close();
    assert.deepEqual(notes, []);
  });

  it('stays as the features came where nothing can be measured, and says why', async () => {
    const few = data('few', 3, 8);
    const source = join(root, 'few.npy');
    writeNpy(source, { shape: [24, DIM], data: few.values });
    for (const [name, own, reason] of [
      [
        'classes',
        few.labels,
        /^3 training classes of two items or more: too few to hold any out \(4 at least\)/,
      ],
      ['bare', null, /^Without labels nothing can be measured/],
    ] as const) {
      const folder = join(root, name);
      const { gain } = await train({ recipe: recipe(source, own, 'schedule.epochs=2'), folder, quiet: true });
      assert.deepEqual([gain?.heldOut, gain?.start, gain?.headEpochs], [null, 'given', 0]);
      assert.match(gainLines(gain!)[0], reason);
      const model = await openModel(folder);
      try {
        assertAllclose(
          await cosines((rows) => model.embedVectors(rows)),
          await cosines(async (rows) => rows.values),
          { atol: 2e-5 },
        );
      } finally {
        await model.close();
      }
    }
  });

  it('is chosen by folds that the recipe allows', () => {
    assert.deepEqual(
      [loadRecipe('vectors').data, loadRecipe('demo').data].map(({ validation, crossValidation }) => [
        validation,
        crossValidation,
      ]),
      [
        [0, 3],
        [0, 0],
      ],
    );
    for (const [given, message] of [
      [['data.crossValidation=1'], /"data.crossValidation" is 1/],
      [['head.initial=random'], /it needs "head.initial" whitening/],
    ] as const)
      assert.throws(
        () => loadRecipe('vectors', given),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
    assert.throws(
      () => loadRecipe('demo', ['data.crossValidation=3', 'head.initial=whitening']),
      /is for feature vectors/,
    );
    assert.match(readFileSync('recipes/vectors.yaml', 'utf8'), /crossValidation: 3 #/);
  });
});
