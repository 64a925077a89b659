import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { UsageError } from '../../src/errors.js';
import { openModel } from '../../src/model/trained.js';
import { recipeOf } from '../../src/runs/data.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { searchRun } from '../../src/runs/evaluation/search.js';
import { exportRun } from '../../src/runs/export/export.js';
import { withRun } from '../../src/runs/run.js';
import { treeOfRun } from '../../src/runs/tree/build.js';
import { scoreTreeOfRun } from '../../src/runs/tree/score.js';
import { train } from '../../src/training/train.js';
import { temporaryFolder } from '../images/support.js';

const folder = temporaryFolder();
const runOf = (example: string) => join(folder, example, 'run');
const EXAMPLES = ['ownLoss', 'ownBackbone', 'ownAugmentation'];
const printed: Record<string, string> = {};

before(async () => {
  for (const example of EXAMPLES) {
    const file = fileURLToPath(new URL(`../../examples/${example}.js`, import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [file, join(folder, example)]);
    printed[example] = stdout;
  }
});
after(() => rmSync(folder, { recursive: true, force: true }));

describe('the examples of parts from outside', () => {
  for (const example of EXAMPLES)
    test(`${example} trains to the end`, () => {
      assert.match(printed[example], /^4 steps, R@1 [01]\.\d\d on held-out classes\n$/);
      assert.ok(existsSync(join(runOf(example), 'model.onnx')));
    });

  test('settings are those of the recipe, the others their defaults', () => {
    assert.deepEqual(recipeOf(runOf('ownLoss')).losses.metric, {
      name: 'nearest-wrong',
      margin: 0.3,
      weight: 1,
    });
    assert.deepEqual(recipeOf(runOf('ownBackbone')).backbone, {
      name: 'halvings',
      stages: 4,
      width: 24,
      trainFrom: 0,
      views: 4,
      adapters: null,
    });
    assert.deepEqual(recipeOf(runOf('ownAugmentation')).images.augment, { kind: 'rolled', most: 0.5 });
  });
});

describe('a run trained with parts from outside', () => {
  for (const example of EXAMPLES)
    test(`is not resumed without them, and says how: ${example}`, async () => {
      const expected = {
        ownLoss: /the loss "nearest-wrong", which hier does not ship.* losses: \{ 'nearest-wrong': … \} \}\)/,
        ownBackbone: /the backbone "halvings".* mode: 'resume', backbones: \{ halvings \} \}\)/,
        ownAugmentation: /the augmentation "rolled".* augmentations: \{ rolled \} \}\)/,
      }[example]!;
      await assert.rejects(
        train({ folder: runOf(example), mode: 'resume', quiet: true }),
        (error) => error instanceof UsageError && expected.test(error.message),
      );
    });

  test('is evaluated without them; of a backbone the untrained network is left out, with a note', async () => {
    const names = async (example: string) => {
      const { rows, notes } = await withRun(runOf(example), (opened) => evaluateRun(opened));
      return { roles: [...new Set(rows.map(({ role }) => role))], notes: notes.join(' ') };
    };
    const own = await names('ownBackbone');
    assert.deepEqual(own.roles, ['run', 'pixels']);
    assert.match(own.notes, /untrained network is left out: its backbone "halvings"/);
    for (const example of ['ownLoss', 'ownAugmentation'])
      assert.deepEqual((await names(example)).roles, ['run', 'untrained', 'pixels']);
  });

  test('embeds, is searched, has a tree with scores, and is exported without its backbone', async () => {
    const run = runOf('ownBackbone');
    const image = join(folder, 'ownBackbone', 'drawings', 'ring-3', '0.png');
    const model = await openModel(run);
    const { embeddings } = await model.embed([image]);
    await model.close();
    assert.ok(embeddings.length === 16 && embeddings.every(Number.isFinite));
    const { shown } = await withRun(run, (opened) => treeOfRun(opened));
    assert.ok(shown);
    const { rows } = await withRun(run, (opened) =>
      scoreTreeOfRun(opened, { leaves: 'images', draws: 2, resamples: 20 }),
    );
    assert.ok(!rows.some(({ role }) => role === 'untrained'));
    const { answers } = await withRun(run, (opened) => searchRun(opened, { queries: [image], top: 3 }));
    assert.equal(answers[0].results.length, 3);
    const out = join(folder, 'exported');
    const { parity } = await withRun(run, (opened) => exportRun(opened, { out, metrics: false }));
    assert.ok(parity.passed);
    assert.deepEqual(
      parity.rows.map((row) => row.with),
      ['the exported file in onnxruntime-web (WebAssembly)'],
    );
    assert.match(readFileSync(join(out, 'README.md'), 'utf8'), /Network: halvings/);
  });
});
