import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { comparisonCsv, comparisonMarkdown, comparisonText } from '../../src/cli/text/comparison.js';
import { UsageError } from '../../src/errors.js';
import { compareLosses } from '../../src/experiments/compare.js';
import type { Comparison } from '../../src/experiments/comparison.js';
import { purityName } from '../../src/experiments/trees.js';
import { evaluateRun } from '../../src/runs/evaluation/evaluate.js';
import { withRun } from '../../src/runs/run.js';
import { scoreTreeOfRun } from '../../src/runs/tree/score.js';
import { temporaryFolder } from '../images/support.js';
import { vectorRecipe } from '../runs/vectorRun.js';

describe('a comparison that is judged by a taxonomy', () => {
  const root = temporaryFolder();
  const labels = join(root, 'labels.csv');
  const options = {
    recipe: join(root, 'recipe.yaml'),
    losses: ['proxy-anchor', 'proxy-anchor+hier'],
    seeds: [0, 1],
    folder: join(root, 'runs'),
    ...{ quiet: true, trees: true },
  };
  let result: Comparison;

  before(async () => {
    const recipe = vectorRecipe(root, ['data.validation=0', 'data.crossValidation=0']);
    writeFileSync(options.recipe, JSON.stringify(recipe));
    await assert.rejects(
      compareLosses(options),
      (error: Error) => error instanceof UsageError && /has no taxonomy/.test(error.message),
    );
    const [head, ...rows] = readFileSync(labels, 'utf8').trimEnd().split('\n');
    const group = (label: string) => `group ${Math.floor(Number(label.slice(6)) / 4)}`;
    const lines = rows.map((label) => `${label},${group(label)}`);
    writeFileSync(labels, `${[`${head},taxonomy.group`, ...lines].join('\n')}\n`);
    result = await compareLosses(options);
  });

  it('has for every run what hier eval and hier tree --score print', async () => {
    const [plain, withHier] = result.rows;
    assert.deepEqual(result.trees?.levels, ['group']);
    assert.equal(
      plain.metrics[purityName('lca', 'group')],
      undefined,
      'without proxies there is no such tree',
    );
    await withRun(withHier.runs[1], async (run) => {
      const { rows: measured } = await evaluateRun(run, { taxonomy: true });
      const { rows, retrieval } = await scoreTreeOfRun(run, { resamples: 20, construction: 'lca', seed: 1 });
      assert.equal(withHier.metrics.ahp.values[1], measured[0].taxonomy?.ahp);
      assert.equal(withHier.metrics['siblings@group'].values[1], measured[0].taxonomy?.siblings.group.value);
      assert.deepEqual(retrieval[0].siblings, measured[0].taxonomy?.siblings);
      for (const way of ['lca', 'linkage', 'ward', 'chamfer', 'signatures'] as const) {
        const { purity } = rows.find(({ by }) => by === way)!;
        const own = withHier.metrics[purityName(way, 'group')].values[1];
        assert.ok(Math.abs(own - purity.group.value) < 1e-12, way);
      }
      for (const way of ['centres', 'random'] as const)
        assert.ok(withHier.metrics[purityName(way, 'group')].mean > 0, way);
    });
  });

  it('has what came in beside the runs, and the differences seed by seed', () => {
    assert.ok(result.baselines.length > 1);
    for (const { metrics } of result.baselines)
      for (const measure of ['recall@1', 'map@r', 'siblings@group', 'ahp', purityName('ward', 'group')])
        assert.ok(metrics[measure] >= 0 && metrics[measure] <= 1, measure);
    const [pair] = result.paired;
    assert.deepEqual([pair.method, pair.over, pair.seeds], ['proxy-anchor+hier', 'proxy-anchor', 2]);
    const [plain, withHier] = result.rows.map(({ metrics }) => metrics[purityName('linkage', 'group')].mean);
    const { value } = pair.differences[purityName('linkage', 'group')];
    assert.ok(Math.abs(value - (withHier - plain)) < 1e-12);
  });

  it('prints a table a level, and the differences', () => {
    for (const text of [comparisonText(result), comparisonMarkdown(result)]) {
      assert.match(text, /Dendrogram purity at group/);
      assert.match(text, /siblings, group/);
      assert.match(text, /over 2 paired seeds/);
      assert.match(text, /proxy-anchor\+hier − proxy-anchor/);
    }
    assert.match(comparisonCsv([result]), /purity@lca@group mean/);
  });
});
