import assert from 'node:assert/strict';
import { mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DataReport } from '../../../src/datasets/check.js';
import { temporaryFolder } from '../../images/support.js';
import { runHere } from '../inProcess.js';
import { hier, TINY } from '../support.js';

const work = temporaryFolder();
process.env.HIER_CACHE = join(work, 'cache');

test('a stand-in is made, checked, and refused as the published data set', async () => {
  const folder = join(work, 'cub');
  const made = await runHere([
    'data',
    'stand-in',
    'cub',
    folder,
    '--archive',
    '--classes',
    '2',
    '--images',
    '2',
  ]);
  assert.equal(made.code, 0, made.stderr);
  const archive = join(folder, 'CUB_200_2011.tgz');

  const partial = await hier(['data', 'check', archive, '--partial', '--json']);
  assert.equal(partial.code, 0, partial.stderr);
  const report = JSON.parse(partial.stdout) as DataReport;
  assert.deepEqual([report.kind, report.images, report.unreadable], ['cub', 8, []]);

  const whole = await runHere(['data', 'check', archive, '--quick']);
  assert.equal(whole.code, 3);
  assert.match(whole.stdout, /problem: CUB-200-2011 in .*CUB_200_2011\.tgz is not what was published/);
  assert.match(whole.stdout, /train +2 +4 +100 +5,864/);
});

test('damaged images leave with 3, wrong words with 2', async () => {
  const folder = join(work, 'sop');
  const old = await runHere(['data', 'replica', 'sop', folder, '--classes', '2', '--images', '2']);
  assert.match(old.stderr, /^hier data replica is now called hier data stand-in\.$/m);
  truncateSync(join(folder, 'Stanford_Online_Products/bicycle_final/111000007919_0.JPG'), 200);
  const damaged = await runHere(['data', 'check', folder, '--as', 'sop', '--partial']);
  assert.equal(damaged.code, 3);
  assert.match(damaged.stdout, /unreadable images: 1/);
  assert.match(damaged.stdout, /problem: 1 image cannot be read/);
  mkdirSync(join(work, 'empty'));
  assert.equal((await runHere(['data', 'check', join(work, 'empty')])).code, 3);
  assert.equal((await runHere(['data', 'check', folder, '--as', 'birds'])).code, 2);
  assert.equal((await runHere(['data', 'stand-in', 'cub', folder])).code, 2);
});

test('In-Shop is trained on with random crops and evaluated with queries against a gallery', async () => {
  const [folder, run] = [join(work, 'shop'), join(work, 'run')];
  await runHere(['data', 'stand-in', 'in-shop', folder, '--archive', '--classes', '8', '--images', '5']);
  const data = ['data.source=in-shop', `data.path=${folder}`, 'data.partial=true', 'data.validation=0'];
  const images = ['images.store=null', 'images.resizeTo=18', 'images.fit=cover'];
  const augment = ['images.augment.kind=crop', 'images.augment.scale=[0.08,1]'];
  const words = [...TINY, ...data, ...images, ...augment, 'schedule.epochs=1', 'evaluation.everyEpochs=1'];
  const trained = await runHere(['train', 'demo', '--out', run, '--quiet', ...words]);
  assert.equal(trained.code, 0, trained.stderr);
  const evaluated = await runHere(['eval', run, '--json']);
  assert.equal(evaluated.code, 0, evaluated.stderr);
  const { data: what, rows } = JSON.parse(evaluated.stdout);
  assert.deepEqual([what.images, what.classes], [40, 8]);
  // Three of five test images of a class are queries, and none of them is lone: its matches are in the gallery.
  for (const { queries, lone } of rows) assert.deepEqual([queries, lone], [24, 0]);
});
