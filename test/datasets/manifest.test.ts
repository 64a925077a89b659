import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openManifest } from '../../src/datasets/manifest.js';
import { openDataset } from '../../src/datasets/open.js';
import { testContract } from './contract.js';
import { classesOf, folderOf, refuses } from './support.js';

/** A folder with the images of eight classes and a manifest of this content; returns the manifest's path. */
function manifestOf(name: string, lines: readonly string[]): string {
  const images = Array.from({ length: 16 }, (_, i) => [`img/${i}.jpg`, 'x']);
  return join(folderOf({ ...Object.fromEntries(images), [name]: lines.join('\n') }), name);
}

const names = ['hen', 'ant', 'cat', 'bee', 'dog', 'fox', 'eel', 'gnu'];
const csv = manifestOf('zoo.csv', [
  'label,path,taxonomy.kingdom,taxonomy.size',
  ...names.flatMap((name, i) => [
    `${name},img/${2 * i}.jpg,animal,${i % 2 ? 'small' : 'large'}`,
    `"${name}",img/${2 * i + 1}.jpg,animal,${i % 2 ? 'small' : 'large'}`,
  ]),
]);
testContract('CSV manifest', async () => openManifest(csv));

const jsonl = manifestOf(
  'zoo.jsonl',
  names.flatMap((label, i) =>
    [0, 1].map((k) =>
      JSON.stringify({
        path: `img/${2 * i + k}.jpg`,
        label: i < 2 ? i : label,
        split: i < 5 ? 'train' : 'test',
        id: `${label}-${k}`,
      }),
    ),
  ),
);
testContract('JSON Lines manifest', async () => openManifest(jsonl));

test('labels are in order of appearance, the split by sorted names', () => {
  const dataset = openManifest(csv);
  assert.equal(dataset.name, 'zoo');
  assert.deepEqual(dataset.classes, names);
  assert.deepEqual(classesOf(dataset, dataset.train).sort(), ['ant', 'cat', 'eel', 'gnu']);
  assert.equal(dataset.items[3].id, 'img/3.jpg');
  assert.deepEqual(dataset.taxonomy!.levels, ['kingdom', 'size']);
  assert.deepEqual(dataset.taxonomy!.terms[1].slice(0, 3), ['large', 'small', 'large']);
});

test('a list of items is a manifest: its column image, cells between tabs', async () => {
  const rows = names.flatMap((label, i) =>
    [0, 1].map((k) => `${label}\timg/${2 * i + k}.jpg\t${label}, large`),
  );
  const path = manifestOf('shop.tsv', ['label\timage\ttitle', ...rows]);
  const dataset = await openDataset(path);
  assert.deepEqual(dataset.classes, names);
  assert.equal(dataset.items[3].id, 'img/3.jpg');
  const rest = names.map((label, i) => `a.jpg,img/${i}.jpg,${label}`);
  const both = openManifest(manifestOf('both.csv', ['image,path,label', ...rest]));
  assert.equal(both.items[1].id, 'img/1.jpg', 'path is what hier has always read');
});

test('ids and splits are taken as given, numbers as labels too', () => {
  const dataset = openManifest(jsonl);
  assert.deepEqual(dataset.classes.slice(0, 3), ['0', '1', 'cat']);
  assert.deepEqual(classesOf(dataset, dataset.test), ['fox', 'eel', 'gnu']);
  assert.equal(dataset.items[3].id, 'ant-1');
});

test('byte order mark, blank lines, Windows line ends and quoted line breaks are read', () => {
  const path = manifestOf('w.csv', [
    '\ufeffpath,label\r',
    'img/1.jpg,"a\nb"\r',
    '\r',
    'img/2.jpg,c\r',
    'img/3.jpg,d\r',
  ]);
  assert.deepEqual(openManifest(path).classes, ['a\nb', 'c', 'd']);
});

test('only test rows make a data set to evaluate on, and it says so', () => {
  const path = manifestOf('t.csv', ['path,label,split', 'img/1.jpg,a,test', 'img/2.jpg,b,test']);
  const dataset = openManifest(path);
  assert.deepEqual([dataset.train.length, dataset.test.length], [0, 2]);
  assert.match(dataset.warnings[0], /can only be evaluated/);
});

