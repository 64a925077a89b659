/** Splits by the names that people give them, in folders and in columns; where it is not plain, that is said. */
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openFolder } from '../../src/datasets/folder.js';
import { listImages } from '../../src/datasets/listImages.js';
import { openManifest } from '../../src/datasets/manifest.js';
import { openVectors } from '../../src/datasets/vectors.js';
import { writeNpy } from '../../src/io/npy.js';
import { temporaryFolder } from '../images/support.js';
import { classesOf, folderOf, pairsOf, refuses } from './support.js';

const [A, B] = [
  ['ant', 'bee', 'cat'],
  ['dog', 'eel'],
];

test('folders of splits, in any letter case and by any usual name, are splits', () => {
  for (const [train, held] of [
    ['train', 'test'],
    ['Train', 'TEST'],
    ['training', 'Testing'],
    ['training_set', 'test-set'],
    ['train', 'val'],
    ['TRAIN', 'Validation'],
    ['train', 'dev'],
  ]) {
    const dataset = openFolder(folderOf([...pairsOf(A, `${train}/`), ...pairsOf(B, `${held}/`)]));
    assert.deepEqual([...dataset.classes].sort(), [...A, ...B]);
    assert.deepEqual(classesOf(dataset, dataset.train), A, train);
    assert.deepEqual(classesOf(dataset, dataset.test), B, held);
    assert.equal(dataset.queries, undefined);
    assert.equal(
      dataset.warnings.some((warning) => /validation part is taken as the test/.test(warning)),
      /^(val|dev)/i.test(held),
    );
  }
});

test('queries and gallery are the test, beside train or inside of test', () => {
  for (const prefix of ['', 'test/']) {
    const files = [
      ...pairsOf(A, 'train/'),
      ...pairsOf(B, `${prefix}Query/`),
      ...pairsOf(B, `${prefix}gallery/`),
    ];
    const dataset = openFolder(folderOf(files));
    assert.deepEqual(classesOf(dataset, dataset.train), A);
    assert.equal(dataset.test.length, 8);
    assert.deepEqual(
      dataset.queries!.map((index) => dataset.items[index].id),
      pairsOf(B, `${prefix}Query/`),
    );
  }
});

test('train, val and test side by side are refused with the way out, and never classes', async () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  const root = folderOf(['train/', 'val/', 'test/'].flatMap((prefix) => pairsOf(five, prefix)));
  await refuses(() => openFolder(root), /holds the split val: .*held out .*data\.validation/);
  const two = folderOf(['train/', 'test/'].flatMap((prefix) => pairsOf(five, prefix)));
  await refuses(() => openFolder(two), /5 classes in both train and test/);
});

test('splits beside other folders of images are refused; beside other files they are splits', async () => {
  const splits = [...pairsOf(A, 'train/'), ...pairsOf(B, 'test/')];
  await refuses(
    () => openFolder(folderOf([...splits, 'extra/1.jpg'])),
    /train, which look like splits, beside extra|look like splits, beside extra/,
  );
  const dataset = openFolder(folderOf([...splits, 'annotations/a.xml', 'readme.txt']));
  assert.deepEqual(classesOf(dataset, dataset.test), B);
  assert.match(dataset.warnings.join(), /Folders without images beside the splits left out: annotations/);
  await refuses(
    () => openFolder(folderOf([...splits, ...pairsOf(['x'], 'Testing/')])),
    /same split under several names/,
  );
  await refuses(
    () => openFolder(folderOf(['train/1.jpg', 'test/2.jpg'])),
    /holds 2 images .* but no class folders/,
  );
  await refuses(
    () => openFolder(folderOf([...pairsOf(A, 'train/'), ...pairsOf(B, 'query/')])),
    /queries, but nothing to search in/,
  );
  await refuses(
    () => openFolder(folderOf([...pairsOf(A, 'train/'), ...pairsOf(B, 'gallery/')])),
    /gallery to search in, but no queries/,
  );
  const only = openFolder(folderOf(pairsOf(A, 'train/')));
  assert.deepEqual([only.train.length, only.test.length], [6, 0]);
});

