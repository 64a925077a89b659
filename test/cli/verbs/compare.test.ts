/** `hier compare` as a process of its own; what it computes is tested in test/training/compare.test.ts. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { makeStandIn } from '../../../src/datasets/standIns/index.js';
import { SMALL } from '../../experiments/reproduceSupport.js';
import { temporaryFolder } from '../../images/support.js';
import { runHere } from '../inProcess.js';
import { drawClasses, hier, type Outcome, TINY } from '../support.js';

describe('hier compare', () => {
  const cwd = temporaryFolder();
  const words = [
    'compare',
    '--recipe',
    'smoke',
    ...TINY,
    'schedule.epochs=2',
    '--data',
    'shapes',
    '--runs',
    'runs',
  ];
  let first: Outcome;

  before(async () => {
    await drawClasses(join(cwd, 'shapes'), 12, 4);
    const out = ['--out', 'table.md', '--out', 'table.csv', '--json'];
    first = await hier([...words, '--losses', 'proxy-nca,sup-con+hier', '--seeds', '4', ...out], { cwd });
  });

  it('prints one JSON document and writes the files asked for', () => {
    assert.equal(first.code, 0, first.stderr);
    const result = JSON.parse(first.stdout) as {
      finished: boolean;
      rows: { method: string; seeds: number[] }[];
    };
    assert.equal(result.finished, true);
    assert.deepEqual(
      result.rows.map(({ method, seeds }) => [method, seeds]),
      [
        ['proxy-nca', [4]],
        ['sup-con+hier', [4]],
      ],
    );
    assert.match(readFileSync(join(cwd, 'table.md'), 'utf8'), /\| sup-con\+hier \| 8 \| 1 \| \d+\.\d \|/);
    assert.match(readFileSync(join(cwd, 'table.csv'), 'utf8'), /^method,proxies,seeds,recall@1 mean/);
    assert.match(first.stderr, /\[1\/2\] proxy-nca, seed 4: training in runs/);
  });

  it('uses what is there when more is asked for', async () => {
    const { code, stdout, stderr } = await runHere([...words, '--losses', 'proxy-nca', '--seeds', '4,5'], {
      cwd,
    });
    assert.equal(code, 0, stderr);
    assert.match(stderr, /\[1\/2\] proxy-nca, seed 4: finished already in/);
    assert.match(stderr, /\[2\/2\] proxy-nca, seed 5: training in/);
    assert.match(stdout, /proxy-nca +4 +2 +\d+\.\d ± \d+\.\d/);
  });

  it('fails, and says why, when no run came to its end', async () => {
    const inTheWay = ['--runs', 'shapes/00-circle/0.png', '--losses', 'proxy-nca', '--seeds', '4'];
    const { code, stdout, stderr } = await runHere([...words, ...inTheWay], { cwd });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /note: proxy-nca with seed 4 failed and is left out: Could not write/);
  });

  it('plans presets and trains nothing with --dry-run', async () => {
    await makeStandIn('cub', join(cwd, 'cub'), { classes: 6, images: 4 });
    const preset = ['compare', 'cub-deit-128', '--losses', 'proxy-anchor', '--data', 'cub', '--dry-run'];
    const { code, stdout, stderr } = await runHere(
      [...preset, '--json', ...SMALL, 'data.partial=true', 'backbone.weights=none'],
      { cwd },
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /measuring a step of cub-deit-128, proxy-anchor/);
    const [cell] = (JSON.parse(stdout) as { cells: { left: string; seconds: number; folder: string }[] })
      .cells;
    assert.ok(cell.left === 'train' && cell.seconds > 0);
    assert.ok(!existsSync(join(cwd, cell.folder)));
  });

  it('refuses what cannot be, before anything is trained', async () => {
    for (const [given, message] of [
      [['--losses', 'proxy-anker'], /no loss "proxy-anker" to compare/],
      [['--losses', 'a,,b'], /Separate the entries by single commas/],
      [['--losses', 'sup-con', '--seeds', '1.5'], /whole numbers from 0/],
      [['--losses', 'sup-con', '--out', 'table.xls'], /must end in \.txt, \.md, \.csv, \.svg, \.json/],
      [['--losses', 'sup-con', '--out', 'trade.svg'], /A figure .* of one recipe, with --trees/],
      [['--losses', 'sup-con', 'demo'], /"demo" is not a KEY=VALUE pair/],
      [['cub-vit-128', '--recipe', 'demo'], /Presets are recipes of their own .*leave --recipe out/],
      [['--losses', 'sup-con', '--dry-run'], /--dry-run goes with presets/],
      [['table-2', '--data', 'cub:x'], /Where are the data sets cars, sop, in-shop\?.*--data cars:PATH/],
      [['cub-vit-128', 'cars-vit-128', '--data', 'x'], /Which data set lies at x\? .*cub:PATH or cars:PATH/],
      [['table-2', 'cub-vit-128'], /give it alone/],
      [[], /required option '--losses <LIST>' not specified/],
    ] as const) {
      const { code, stderr, stdout } = await runHere(['compare', ...given, '--runs', 'none'], { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
      assert.equal(stdout, '');
    }
    assert.equal(existsSync(join(cwd, 'none')), false);
  });
});
