import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { comparisonCsv, comparisonMarkdown, comparisonText } from '../../src/cli/text/comparison.js';
import { UsageError } from '../../src/errors.js';
import { compareLosses } from '../../src/experiments/compare.js';
import { type Comparison, spreadOf } from '../../src/experiments/comparison.js';
import type { RunPlan } from '../../src/experiments/left.js';
import { parseMethod, planComparison } from '../../src/experiments/methods.js';
import { loadRecipe, recipeHash } from '../../src/recipe/load.js';
import { keepMeasures } from '../../src/runs/compared.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { runPaths } from '../../src/runs/folder.js';
import { withRun } from '../../src/runs/run.js';
import { drawClasses, TINY } from '../cli/support.js';
import { temporaryFolder } from '../images/support.js';
import { assertAllclose } from '../support/allclose.js';

describe('methods of a comparison', () => {
  const demo = loadRecipe('demo');

  it('are a loss, with or without HIER, and settings', () => {
    assert.deepEqual(parseMethod('proxy-anchor', demo).overrides, [
      'losses.metric.name=proxy-anchor',
      'losses.hier.weight=0',
    ]);
    assert.deepEqual(parseMethod('soft-triple+hier:centres=5:optimizer.epsilon=1e-4', demo).overrides, [
      'losses.metric.name=soft-triple',
      'losses.hier.weight=0.5',
      'losses.metric.centres=5',
      'optimizer.epsilon=1e-4',
    ]);
    assert.deepEqual(parseMethod('hier', loadRecipe('demo', ['losses.hier.weight=0.3'])).overrides, [
      'losses.metric.weight=0',
      'losses.hier.start=0',
      'losses.hier.weight=0.3',
    ]);
    const alone = parseMethod('hier:weight=0.2:proxies=64', demo);
    assert.deepEqual(alone.overrides.slice(3), ['losses.hier.weight=0.2', 'losses.hier.proxies=64']);
  });

  it('are planned with every seed, each recipe another', () => {
    const plan = planComparison({ recipe: 'demo', losses: ['sup-con', 'sup-con+hier'], seeds: [0, 5] });
    assert.deepEqual(
      plan.map(({ method, seed, recipe }) => [method.name, seed, recipe.seed, recipe.losses.hier.weight]),
      [
        ['sup-con', 0, 0, 0],
        ['sup-con+hier', 0, 0, 0.5],
        ['sup-con', 5, 5, 0],
        ['sup-con+hier', 5, 5, 0.5],
      ],
    );
    assert.equal(new Set(plan.map(({ recipe }) => recipeHash(recipe))).size, 4);
  });

  it('that cannot be are refused before anything is trained', () => {
    const plan = (losses: string[], seeds = [0]) => planComparison({ recipe: 'demo', losses, seeds });
    for (const [build, message] of [
      [() => plan(['proxy-ancor']), /no loss "proxy-ancor".*Did you mean "proxy-anchor"/],
      [() => plan(['soft-triple:centres']), /"centres" in "soft-triple:centres" cannot be read/],
      [
        () => plan(['soft-triple:centres=0']),
        /soft-triple:centres=0: .*"losses.metric.centres" must be at least 1/,
      ],
      [() => plan(['sup-con:batch.imagesPerClass=1']), /must be at least 2/],
      [() => plan(['sup-con', 'sup-con']), /"sup-con" is given twice/],
      [() => plan(['sup-con'], [1, 1]), /"1" is given twice/],
      [() => plan([]), /one loss and one seed at least/],
    ] as const)
      assert.throws(build, (error: Error) => error instanceof UsageError && message.test(error.message));
  });
});

