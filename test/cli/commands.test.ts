/** One small run through all commands, each a process of its own once. */
import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { type DemoSummary, demo, demoQueries } from '../../src/cli/verbs/demo/run.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import { openDataset } from '../../src/datasets/open.js';
import { decodeFile } from '../../src/images/decode.js';
import { readNpy } from '../../src/io/npy.js';
import { readJsonl } from '../../src/io/readRows.js';
import { loadRecipe } from '../../src/recipe/load.js';
import { runPaths } from '../../src/runs/paths.js';
import { networkBytes } from '../backbones/frozen/support.js';
import { temporaryFolder } from '../images/support.js';
import { runHere } from './inProcess.js';
import { drawClasses, hier, TINY } from './support.js';

/** Lets a test look at one JSON document that must be all of standard output. */
function parsed<T>({ stdout, code, stderr }: { stdout: string; code: number | null; stderr: string }): T {
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as T;
}

interface Row {
  name: string;
  role: string;
  metric: string;
  metrics: Record<string, number>;
  queries: number;
}
interface Answer {
  query: { id: string | null; label: string | null };
  results: { id: string; distance: number; label: string; correct: boolean | null }[];
}

describe('hier', () => {
  const cwd = temporaryFolder();
  const started = ['train', 'smoke', ...TINY, '--data', 'shapes'];

  before(async () => {
    await drawClasses(join(cwd, 'shapes'), 16, 5);
    const result = parsed<{ finished: boolean; steps: number; recipe: string }>(
      await hier([...started, '--out', 'run', '--json', '--quiet'], { cwd }),
    );
    assert.deepEqual([result.finished, result.steps, result.recipe], [true, 36, 'smoke']);
  });

  it('stops on SIGINT with a checkpoint, and resumed becomes the same model to the bit', async () => {
    let sent = false;
    const stopped = await hier([...started, '--out', 'stopped'], {
      cwd,
      onError: (text, kill) => {
        if (!sent && text.includes('epoch 1/')) {
          sent = true;
          kill('SIGINT');
        }
      },
    });
    assert.equal(stopped.code, 1, stopped.stderr);
    assert.match(stopped.stderr, /Resume it with: npx hier train --resume stopped/);
    assert.equal(existsSync(join(cwd, 'stopped/model.onnx')), false);

    const resumed = await runHere(['train', '--resume', 'stopped', '--json'], { cwd });
    assert.equal(parsed<{ steps: number }>(resumed).steps, 36);
    assert.match(resumed.stderr, /epoch 12\/12/);
    const [whole, halves] = ['run', 'stopped'].map((run) => readFileSync(join(cwd, run, 'model.onnx')));
    assert.ok(whole.equals(halves));
  });

  it('evaluates beside the baselines and another run', async () => {
    const words = ['eval', 'run', '--against', 'run', '--out', 'table.csv', '--json'];
    const { rows, data } = parsed<{ rows: Row[]; data: { classes: number; images: number } }>(
      await hier(words, { cwd }),
    );
    assert.deepEqual([data.images, data.classes], [40, 8]);
    assert.deepEqual(
      rows.map(({ role, metric }) => `${role} ${metric}`),
      [
        'run hyperbolic',
        'run cosine',
        'untrained hyperbolic',
        'pixels cosine',
        'against hyperbolic',
        'against cosine',
      ],
    );
    assert.deepEqual(rows[4].metrics, rows[0].metrics);
    assert.notDeepEqual(rows[2].metrics, rows[0].metrics);
    for (const { metrics, queries } of rows) {
      assert.equal(queries, 40);
      for (const value of Object.values(metrics)) assert.ok(value >= 0 && value <= 1);
      assert.ok(metrics['recall@1'] <= metrics['recall@8']);
    }
    const csv = readFileSync(join(cwd, 'table.csv'), 'utf8').trim().split('\n');
    assert.equal(csv.length, 7);
    assert.match(csv[0], /^name,role,metric,queries,lone,recall@1/);
  });

  it('embeds files and folders, the same image always to the same point', async () => {
    const words = ['embed', 'run', 'shapes', 'shapes/03-bar/2.png', '--out', 'e.npy', '--json'];
    const summary = parsed<{ images: number; dim: number; files: string[] }>(await hier(words, { cwd }));
    assert.deepEqual(summary, { ...summary, images: 81, dim: 8, files: ['e.npy', 'e.npy.items.jsonl'] });
    const { shape, data } = readNpy(join(cwd, 'e.npy'));
    assert.deepEqual(shape, [81, 8]);
    const items = readJsonl(join(cwd, 'e.npy.items.jsonl'));
    const place = items.findIndex(({ id }) => id === '03-bar/2.png');
    assert.equal(items[place].label, '03-bar');
    const row = (i: number) => [...data.subarray(i * 8, (i + 1) * 8)];
    row(place).forEach((value, k) => {
      assert.ok(Math.abs(value - row(80)[k]) < 1e-5);
    });
    const radius = Math.hypot(...row(0));
    assert.ok(radius > 0 && radius < 1 / Math.sqrt(0.1), 'a point of the ball');
  });

  it('searches, leaves the query out, draws a sheet, and makes damaged stored embeddings again', async () => {
    const words = ['search', 'run', 'shapes/01-square/0.png', '05-square/2.png', '--top', '6', '--json'];
    const first = parsed<{ answers: Answer[] }>(await hier([...words, '--sheet', 'sheet.png'], { cwd }));
    for (const { query, results } of first.answers) {
      assert.equal(results.length, 6);
      assert.ok(results.every(({ id }) => id !== query.id));
      assert.ok(results.every(({ correct, label }) => correct === (label === query.label)));
      assert.ok(results.every(({ distance }, i) => i === 0 || distance >= results[i - 1].distance));
    }
    assert.deepEqual(
      first.answers.map(({ query }) => query.id),
      ['01-square/0.png', '05-square/2.png'],
    );
    assert.ok((await decodeFile(join(cwd, 'sheet.png'))).width > 6 * 104);

    const kept = readdirSync(join(cwd, 'run/embeddings')).find((name) => !name.includes('untrained'))!;
    const path = join(cwd, 'run/embeddings', kept);
    const bytes = readFileSync(path);
    bytes[bytes.length - 9] ^= 1;
    writeFileSync(path, bytes);
    const again = await runHere(words, { cwd });
    assert.match(again.stderr, /damaged/);
    assert.deepEqual(parsed<{ answers: Answer[] }>(again).answers, first.answers);
    assert.ok(!readFileSync(path).equals(bytes));
  });

  it('searches in a folder without classes', async () => {
    mkdirSync(join(cwd, 'loose'));
    for (let i = 0; i < 3; i++)
      copyFileSync(join(cwd, `shapes/03-bar/${i}.png`), join(cwd, `loose/${i}.png`));
    const words = ['search', 'run', 'shapes/03-bar/1.png', '--data', 'loose', '--json'];
    const { answers } = parsed<{ answers: Answer[] }>(await runHere(words, { cwd }));
    assert.equal(answers[0].results[0].id, '1.png', 'a copy is another file and comes first');
    assert.ok(answers[0].results.every(({ label, correct }) => label === null && correct === null));
    assert.equal(answers[0].results.length, 3);
  });
});