test('the litter of systems is neither a class nor an image', () => {
  const litter = [
    ...[
      '__MACOSX/ant/._1.jpg',
      '.DS_Store',
      'Thumbs.db',
      'ant/Thumbs.db',
      'ant/@eaDir/1.jpg',
      '@eaDir/x/1.jpg',
    ],
    ...['.ipynb_checkpoints/1.jpg', 'ant/.ipynb_checkpoints/1-checkpoint.jpg', 'ant/._1.jpg', 'desktop.ini'],
    ...['$RECYCLE.BIN/1.jpg', 'System Volume Information/1.jpg', 'lost+found/1.jpg', '__pycache__/1.jpg'],
  ];
  const dataset = openFolder(folderOf([...pairsOf([...A, ...B]), ...litter]));
  assert.deepEqual(dataset.classes, [...A, ...B]);
  assert.equal(dataset.items.length, 10);
  assert.deepEqual(dataset.warnings, []);
  const split = openFolder(folderOf([...pairsOf(A, 'train/'), ...pairsOf(B, 'test/'), ...litter]));
  assert.deepEqual(classesOf(split, split.test), B);
});

test('a link to itself is an image that cannot be read, not a crash', {
  skip: process.platform === 'win32',
}, () => {
  const root = folderOf(pairsOf(A));
  symlinkSync('me.png', join(root, 'ant', 'me.png'));
  symlinkSync('loop', join(root, 'loop'));
  assert.deepEqual(
    listImages(root).images.filter((name) => name.startsWith('ant')),
    ['ant/1.jpg', 'ant/2.jpg', 'ant/me.png'],
  );
  assert.equal(openFolder(root).items.length, 7);
});

test('names of folders that are not UTF-8 are refused by name', {
  skip: process.platform !== 'linux',
}, async () => {
  const root = folderOf(pairsOf(A));
  const name = Buffer.concat([Buffer.from(`${root}/K`), Buffer.from([0xf6]), Buffer.from('nig')]);
  mkdirSync(name);
  writeFileSync(Buffer.concat([name, Buffer.from('/1.jpg')]), 'x');
  await refuses(
    () => openFolder(root),
    /a name that are not UTF-8: "K\\xf6nig".*convmv|names? .*not UTF-8: "K\\xf6nig"/,
  );
  await refuses(() => listImages(root), /K\\xf6nig/);
});

/** A folder with 16 images and a manifest of rows of the columns after path. */
function manifestOf(header: string, row: (i: number) => string, name = 'm.csv'): string {
  const images = Array.from({ length: 16 }, (_, i) => [`${i}.jpg`, 'x']);
  const lines = Array.from({ length: 16 }, (_, i) => `${i}.jpg,${row(i)}`);
  return join(folderOf({ ...Object.fromEntries(images), [name]: [header, ...lines].join('\n') }), name);
}

test('is_query and is_gallery divide the test: four queries, not sixteen', () => {
  const label = (i: number) => `c${Math.floor(i / 4)}`;
  const isTest = (i: number) => i >= 8;
  const asked = (i: number) => isTest(i) && i % 4 === 0;
  const all = manifestOf('path,label,split,is_query,is_gallery', (i) =>
    [
      label(i),
      isTest(i) ? 'test' : 'train',
      asked(i) ? 'True' : '',
      isTest(i) && !asked(i) ? '1' : '0',
    ].join(),
  );
  const without = manifestOf('path,label,set,IsQuery', (i) =>
    [label(i), isTest(i) ? 'VAL' : 'Train', String(asked(i))].join(),
  );
  const alone = manifestOf('path,label,is_query,is_gallery', (i) =>
    [label(i), asked(i), isTest(i) && !asked(i)].join(),
  );
  const named = manifestOf('path,label,partition', (i) =>
    [label(i), isTest(i) ? (asked(i) ? 'query' : 'gallery') : 'train'].join(),
  );
  for (const file of [all, without, alone, named]) {
    const { queries, test: held, train } = openManifest(file);
    assert.deepEqual([train.length, held.length, queries], [8, 8, [8, 12]], file);
  }
  const both = manifestOf(
    'path,label,split,is_query,is_gallery',
    (i) => `${label(i)},${isTest(i) ? 'test,1,1' : 'train,0,0'}`,
  );
  assert.equal(openManifest(both).queries, undefined);
});