describe('a comparison', () => {
  const root = temporaryFolder();
  const folder = join(root, 'runs');
  const losses = ['proxy-anchor', 'soft-triple:centres=3', 'multi-similarity+hier'];
  const plans: RunPlan[] = [];
  let options: Parameters<typeof compareLosses>[0];
  let result: Comparison;

  before(async () => {
    const images = await drawClasses(join(root, 'images'), 12, 4);
    options = {
      recipe: 'smoke',
      overrides: [
        ...[...TINY, `data.source=${images}`, 'schedule.epochs=2', 'evaluation.everyEpochs=2'],
        'evaluation.recallAt=[1,3]',
      ],
      losses,
      seeds: [0, 3],
      folder,
      quiet: true,
      onRun: ({ plan }) => plans.push(plan),
    };
    result = await compareLosses(options);
  });

  it('refuses a split that there is not before anything is trained', async () => {
    const elsewhere = join(root, 'nowhere');
    await assert.rejects(
      compareLosses({
        ...options,
        overrides: [...options.overrides!, 'data.validation=0'],
        folder: elsewhere,
        split: 'validation',
      }),
      /No classes .* are held out for validation.*Use --split test/,
    );
    assert.ok(!existsSync(elsewhere));
  });

  it('trains every method with every seed and averages what hier eval measures', async () => {
    assert.deepEqual(plans.splice(0), new Array(6).fill('train'));
    assert.equal(result.finished, true);
    assert.deepEqual(
      result.rows.map(({ method, seeds, proxies }) => [method, seeds, proxies]),
      // 12 classes are 6 to train, of which 2 are held out: 4 proxies, 4 · 3 centres, 8 hierarchical proxies.
      [
        [losses[0], [0, 3], 4],
        [losses[1], [0, 3], 12],
        [losses[2], [0, 3], 8],
      ],
    );
    for (const { runs, metrics } of result.rows) {
      const values: number[] = [];
      for (const run of runs) {
        const { rows } = await withRun(run, (opened) => evaluateRun(opened, { baselines: false }));
        assert.deepEqual(
          rows.map(({ role }) => role),
          ['run', 'run'],
        );
        values.push(rows[0].metrics['map@r']);
      }
      assert.deepEqual(metrics['map@r'], spreadOf(values));
    }
  });

  it('measures Recall@K at the K that the recipe asks for', () => {
    assert.deepEqual(result.measures, ['recall@1', 'recall@3', 'map@r', 'r-precision']);
    assert.match(comparisonText(result), / R@1 +R@3 +MAP@R\n/);
    assert.match(comparisonCsv([result]), /recall@3 mean/);
    for (const { metrics } of result.rows) assert.deepEqual(Object.keys(metrics), result.measures);
  });

  it('uses finished runs again, and trains only what is missing', async () => {
    const models = result.rows.flatMap(({ runs }) => runs.map((run) => runPaths(run).model));
    const times = models.map((path) => statSync(path).mtimeMs);
    const again = await compareLosses(options);
    assert.deepEqual(plans.splice(0), new Array(6).fill('reuse'));
    assert.deepEqual(again, result);
    assert.deepEqual(
      models.map((path) => statSync(path).mtimeMs),
      times,
    );
    rmSync(result.rows[1].runs[1], { recursive: true });
    const repaired = await compareLosses(options);
    assert.deepEqual(plans.splice(0), ['reuse', 'reuse', 'reuse', 'reuse', 'train', 'reuse']);
    assert.deepEqual(repaired, result);
  });

  it('measures a finished run once, and anew when what was kept is damaged or of something else', async () => {
    const { compared } = runPaths(result.rows[2].runs[1]);
    const text = readFileSync(compared, 'utf8');
    const kept = JSON.parse(text);
    const values = async (write: () => void) => {
      write();
      const { rows } = await compareLosses(options);
      return rows[2].metrics['map@r'].values;
    };
    const [first, second] = result.rows[2].metrics['map@r'].values;
    const marked = { ...kept, metrics: { ...kept.metrics, 'map@r': 0.123 } };
    assert.deepEqual(await values(() => keepMeasures(compared, kept.key, marked)), [first, 0.123]);
    for (const unfit of [
      () => keepMeasures(compared, 'of another network', marked),
      () => writeFileSync(compared, JSON.stringify(marked)),
      () => writeFileSync(compared, '{'),
    ]) {
      assert.deepEqual(await values(unfit), [first, second]);
      assert.equal(readFileSync(compared, 'utf8'), text);
    }
    plans.length = 0;
  });

  it('that was stopped goes on to the same end', async () => {
    let asked = 0;
    const signal = Object.defineProperty(new AbortController().signal, 'aborted', { get: () => ++asked > 2 });
    const elsewhere = { ...options, folder: join(root, 'stopped'), losses: losses.slice(0, 1) };
    const stopped = await compareLosses({ ...elsewhere, signal });
    assert.deepEqual([stopped.finished, stopped.rows], [false, []]);
    assert.equal(readdirSync(join(root, 'stopped')).length, 1);
    plans.length = 0;
    const whole = await compareLosses(elsewhere);
    assert.deepEqual(plans.splice(0), ['resume', 'train']);
    assert.deepEqual(whole.rows[0].metrics, result.rows[0].metrics);
  });

  it('keeps the runs of a changed recipe apart', async () => {
    const changed = {
      ...options,
      losses: losses.slice(0, 1),
      seeds: [0],
      overrides: [...options.overrides!, 'head.curvature=0'],
    };
    const other = await compareLosses(changed);
    assert.deepEqual(plans.splice(0), ['train']);
    assert.notEqual(other.rows[0].runs[0], result.rows[0].runs[0]);
    assert.ok(existsSync(result.rows[0].runs[0]));
  });

  it('prints as text, Markdown and CSV', () => {
    const [text, markdown, csv] = [
      comparisonText(result),
      comparisonMarkdown(result),
      comparisonCsv([result]),
    ];
    const { mean, deviation } = result.rows[0].metrics['recall@1'];
    const shown = `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)}`;
    for (const method of losses) for (const all of [text, markdown, csv]) assert.ok(all.includes(method));
    assert.match(text, new RegExp(`proxy-anchor +4 +2 +${shown.replace('.', '\\.')}`));
    assert.ok(markdown.includes(`| proxy-anchor | 4 | 2 | ${shown} |`));
    const [head, first] = csv.split('\n').map((line) => line.split(','));
    assert.equal(Number(first[head.indexOf('recall@1 mean')]), mean);
    assert.equal(first[head.indexOf('seeds')], '0 3');
  });
});

describe('the spread over seeds', () => {
  it('is the mean and the sample standard deviation', () => {
    const { mean, deviation } = spreadOf([0.2, 0.4, 0.9]);
    assertAllclose([mean, deviation], [0.5, Math.sqrt((0.09 + 0.01 + 0.16) / 2)], { rtol: 1e-14 });
    assert.ok(Number.isNaN(spreadOf([0.5]).deviation));
  });
});