describe('the demo', () => {
  it('trains, evaluates, searches and writes its summary', async () => {
    const cwd = temporaryFolder();
    const source = await drawClasses(join(cwd, 'shapes'), 16, 5);
    const recipe = loadRecipe('smoke', [...TINY, 'schedule.epochs=2', `data.source=${source}`, 'seed=5']);
    const folder = join(cwd, 'demo');
    const done = await demo(recipe, folder);
    const summary = JSON.parse(readFileSync(join(folder, 'summary.json'), 'utf8'));
    assert.deepEqual(summary, done!.summary);
    assert.deepEqual(
      [summary.images, summary.classes, summary.seed, Object.keys(summary.baselines)],
      [80, 16, 5, ['pixels', 'untrained']],
    );
    for (const measures of [summary.test, summary.baselines.pixels, summary.baselines.untrained])
      assert.deepEqual(Object.keys(measures), ['recall@1', 'recall@2', 'recall@4', 'recall@8', 'map@r']);
    assert.ok(summary.seconds >= summary.trainingSeconds);
    assert.ok((await decodeFile(join(folder, 'neighbours.png'))).height > 8 * 104);

    const other = loadRecipe('smoke', [...TINY, 'schedule.epochs=3', `data.source=${source}`]);
    await assert.rejects(demo(other, folder), /another recipe.*schedule\.epochs/s);
    // Nor is a run replaced of which it cannot be told what it is.
    writeFileSync(runPaths(folder).recipe, 'name: smoke\nnew: field\n');
    await assert.rejects(demo(recipe, folder), /recipe\.yaml: unknown key "new"/);
    assert.ok(existsSync(runPaths(folder).model));
  });

  it('asks for the middle test class of each group', async () => {
    const root = temporaryFolder();
    await drawClasses(root, 6, 2);
    const rows = readdirSync(root).map((name, i) => ({
      path: `${name}/0.png`,
      label: name,
      split: i === 0 || i === 4 ? 'train' : 'test',
      'taxonomy.group': i < 4 ? 'first' : 'second',
    }));
    writeFileSync(join(root, 'm.jsonl'), rows.map((row) => JSON.stringify(row)).join('\n'));
    const dataset = await openDataset(join(root, 'm.jsonl'));
    assert.deepEqual(demoQueries(dataset), ['02-triangle/0.png', '05-square/0.png']);
  });

  it('asks in the coarsest level with enough groups, for images that are queries', () => {
    const labels = Array.from({ length: 24 }, (_, label) => label);
    const dataset = {
      items: labels.flatMap((label) =>
        ['gallery', 'query'].map((id) => ({ id: `${id} ${label}`, label, path: '' })),
      ),
      classes: labels.map(String),
      test: [...Array(48).keys()],
      queries: labels.map((label) => 2 * label + 1),
      taxonomy: {
        levels: ['two', 'twelve', 'each'],
        terms: [2, 12, 24].map((groups) => labels.map((label) => String(Math.floor((label * groups) / 24)))),
      },
    };
    const asked = demoQueries(dataset as unknown as Dataset);
    assert.deepEqual(
      asked,
      [1, 3, 7, 9, 13, 15, 19, 21].map((label) => `query ${label}`),
    );
  });

  it('of photographs goes from a network as it came to a table, and says what was gained', async () => {
    const cwd = temporaryFolder();
    await drawClasses(join(cwd, 'shapes'), 16, 8);
    writeFileSync(join(cwd, 'net.onnx'), networkBytes());
    const words = [
      'demo',
      'photos',
      '--smoke',
      '--data',
      'shapes',
      '--model',
      'net.onnx',
      '--out',
      'run',
      '--json',
    ];
    const summary = parsed<DemoSummary & { table: string }>(await runHere(words, { cwd }));
    assert.deepEqual([summary.images, summary.classes, summary.table], [128, 16, 'run/table']);
    assert.ok(Number.isFinite(summary.gain!.overGiven['map@r'].value));
    assert.ok(existsSync(join(cwd, 'run/report.html')));
    assert.deepEqual(summary, {
      ...JSON.parse(readFileSync(join(cwd, 'run/summary.json'), 'utf8')),
      table: 'run/table',
    });
    const refused = await runHere(['demo', '--data', 'shapes'], { cwd });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--data is for: npx hier demo photos/);
  });
});
