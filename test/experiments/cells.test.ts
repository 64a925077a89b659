/** Comparisons under presets, on stand-ins for the data and with a network that trains in a second. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { cellsText, comparisonCsv, comparisonText, sideBySideText } from '../../src/cli/text/comparison.js';
import { makeStandIn } from '../../src/datasets/standIns/index.js';
import { UsageError } from '../../src/errors.js';
import { type CellOptions, compareCells, planCells } from '../../src/experiments/cells.js';
import { chosenPresets, PAPER_TABLES } from '../../src/experiments/paperTables.js';
import { findPreset, PRESETS } from '../../src/experiments/presets.js';
import { publishedRows } from '../../src/experiments/publishedRows.js';
import { temporaryFolder } from '../images/support.js';
import { SMALL } from './reproduceSupport.js';

describe('what is compared under presets', () => {
  it('are presets, or one of the paper’s tables', () => {
    assert.deepEqual(chosenPresets(['cub-vit-128']).losses, ['proxy-anchor', 'proxy-anchor+hier']);
    const table2 = chosenPresets(['table-2']);
    assert.deepEqual(table2.presets, ['cub-deit-128', 'cars-deit-128', 'sop-deit-128', 'in-shop-deit-128']);
    assert.deepEqual(table2.losses, ['soft-triple:centres=10', 'proxy-anchor+hier']);
    assert.equal(chosenPresets(['main-table']).presets.length, 28);
    assert.equal(PAPER_TABLES.length, 2);
    for (const [words, message] of [
      [['table-2', 'cub-vit-128'], /give it alone/],
      [['cub-vit-129'], /"cub-vit-129" is not a KEY=VALUE pair .* nor a preset .*Did you mean "cub-vit-12/],
      [['cub-vit-128', 'cub-vit-128'], /is given twice/],
    ] as const)
      assert.throws(
        () => chosenPresets(words),
        (error: Error) => error instanceof UsageError && message.test(error.message),
      );
  });

  it('have both rows of the supplement’s table 2 beside them', () => {
    const rows = PRESETS.filter(({ name }) => name.endsWith('deit-128')).map((preset) =>
      publishedRows(preset).map(({ proxies, metrics }) => [proxies, ...Object.values(metrics).slice(0, 2)]),
    );
    assert.deepEqual(rows, [
      [
        [1000, 0.727, 0.827],
        [612, 0.752, 0.842],
      ],
      [
        [980, 0.832, 0.902],
        [610, 0.851, 0.912],
      ],
      [
        [113_180, 0.809, 0.913],
        [11_830, 0.825, 0.927],
      ],
      [
        [39_970, 0.885, 0.973],
        [4509, 0.91, 0.98],
      ],
    ]);
    assert.deepEqual(Object.keys(publishedRows(findPreset('sop-deit-128'))[0].metrics), [
      'recall@1',
      'recall@10',
    ]);
    assert.equal(publishedRows(findPreset('sop-deit-384')).length, 1);
  });
});

describe('cells of a table', () => {
  const root = temporaryFolder();
  const [cub, shop] = [join(root, 'cub'), join(root, 'shop')];
  let options: CellOptions;

  before(async () => {
    await makeStandIn('cub', cub, { classes: 6, images: 4 });
    await makeStandIn('in-shop', shop, { classes: 6, images: 4 });
    options = {
      presets: ['cub-deit-128', 'in-shop-deit-128'],
      losses: ['soft-triple:centres=2', 'proxy-anchor+hier'],
      seeds: [0],
      data: { cub, 'in-shop': shop },
      overrides: [...SMALL, 'schedule.epochs=1', 'data.partial=true', 'backbone.weights=none'],
      folder: join(root, 'runs'),
      measure: false,
    };
  });

  it('are trained preset by preset, measured at the K of their data, and used again by the same command', async () => {
    const cells = await planCells(options);
    assert.deepEqual(
      cells.map(({ preset, method, left }) => [preset.name, method.name, left]),
      options.presets.flatMap((preset) => options.losses.map((loss) => [preset, loss, 'train'])),
    );
    const rates = cells.map(({ recipe }) => recipe.optimizer.multipliers.classProxies);
    assert.deepEqual(rates, [100, 1e4, 100, 1e4]); // SoftTriple's authors have another rate
    const started: string[] = [];
    const results = await compareCells(cells, {
      quiet: true,
      onRun: ({ at, of, name }) => started.push(`${at}/${of} ${name}`),
    });
    assert.equal(started[2], '3/4 in-shop-deit-128, soft-triple:centres=2, seed 0');
    assert.deepEqual(
      results.map(({ measures }) => measures.slice(0, 4)),
      [
        ['recall@1', 'recall@2', 'recall@4', 'recall@8'],
        ['recall@1', 'recall@10', 'recall@20', 'recall@30'],
      ],
    );
    assert.deepEqual(
      results[0].rows.map(({ proxies }) => proxies),
      [12, 16],
    );
    // A small network on stand-ins: nothing of the paper to compare with, and that is said.
    for (const { published, unlike } of results) {
      assert.deepEqual(published, []);
      assert.ok(unlike.some((text) => text.startsWith('not the published data')));
      assert.ok(unlike.some((text) => text.startsWith('backbone.name')));
      assert.ok(!unlike.some((text) => text.startsWith('losses.metric.name')));
    }
    assert.match(comparisonText(results[0]), /not compared with the paper: not the published data/);

    // How the work is spread does not make another run of it.
    const again = await planCells({ ...options, memory: 3e9 });
    assert.deepEqual(
      again.map(({ left, seconds }) => [left, seconds]),
      new Array(4).fill(['reuse', null]),
    );
    assert.deepEqual(
      again.map(({ folder }) => folder),
      cells.map(({ folder }) => folder),
    );
    assert.match(cellsText(again), /finished +2 +0\n/);
    assert.match(cellsText(again), /4 cells, 0\.00 hours in all/);
  });

  it('say their hours before they begin, and what from', async () => {
    const asked: string[] = [];
    const [preset] = options.presets;
    const [one, two] = await planCells({
      ...{ ...options, presets: [preset], losses: ['proxy-anchor'], seeds: [5, 6], measure: true },
      onCell: (name) => asked.push(name),
    });
    assert.deepEqual(asked, ['cub-deit-128, proxy-anchor']); // once for all seeds
    assert.ok(one.seconds! > 0 && one.seconds === two.seconds);
    assert.match(cellsText([one, two]), /proxy-anchor +5 +new +2 .*\d\.\d\d\n/);
    assert.match(
      cellsText([one, two]),
      /2 cells, \d\.\d\d hours in all.*\nHours are steps × the time of a step.*measured just now/,
    );
  });

  it('ask for the place of every data set, by name', async () => {
    await assert.rejects(planCells({ ...options, data: {} }), /--data cub:PATH --data in-shop:PATH/);
    await assert.rejects(
      planCells({ ...options, losses: ['soft-triple:centres=0'] }),
      /cub-deit-128, soft-triple:centres=0: .*at least 1/,
    );
  });
});

describe('published rows', () => {
  const spread = (mean: number) => ({ mean, deviation: Number.NaN, values: [mean] });
  const result = (name: string, source: string, second: string) => ({
    ...{
      recipe: name,
      measures: ['recall@1', second, 'map@r'],
      finished: true,
      baselines: [],
      unlike: [],
      notes: [],
    },
    data: { source, split: 'test', kind: 'image' as const, images: 1, classes: 1 },
    rows: [
      {
        ...{ method: 'soft-triple:centres=10', proxies: 1000, seeds: [0], runs: [], gain: null },
        metrics: { 'recall@1': spread(0.7), [second]: spread(0.8), 'map@r': spread(0.3) },
      },
    ],
    paired: [],
    published: publishedRows(findPreset(name)),
  });

  it('stand beside measured ones, in every form, and side by side over data sets', () => {
    const [cub, sop] = [
      result('cub-deit-128', 'cub', 'recall@2'),
      result('sop-deit-128', 'sop', 'recall@10'),
    ];
    assert.match(
      comparisonText(cub),
      /published, soft-triple of 10 centres \(supplement, table 2\) +1,000 +72\.7 +82\.7 +–/,
    );
    const both = sideBySideText([cub, sop]);
    assert.match(both, /cub proxies +cub R@1 +cub R@2 +sop proxies +sop R@1 +sop R@10/);
    assert.match(both, /published, proxy-anchor\+hier +612 +75\.2 +84\.2 +11,830 +82\.5 +92\.7/);
    assert.match(both, /soft-triple:centres=10 +1,000 +70\.0 +80\.0/);
    assert.equal(sideBySideText([cub]), '');
    const csv = comparisonCsv([cub, sop]);
    assert.match(csv, /^preset,method,proxies/);
    assert.match(
      csv,
      /sop-deit-128,"published, soft-triple of 10 centres \(supplement, table 2\)",113180,,0\.809/,
    );
  });
});
