/** `hier reproduce` and `hier export` as processes of their own; what they compute is tested in test/training. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeStandIn } from '../../../src/datasets/standIns/index.js';
import { temporaryFolder } from '../../images/support.js';
import { runHere } from '../inProcess.js';
import { hier } from '../support.js';

describe('hier reproduce and hier export', () => {
  const cwd = temporaryFolder();
  const small = [
    ...[
      'images.size=16',
      'images.resizeTo=18',
      'backbone.name=tiny-vit',
      'backbone.patch=8',
      'backbone.width=12',
    ],
    ...['backbone.depth=1', 'backbone.heads=2', 'head.embeddingSize=6', 'losses.hier.proxies=10'],
    ...['losses.hier.neighbours=4', 'batch.size=8', 'schedule.epochs=1', 'engine.replicas=1'],
  ];
  const words = ['reproduce', 'cars-vit-128', '--data', 'cars', '--partial', '--weights', 'none', ...small];

  it('lists every preset with its settings and the published numbers', async () => {
    const { code, stdout } = await runHere(['reproduce', '--list', '--json']);
    assert.equal(code, 0);
    const presets = JSON.parse(stdout) as {
      name: string;
      published: object[];
      recipe: { schedule: object };
    }[];
    assert.equal(presets.length, 28);
    const found = presets.find(({ name }) => name === 'cars-vit-128')!;
    assert.deepEqual(found.published[0], { k: 1, recall: 0.864 });
    assert.equal((found.recipe.schedule as { epochs: number }).epochs, 50);
    assert.match(
      (await runHere(['reproduce', '--list'])).stdout,
      /\ncars-vit-128 +128 +50 .* R@1 86\.4 {2}R@2 91\.9/,
    );
  });

  it('says what is wrong with a command', async () => {
    for (const [given, message] of [
      [['reproduce'], /Which preset\?/],
      [['reproduce', 'cub-vit-128'], /Where is the data set "cub"\?/],
      [['reproduce', 'table-2', '--data', 'x'], /table of 4 presets: train it with npx hier compare table-2/],
      [['reproduce', 'cub-vit-128', '--data', 'x', '--memory', '0'], /number of GB above 0/],
      [['export', 'absent', '--out', 'x'], /There is no run folder absent/],
    ] as const) {
      const { code, stderr } = await runHere(given, { cwd });
      assert.equal(code, 2, stderr);
      assert.match(stderr, message);
    }
  });

  it('plans, trains, prints measured beside published, and exports', async () => {
    await makeStandIn('cars', join(cwd, 'cars'), { classes: 3, images: 4 });
    const plan = await runHere([...words, '--dry-run'], { cwd });
    assert.equal(plan.code, 0, plan.stderr);
    assert.match(plan.stdout, /^preset +cars-vit-128: cars, tiny-vit, 6 dimensions\n/);
    assert.match(plan.stdout, /\nsteps +1: 1 epoch of 1 step of 8 images\n/);
    assert.match(
      plan.stdout,
      /\npublished +not compared with, for this is not what the paper measured: not the published/,
    );
    assert.match(plan.stdout, /\nmeasured +just now on this machine: 1 × 2 images forward \d+ ms/);
    assert.match(plan.stdout, /\nnot as in the paper: schedule\.epochs: 50 → 1\n/);
    assert.match(plan.stdout, /\nnote: Not the published Cars-196/);
    assert.ok(!existsSync(join(cwd, 'runs')));

    const trained = await hier([...words, '--quiet'], { cwd });
    assert.equal(trained.code, 0, trained.stderr);
    assert.match(trained.stdout, /\nR@1 +\d+\.\d\n/);
    assert.doesNotMatch(trained.stdout, /86\.4|difference/);
    assert.match(trained.stdout, /\nnot compared with the paper: not the published data: train: /);

    const run = 'runs/cars-vit-128';
    const exported = await hier(['export', run, '--out', 'out', '--images', '2'], { cwd });
    assert.equal(exported.code, 0, exported.stderr);
    assert.match(exported.stdout, /over 2 inputs .* accepted are 0\.0001: passed/);
    const strict = [
      'export',
      run,
      '--out',
      'out',
      '--images',
      '2',
      '--tolerance',
      '1e-30',
      '--no-metrics',
      '--json',
    ];
    const failed = await runHere(strict, { cwd });
    assert.equal(failed.code, 1);
    assert.equal(JSON.parse(failed.stdout).parity.passed, false);
  });
});
