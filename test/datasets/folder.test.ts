import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFolder } from '../../src/datasets/folder.js';
import { listImages } from '../../src/datasets/listImages.js';
import { testContract } from './contract.js';
import { classesOf, folderOf, pairsOf, refuses } from './support.js';

const eight = ['ant', 'Bee', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen'];

const plain = folderOf(pairsOf(eight));
testContract('folder', async () => openFolder(plain));
const split = folderOf([...pairsOf(eight.slice(0, 5), 'train/'), ...pairsOf(eight.slice(5), 'test/')]);
testContract('folder with train and test', async () => openFolder(split));

test('classes sorted by name alternate between train and test', () => {
  const dataset = openFolder(plain);
  assert.deepEqual(dataset.classes, ['Bee', 'ant', 'cat', 'dog', 'eel', 'fox', 'gnu', 'hen']);
  assert.deepEqual(classesOf(dataset, dataset.train), ['Bee', 'cat', 'eel', 'gnu']);
  assert.deepEqual(dataset.items[0], { id: 'Bee/1.jpg', path: join(plain, 'Bee/1.jpg'), label: 0 });
  assert.deepEqual(dataset.warnings, []);
});

test('train and test folders are the splits', () => {
  const dataset = openFolder(split);
  assert.deepEqual(classesOf(dataset, dataset.test), ['fox', 'gnu', 'hen']);
  assert.equal(dataset.items[0].id, 'train/Bee/1.jpg');
});

test('all formats count, in any letter case and at any depth; the rest is left out and said', () => {
  const root = folderOf([
    ...['a/1.JPG', 'a/deep/2.jpeg', 'b/1.png', 'b/2.WebP', 'c/1.gif', 'c/2.jpg'],
    ...['a/notes.txt', 'a/.hidden.jpg', 'readme.md', 'loose.png', 'd/x.tiff'],
  ]);
  const dataset = openFolder(root);
  assert.deepEqual(
    dataset.items.map((item) => item.id),
    ['a/1.JPG', 'a/deep/2.jpeg', 'b/1.png', 'b/2.WebP', 'c/1.gif', 'c/2.jpg'],
  );
  assert.deepEqual(dataset.warnings.slice(0, 3), [
    '1 image outside class folders left out: loose.png.',
    '3 files of another kind left out: a/notes.txt, d/x.tiff, readme.md.',
    '1 class folder without images left out: d.',
  ]);
});

test('classes of one image, and a single test class, are warned of', () => {
  const { warnings } = openFolder(folderOf(['a/1.jpg', 'b/1.jpg', 'c/1.jpg', 'c/2.jpg']));
  assert.match(warnings[0], /test split has one class/);
  assert.match(warnings[1], /1 training class with a single image \(a\)/);
  assert.match(warnings[2], /1 test class with a single image \(b\).*left out of the metrics/);
});

test('what cannot be used is refused with the reason', async () => {
  const empty = folderOf([]);
  await refuses(() => openFolder(empty), /holds no images/, /one folder a class/);
  await refuses(() => openFolder(folderOf(['a/x.txt'])), /It holds a\/x\.txt/);
  await refuses(() => openFolder(folderOf(['1.jpg', '2.jpg'])), /holds 2 images.*but no class folders/);
  await refuses(() => openFolder(folderOf(pairsOf(['only']))), /one class only \("only", 2 images\)/);
  await refuses(
    () => openFolder(folderOf(pairsOf(['a', 'b']))),
    /one training class only \("a"\).*every second/,
  );
  await refuses(
    () => openFolder(folderOf([...pairsOf(['a'], 'train/'), ...pairsOf(['b', 'c'], 'test/')])),
    /one training class only/,
  );
  await refuses(() => openFolder(join(empty, 'gone')), /Could not read the folder .*gone/);
});

test('classes in both train and test are refused by name', async () => {
  const root = folderOf([...pairsOf(['a', 'b', 'c'], 'train/'), ...pairsOf(['b', 'c', 'd'], 'test/')]);
  await refuses(() => openFolder(root), /2 classes in both train and test \(b, c\)/, /one of them/);
});

test('a train folder beside other folders is a class like any other', () => {
  const dataset = openFolder(folderOf(pairsOf(['train', 'bus', 'tram'])));
  assert.deepEqual(dataset.classes, ['bus', 'train', 'tram']);
});

test('links that lead back up do not go round for ever', () => {
  const root = folderOf(['a/1.jpg']);
  symlinkSync(root, join(root, 'a', 'up'));
  assert.deepEqual(listImages(root).images, ['a/1.jpg']);
});
