import assert from 'node:assert/strict';
import { copyFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkData } from '../../src/datasets/check.js';
import { makeStandIn } from '../../src/datasets/standIns/index.js';
import { UsageError } from '../../src/errors.js';
import { temporaryFolder } from '../images/support.js';

const folder = join(temporaryFolder(), 'cub');
const made = makeStandIn('cub', folder, { classes: 3, images: 2 });

test('a stand-in is in order when parts are accepted', async () => {
  await made;
  const seen: number[] = [];
  const report = await checkData(folder, { partial: true, onImage: (done) => seen.push(done) });
  assert.equal(report.kind, 'cub');
  assert.deepEqual(report.problems, []);
  assert.deepEqual(report.splits, [
    { split: 'train', classes: 3, images: 6, published: { classes: 100, images: 5864 } },
    { split: 'test', classes: 3, images: 6, published: { classes: 100, images: 5924 } },
  ]);
  assert.deepEqual([report.unreadable, report.duplicates?.files], [[], 0]);
  assert.equal(report.warnings.length, 1);
  assert.equal(seen.length, 12);
});

test('counts that differ are a problem, and all the rest is reported', async () => {
  await made;
  const report = await checkData(folder, { quick: true });
  assert.match(report.problems[0], /is not what was published/);
  assert.equal(report.problems.length, 1);
  assert.equal(report.images, 12);
  assert.deepEqual([report.unreadable, report.duplicates, report.warnings], [null, null, []]);
});

test('unreadable images and repeated files are found', async () => {
  const other = join(temporaryFolder(), 'shop');
  await makeStandIn('in-shop', other, { classes: 2, images: 3 });
  const at = (name: string) => join(other, 'Img/img', name);
  const [item, query] = ['WOMEN/Dresses/id_00000001', 'WOMEN/Blouses_Shirts/id_00000003'];
  copyFileSync(at(`${item}/01_1_front.jpg`), at(`${item}/02_2_front.jpg`));
  copyFileSync(at(`${item}/01_1_front.jpg`), at(`${query}/01_1_front.jpg`));
  truncateSync(at(`${query}/03_3_front.jpg`), 300);
  const report = await checkData(other, { partial: true });
  assert.deepEqual(
    report.unreadable?.map(({ id }) => id),
    [`img/${query}/03_3_front.jpg`],
  );
  assert.match(report.problems[0], /^1 image cannot be read: .*cut short or damaged/);
  const { examples, ...numbers } = report.duplicates!;
  assert.deepEqual(numbers, { files: 2, acrossClasses: 1, acrossSplits: 1 });
  assert.deepEqual(examples[0], [`img/${item}/01_1_front.jpg`, `img/${item}/02_2_front.jpg`]);
  assert.match(report.warnings.at(-1)!, /2 files repeat another to the byte/);
  assert.deepEqual(
    report.splits.map(({ split, images: n }) => [split, n]),
    [
      ['train', 6],
      ['test', 6],
      ['queries', 4],
      ['gallery', 2],
    ],
  );
  assert.deepEqual(report.taxonomy, [
    { level: 'gender', groups: 2 },
    { level: 'category', groups: 4 },
  ]);
});

test('what is not a data set is a problem, what is named wrongly a usage error', async () => {
  const report = await checkData('/no/where');
  assert.deepEqual([report.kind, report.name, report.images], [null, null, 0]);
  assert.equal(report.problems.length, 1);
  await assert.rejects(checkData('cub'), UsageError);
});
