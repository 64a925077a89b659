import assert from 'node:assert/strict';
import { cpSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Dataset } from '../../src/datasets/dataset.js';
import { fingerprint } from '../../src/datasets/fingerprint.js';
import { openFolder } from '../../src/datasets/folder.js';
import { holdOutValidation } from '../../src/datasets/validation.js';
import { temporaryFolder } from '../images/support.js';
import { folderOf, pairsOf, refuses } from './support.js';

const classes = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'];
const root = folderOf(pairsOf(classes));
const hash = async (dataset: Dataset, fraction = 0) =>
  (await fingerprint(dataset, holdOutValidation(dataset, fraction))).sha256;

test('counts every split', async () => {
  const dataset = openFolder(root);
  const {
    name,
    classes: total,
    images,
    splits,
  } = await fingerprint(dataset, holdOutValidation(dataset, 0.4));
  assert.deepEqual([name, total, images], [dataset.name, 9, 18]);
  assert.deepEqual(splits, {
    train: { classes: 3, images: 6 },
    validation: { classes: 2, images: 4 },
    test: { classes: 4, images: 8 },
  });
});

test('does not depend on where the files lie, their times or the folder name', async () => {
  const copy = join(temporaryFolder(), 'elsewhere');
  cpSync(root, copy, { recursive: true });
  utimesSync(join(copy, 'a/1.jpg'), new Date(0), new Date(0));
  assert.equal(await hash(openFolder(copy)), await hash(openFolder(root)));
});

test('changes with contents, names, labels and splits', async () => {
  const copy = join(temporaryFolder(), 'copy');
  cpSync(root, copy, { recursive: true });
  const hashes = [await hash(openFolder(copy)), await hash(openFolder(copy), 0.4)];
  writeFileSync(join(copy, 'a/1.jpg'), 'other');
  hashes.push(await hash(openFolder(copy)));
  renameSync(join(copy, 'a/1.jpg'), join(copy, 'a/3.jpg'));
  hashes.push(await hash(openFolder(copy)));
  renameSync(join(copy, 'a/3.jpg'), join(copy, 'c/3.jpg'));
  hashes.push(await hash(openFolder(copy)));
  const dataset = openFolder(copy);
  hashes.push(await hash({ ...dataset, train: dataset.test, test: dataset.train }));
  hashes.push(await hash({ ...dataset, taxonomy: { levels: ['x'], terms: [classes] } }));
  assert.equal(new Set(hashes).size, hashes.length);
});

test('of generated data the origin counts, not the bytes', async () => {
  const dataset = openFolder(root);
  const made = { ...dataset, origin: 'v1', items: dataset.items.map((item) => ({ ...item, path: '/gone' })) };
  assert.equal(await hash(made), await hash({ ...dataset, origin: 'v1' }));
  assert.notEqual(await hash(made), await hash({ ...dataset, origin: 'v2' }));
  await refuses(() => hash({ ...made, origin: undefined as unknown as string }), /Could not read \/gone/);
});