test('missing files are counted and the first named with their lines', async () => {
  const rows = Array.from({ length: 7 }, (_, i) => `gone/${i}.jpg,c${i}`);
  const path = manifestOf('m.csv', ['path,label', 'img/1.jpg,a', ...rows]);
  await refuses(
    () => openManifest(path),
    /7 of 8 listed files not found/,
    /line 3: .*gone\/0\.jpg/,
    /line 7: /,
    /…/,
  );
});

test('malformed rows are refused by line', async () => {
  const csvOf = (...lines: string[]) => manifestOf('m.csv', lines);
  const jsonOf = (...lines: string[]) => manifestOf('m.jsonl', lines);
  const row = '{"path":"img/1.jpg","label":"a"}';
  await refuses(() => openManifest(csvOf('')), /m\.csv is empty/);
  await refuses(() => openManifest(csvOf('path,label')), /header but no rows/);
  await refuses(() => openManifest(csvOf('path,label', 'img/1.jpg')), /line 2/);
  await refuses(() => openManifest(csvOf('path,path', 'a,b')), /"path" is there twice/);
  await refuses(() => openManifest(csvOf('path,label', 'img/1.jpg,')), /line 2: no value for "label"/);
  await refuses(() => openManifest(csvOf('file,lable', 'a,b')), /no column "path"; it has "file", "lable"/);
  await refuses(() => openManifest(csvOf('path,lable', 'a,b')), /no column "label"; .* Did you mean "lable"/);
  await refuses(
    () => openManifest(csvOf('path,label,split', 'img/1.jpg,a,val')),
    /line 2: the split "val" cannot be used: validation classes/,
  );
  await refuses(
    () => openManifest(csvOf('path,label', 'img/1.jpg,a', 'img/1.jpg,b')),
    /lines 2 and 3 both list/,
  );
  await refuses(() => openManifest(jsonOf(row, '{"path":')), /m\.jsonl, line 2 is not valid JSON/);
  await refuses(() => openManifest(jsonOf(row, '[1]')), /line 2: expected an object/);
  await refuses(
    () => openManifest(jsonOf(row, '{"path":"img/2.jpg","label":{}}')),
    /line 2: "label".*an object/,
  );
  await refuses(() => openManifest(jsonOf(row, '{"path":"img/2.jpg"}')), /line 2: no value for "label"/);
  await refuses(() => openManifest(jsonOf(row)), /one class only \("a", 1 image\)/);
});

test('a class in two splits or in two groups is refused', async () => {
  const splits = ['path,label,split', 'img/1.jpg,a,train', 'img/2.jpg,a,test', 'img/3.jpg,b,train'];
  await refuses(() => openManifest(manifestOf('m.csv', splits)), /1 class in both train and test \(a\)/);
  const groups = ['path,label,taxonomy.g', 'img/1.jpg,a,x', 'img/2.jpg,b,x', 'img/3.jpg,a,y'];
  await refuses(
    () => openManifest(manifestOf('m.csv', groups)),
    /"a" is in "x" on line 2 and in "y" on line 4 \(column taxonomy\.g\)/,
  );
});

test('query and gallery are the two sides of the test', () => {
  const rows = (splits: readonly string[]) =>
    manifestOf('sides.csv', [
      'path,label,split',
      ...splits.map((split, i) => `img/${i}.jpg,${i < 4 ? names[i >> 1] : names[2 + (i & 1)]},${split}`),
    ]);
  const sides = ['train', 'train', 'train', 'train', 'gallery', 'query', 'query', 'gallery'];
  const { train, test, queries } = openManifest(rows(sides));
  assert.deepEqual(
    [train, test, queries],
    [
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [5, 6],
    ],
  );
  // What is called test beside them is searched in.
  assert.deepEqual(openManifest(rows([...sides.slice(0, 7), 'test'])).queries, [5, 6]);
  for (const [splits, what] of [
    [
      [...sides.slice(0, 4), 'query', 'query', 'query', 'query'],
      /the split "query" cannot be used: there are queries, but nothing to search in/,
    ],
    [[...sides.slice(0, 7), 'galery'], /unknown split "galery"/],
  ] as const)
    assert.throws(() => openManifest(rows(splits)), what);
});