test('what the columns of queries cannot mean is refused by line', async () => {
  const of = (header: string, test: string, train = 'train,0,0') =>
    openManifest(
      manifestOf(header, (i) => `c${Math.floor(i / 4)},${i < 8 ? train : i === 8 ? test : 'test,0,1'}`),
    );
  const header = 'path,label,split,is_query,is_gallery';
  await refuses(() => of(header, 'test,1,1'), /line 10: this test image is both a query and in the gallery/);
  await refuses(() => of(header, 'test,0,0'), /line 10: this test image is neither/);
  await refuses(() => of(header, 'test,perhaps,1'), /line 10: "is_query" must be true or false/);
  await refuses(() => of(header, 'test,1,0', 'train,1,0'), /line 2: a row of the split train is a query/);
});

test('columns that mean something elsewhere are said not to be used', () => {
  const file = manifestOf(
    'path,label,fold,x_1,y_1,is_train,weight,title',
    (i) => `c${Math.floor(i / 4)},${i % 3},1,2,1,0.5,t`,
  );
  const { warnings } = openManifest(file);
  for (const name of ['"fold"', 'x_1, y_1', '"is_train"', '"weight"'])
    assert.ok(
      warnings.some((warning) => warning.includes(name) && /not used/.test(warning)),
      name,
    );
  assert.ok(!warnings.some((warning) => warning.includes('title')));
});

test('paths are found though letters are written otherwise, or it is said what differs', async () => {
  const [nfc, nfd] = ['Bär'.normalize('NFC'), 'Bär'.normalize('NFD')];
  const root = folderOf([`${nfd}/1.jpg`, 'img/sub/2.jpg', 'img/Photo.JPG', 'img/my photo.jpg', 'img/x.png']);
  const open = (...rows: string[]) => {
    writeFileSync(join(root, 'm.csv'), ['path,label', ...rows].join('\n'));
    return openManifest(join(root, 'm.csv'));
  };
  const dataset = open(`${nfc}/1.jpg,a`, 'img\\sub\\2.jpg,b', 'img/./x.png,c', 'img\\..\\img/x.png,d');
  assert.deepEqual(
    dataset.items.map(({ path }) => path.slice(root.length + 1)),
    [`${nfd}/1.jpg`, 'img/sub/2.jpg', 'img/x.png', 'img/x.png'],
  );
  assert.equal(dataset.items[1].id, 'img/sub/2.jpg');
  await refuses(
    () => open('img/photo.jpg,a', 'img/x.png,b'),
    /line 2: .*photo\.jpg \(there is "Photo\.JPG", which differs in capital letters\)/,
  );
  await refuses(() => open('img/my_photo.jpg,a', 'img/x.png,b'), /"my photo\.jpg", which differs in spaces/);
  await refuses(() => open('img/x.jpg,a', 'img/x.png,b'), /"x\.png", which ends differently/);
  await refuses(() => open('C:\\data\\x.png,a', 'img/x.png,b'), /a path of Windows/);
  await refuses(() => open(`${'y/'.repeat(2500)}x.png,a`, 'img/x.png,b'), /1 of 2 listed files not found/);
  const nul = JSON.stringify({ path: 'img/a\0b.png', label: 'a' });
  writeFileSync(join(root, 'm.jsonl'), `${nul}\n{"path":"img/x.png","label":"b"}\n`);
  await refuses(() => openManifest(join(root, 'm.jsonl')), /a\\u0000b\.png/);
});

test('splits of vectors are read in the same way, and what their own file knows is said', async () => {
  const folder = temporaryFolder();
  const path = join(folder, 'v.npy');
  writeNpy(path, { shape: [8, 2], data: Float32Array.from({ length: 16 }, (_, i) => Math.sin(i)) });
  const labels = join(folder, 'l.csv');
  writeFileSync(
    labels,
    [
      'label,Split,is_query',
      ...['a,Train,', 'a,Train,', 'b,Train,', 'b,Train,', 'c,dev,1', 'c,dev,0', 'd,dev,1', 'd,dev,0'],
    ].join('\n'),
  );
  const dataset = await openVectors(path, { labels });
  assert.deepEqual([dataset.train.length, dataset.queries], [4, [4, 6]]);
});
