import assert from 'node:assert/strict';
import { appendFileSync, cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type PublishedData, sizeDifferences, sizesOf } from '../../src/datasets/benchmark.js';
import { BENCHMARKS } from '../../src/datasets/benchmarks.js';
import { checkData } from '../../src/datasets/check.js';
import type { Dataset } from '../../src/datasets/dataset.js';
import { fingerprint } from '../../src/datasets/fingerprint.js';
import { openDataset } from '../../src/datasets/open.js';
import { makeStandIn } from '../../src/datasets/standIns/index.js';
import type { StandInOptions } from '../../src/datasets/standIns/standIn.js';
import { UsageError } from '../../src/errors.js';
import { packFolder } from '../../src/io/pack.js';
import { planSmall } from '../experiments/reproduceSupport.js';
import { temporaryFolder } from '../images/support.js';
import { testContract } from './contract.js';
import { classesOf, refuses } from './support.js';

const cache = temporaryFolder();

/** A new stand-in; its folder. */
async function standIn(name: PublishedData, options: StandInOptions = {}): Promise<string> {
  const folder = join(temporaryFolder(), name);
  await makeStandIn(name, folder, { classes: 4, images: 3, ...options });
  return folder;
}

const open = (path: string, partial = true) => openDataset(path, { partial, cache });

const KINDS: [string, PublishedData, StandInOptions][] = [
  ['cub', 'cub', {}],
  ['cub, packed', 'cub', { archive: true }],
  ['cub of 2010', 'cub', { layout: '2010' }],
  ['cars', 'cars', {}],
  ['cars, packed', 'cars', { archive: true }],
  ['cars as a kit', 'cars', { layout: 'kit' }],
  ['cars as a kit, packed', 'cars', { layout: 'kit', archive: true }],
  ['sop', 'sop', {}],
  ['sop, packed', 'sop', { archive: true }],
  ['in-shop', 'in-shop', {}],
  ['in-shop, packed', 'in-shop', { archive: true }],
  ['grocery', 'grocery', {}],
  ['grocery, packed', 'grocery', { archive: true }],
];

for (const [title, name, options] of KINDS) {
  const folder = standIn(name, options);
  testContract(title, async () => open(await folder));

  test(`${title}: 4 + 4 classes of 3 images, recognised without being named`, async () => {
    const dataset = await open(await folder);
    assert.equal(dataset.name, name);
    assert.deepEqual(sizesOf(dataset).train, { classes: 4, images: 12 });
    assert.deepEqual(sizesOf(dataset).test, { classes: 4, images: 12 });
    assert.deepEqual(await openDataset(`${name}:${await folder}`, { partial: true, cache }), dataset);
    assert.deepEqual(await openDataset(name, { path: await folder, partial: true, cache }), dataset);
  });

  test(`${title}: counts that were not published are refused, and said`, async () => {
    await refuses(
      async () => open(await folder, false),
      /is not what was published:/,
      /train: 12 images of 4 classes, published are [\d,]+ images of [\d,]+ classes/,
      /data\.partial=true.*--partial/,
    );
    assert.match((await open(await folder)).warnings[0], /^Not the published .*: train: 12 images of 4/);
  });
}

test('a packed stand-in has the ids and the fingerprint of the folder', async () => {
  for (const name of ['cub', 'cars', 'sop', 'in-shop', 'grocery'] as const) {
    const [one, two] = await Promise.all(
      [{}, { archive: true }].map(async (o) => open(await standIn(name, o))),
    );
    const print = async (dataset: Dataset) =>
      (await fingerprint(dataset, { train: dataset.train, validation: [] })).sha256;
    assert.equal(await print(one), await print(two), name);
  }
});

test('an archive is opened by its own name, under any name', async () => {
  const folder = await standIn('cub', { archive: true });
  renameSync(join(folder, 'CUB_200_2011.tgz'), join(folder, 'birds'));
  assert.equal((await open(join(folder, 'birds'))).name, 'cub');
});

test('an archive of class folders is a data set of its own', async () => {
  const folder = await standIn('sop');
  const flowers = join(temporaryFolder(), 'flowers');
  for (const name of ['a', 'b', 'c', 'd'])
    cpSync(join(folder, 'Stanford_Online_Products/bicycle_final'), join(flowers, name), { recursive: true });
  await packFolder(flowers, `${flowers}.zip`);
  assert.deepEqual((await open(`${flowers}.zip`)).classes, ['a', 'b', 'c', 'd']);
});

test('the published sizes add up to the published totals', () => {
  const totals = { cub: 11_788, cars: 16_185, sop: 120_053, 'in-shop': 52_712, grocery: 5421 };
  for (const { name, published } of Object.values(BENCHMARKS)) {
    assert.equal(published.train.images + published.test.images, totals[name]);
    assert.deepEqual(sizeDifferences(published, published), []);
  }
  for (const name of ['in-shop', 'grocery'] as const) {
    const { queries, gallery, test: held } = BENCHMARKS[name].published;
    assert.equal(queries!.images + gallery!.images, held.images);
  }
  const { cub } = BENCHMARKS;
  const less = { ...cub.published, test: { classes: 100, images: 5923 } };
  assert.deepEqual(sizeDifferences(less, cub.published), [
    'test: 5,923 images of 100 classes, published are 5,924 images of 100 classes',
  ]);
});

test('CUB is divided by class, not by train_test_split.txt', async () => {
  const dataset = await open(await standIn('cub'));
  assert.deepEqual(classesOf(dataset, dataset.train), [
    '001.Black_footed_Albatross',
    '002.Laysan_Albatross',
    '003.Sooty_Albatross',
    '004.Groove_billed_Ani',
  ]);
  assert.equal(classesOf(dataset, dataset.test)[0], '101.White_Pelican');
});

test('CUB needs its images only', async () => {
  const folder = await standIn('cub');
  const whole = await open(folder);
  rmSync(join(folder, 'CUB_200_2011/images.txt'));
  writeFileSync(join(folder, 'CUB_200_2011/images/001.Black_footed_Albatross/._x.jpg'), 'resource');
  assert.deepEqual((await open(folder)).items, whole.items);
});

test('CUB of 2010 is recognised by its lists or its count, counted by itself, and said', async () => {
  const folder = join(temporaryFolder(), 'CUB_200');
  const { train, test: held } = BENCHMARKS.cub.others![0].published;
  assert.equal(train.images + held.images, 6033);
  const files = Array.from({ length: 200 }, (_, i) => {
    const { images } = i < 100 ? train : held;
    const name = `${String(i + 1).padStart(3, '0')}.Bird_${i}`;
    const count = Math.floor(images / 100) + (i % 100 < images % 100 ? 1 : 0);
    return Array.from({ length: count }, (_, j) => `${name}/Bird_${i}_${String(j).padStart(4, '0')}_123.jpg`);
  });
  for (const all of files) {
    mkdirSync(join(folder, 'images', all[0], '..'), { recursive: true });
    for (const file of all) writeFileSync(join(folder, 'images', file), '');
  }
  const note = /^This is CUB-200 \(2010\)\. The numbers that papers report are of CUB-200-2011/;
  const counted = await open(folder, false); // images alone
  assert.match(counted.warnings[0], note);
  mkdirSync(join(folder, 'lists'));
  const list = (name: string, texts: readonly string[]) =>
    writeFileSync(join(folder, 'lists', name), texts.map((text) => `${text}\r\n`).join(''));
  list('files.txt', files.flat());
  list(
    'classes.txt',
    files.map(([first]) => first.split('/')[0]),
  );
  list(
    'train.txt',
    files.flat().filter((_, i) => i % 2 === 0),
  );
  list(
    'test.txt',
    files.flat().filter((_, i) => i % 2 === 1),
  );
  const listed = await open(folder, false);
  assert.deepEqual(listed, counted);
  assert.deepEqual([sizesOf(listed).train, sizesOf(listed).test], [train, held]);
  assert.equal(listed.release, 'CUB-200 (2010)');
  const { problems, splits } = await checkData(folder, { quick: true });
  assert.deepEqual([problems, splits[0].published], [[], train]);

  const { unlike } = await planSmall('cub-deit-128', folder, { partial: false });
  assert.ok(unlike.includes('the data are CUB-200 (2010), and the published numbers are of CUB-200-2011'));
  assert.ok(!unlike.some((text) => text.startsWith('not the published data')));

  rmSync(join(folder, 'images', files[0][0]));
  await refuses(
    () => open(folder, false),
    /CUB-200 \(2010\) in .* is not what was published/,
    /1 image of .*files\.txt missing/,
  );
  writeFileSync(join(folder, 'lists/files.txt'), '../elsewhere.jpg\n');
  await refuses(() => open(folder, false), /leads outside/);
});

test('CUB of 2010 comes in an archive of images and one of lists, looked into when it is named', async () => {
  const folder = await standIn('cub', { layout: '2010', archive: true });
  const dataset = await openDataset(`cub:${folder}`, { partial: true, cache });
  assert.equal(dataset.release, 'CUB-200 (2010)');
  assert.deepEqual(
    dataset.items.map(({ id }) => id),
    (await open(await standIn('cub', { layout: '2010' }))).items.map(({ id }) => id),
  );
});

test('layouts of stand-ins are of one benchmark each', async () => {
  for (const [name, layout] of [
    ['cars', '2010'],
    ['cub', 'kit'],
  ] as const)
    await assert.rejects(standIn(name, { layout }), /is one of (cub|cars), not of/);
});

test('Cars-196 reads what scipy wrote, with the names of the list', async () => {
  const folder = temporaryFolder();
  cpSync('test/fixtures/datasets/cars_annos.mat', join(folder, 'cars_annos.mat'));
  mkdirSync(join(folder, 'car_ims'));
  for (let i = 1; i <= 8; i++) writeFileSync(join(folder, `car_ims/00000${i}.jpg`), `${i}`);
  const dataset = await open(folder);
  assert.deepEqual(classesOf(dataset, dataset.train), ['Make Model 1', 'Make Model 2']);
  assert.deepEqual(classesOf(dataset, dataset.test), ['Make Model 99', 'Make Model 100']);
  assert.deepEqual(
    dataset.items.map(({ id }) => id),
    Array.from({ length: 8 }, (_, i) => `car_ims/00000${i + 1}.jpg`),
  );
});

test('Cars-196 says which of its parts is missing', async () => {
  const kit = await standIn('cars', { layout: 'kit' });
  rmSync(join(kit, 'cars_test'), { recursive: true });
  await refuses(() => open(kit), /no folder "cars_test"\. Unpack cars_test\.tgz/);
  rmSync(join(kit, 'cars_test_annos_withlabels.mat'));
  await refuses(() => open(kit), /not cars_test_annos_withlabels\.mat\. The test list of the kit/);
  rmSync(join(kit, 'devkit/cars_meta.mat'));
  await refuses(() => open(kit), /not cars_meta\.mat/);
  const all = await standIn('cars');
  rmSync(join(all, 'car_ims'), { recursive: true });
  await refuses(() => open(all), /no folder "car_ims"\. Unpack car_ims\.tgz/);
});

test('SOP has its super-classes, in the numbers of the list', async () => {
  const dataset = await open(await standIn('sop'));
  assert.deepEqual(dataset.taxonomy?.levels, ['super-class']);
  assert.deepEqual(classesOf(dataset, dataset.train), [
    'bicycle 1',
    'cabinet 2',
    'chair 3',
    'coffee_maker 4',
  ]);
  assert.deepEqual(dataset.taxonomy?.terms[0].slice(0, 4), ['bicycle', 'cabinet', 'chair', 'coffee_maker']);
  assert.equal(classesOf(dataset, dataset.test).at(-1), 'mug 11322');
});

test('In-Shop keeps queries and gallery apart, with the same classes', async () => {
  const dataset = await open(await standIn('in-shop'));
  const { queries, gallery } = sizesOf(dataset);
  assert.deepEqual(
    [queries, gallery],
    [
      { classes: 4, images: 8 },
      { classes: 4, images: 4 },
    ],
  );
  assert.ok(dataset.queries!.every((index) => dataset.test.includes(index)));
  assert.deepEqual(dataset.taxonomy?.levels, ['gender', 'category']);
  assert.deepEqual(
    dataset.taxonomy?.terms.map((terms) => terms[0]),
    ['WOMEN', 'WOMEN/Dresses'],
  );
  assert.equal(dataset.classes[0], 'id_00000001');
});

test('In-Shop takes the high-resolution images where there are no others', async () => {
  const folder = await standIn('in-shop');
  renameSync(join(folder, 'Img/img'), join(folder, 'Img/img_highres'));
  assert.match((await open(folder)).items[0].id, /^img_highres\/WOMEN\/Dresses/);
  rmSync(join(folder, 'Img'), { recursive: true });
  await refuses(() => open(folder), /the list of In-Shop but not its images, such as img\/WOMEN/);
});

test('listed images that are missing are named, or left out of a part', async () => {
  const folder = await standIn('sop');
  rmSync(join(folder, 'Stanford_Online_Products/chair_final'), { recursive: true });
  await refuses(() => open(folder, false), /3 images of .*Ebay_test\.txt.* missing: chair_final\/\d+_0\.JPG/);
  const part = await open(folder);
  assert.equal(part.items.length, 21);
  assert.match(part.warnings[0], /3 images of .* missing: chair_final/);
  assert.ok(!part.classes.includes('chair 3'));
});

test('damaged lists are refused with file and line', async () => {
  const cub = await standIn('cub');
  const list = join(cub, 'CUB_200_2011/images.txt');
  const text = readFileSync(list, 'utf8');
  appendFileSync(list, '99\n');
  await refuses(() => open(cub), /images\.txt, line 25: 1 columns where 2 belong: "99"/);
  writeFileSync(list, text.replace('1 001.', '1 ../001.'));
  await refuses(() => open(cub), /images\.txt, line 1: the path "\.\.\/001\..*" leads outside/);
  writeFileSync(list, text.replace(/001\./g, '201.'));
  await refuses(() => open(cub), /is not an image of one of the classes 001 to 200/);
  writeFileSync(list, text + text.split('\n')[0]);
  await refuses(() => open(cub), /lists an image twice/);

  const shop = await standIn('in-shop');
  const partition = join(shop, 'Eval/list_eval_partition.txt');
  const rows = readFileSync(partition, 'utf8');
  writeFileSync(partition, rows.replace('gallery', 'galery'));
  await refuses(
    () => open(shop),
    /list_eval_partition\.txt, line \d+: the status "galery" is not train, query/,
  );
  writeFileSync(partition, rows.replace(/ id_00000001/, ' item_x'));
  await refuses(() => open(shop), /line 3: "item_x" is not an item such as id_00000002/);

  const sop = await standIn('sop');
  const ebay = join(sop, 'Stanford_Online_Products/Ebay_train.txt');
  writeFileSync(ebay, readFileSync(ebay, 'utf8').replace('\n1 1 1', '\n1 zero 1'));
  await refuses(() => open(sop), /Ebay_train\.txt, line 2: "zero" is not a whole number/);
});

test('Windows line ends are line ends', async () => {
  const folder = await standIn('cub');
  const whole = await open(folder);
  const list = join(folder, 'CUB_200_2011/images.txt');
  writeFileSync(list, readFileSync(list, 'utf8').replaceAll('\n', '\r\n'));
  assert.deepEqual((await open(folder)).items, whole.items);
});

test('what does not hold the named data set is refused', async () => {
  const folder = temporaryFolder();
  await refuses(() => openDataset(`cub:${folder}`), /does not hold CUB-200-2011: no folder "images"/);
  await refuses(() => openDataset(`cars:${folder}`), /does not hold Cars-196: neither cars_annos\.mat/);
  await refuses(
    () => openDataset(`sop:${folder}`),
    /does not hold Stanford Online Products: no Ebay_train\.txt/,
  );
  await refuses(() => openDataset(`in-shop:${folder}`), /no list_eval_partition\.txt/);
  await refuses(() => openDataset('cub:/no/where'), /no file or folder \/no\/where/);
  await assert.rejects(openDataset('cub'), UsageError);
  await assert.rejects(
    openDataset('emoji-9', { path: '/x' }),
    /data\.path \(\/x\) goes with data\.source cub/,
  );
});

test('a folder laid out as a benchmark can be taken as plain class folders', async () => {
  const folder = await standIn('sop');
  const root = join(folder, 'Stanford_Online_Products');
  assert.equal((await openDataset(`folder:${root}`)).classes.length, 8);
});

test('a stand-in is made in a new folder, of a sensible size', async () => {
  const folder = await standIn('cub');
  await assert.rejects(makeStandIn('cub', folder), /is not empty/);
  await assert.rejects(makeStandIn('cub', temporaryFolder(), { classes: 1 }), /2 to 90 classes, not 1/);
});

test('Grocery: products of even numbers train, test photos of the others are searched for among theirs', async () => {
  const dataset = await open(await standIn('grocery'));
  assert.deepEqual(classesOf(dataset, dataset.train), ['Apple-0', 'Melon-2', 'Juice-4', 'Pepper-6']);
  assert.deepEqual(classesOf(dataset, dataset.test), ['Apple-1', 'Melon-3', 'Juice-5', 'Pepper-7']);
  const lists = (items: readonly number[]) =>
    new Set(items.map((item) => dataset.items[item].id.split('/')[0]));
  assert.deepEqual(lists(dataset.queries!), new Set(['test']));
  assert.deepEqual(lists(dataset.train), new Set(['train', 'test', 'val']));
  assert.deepEqual(dataset.taxonomy?.levels, ['super', 'coarse']);
  assert.deepEqual(dataset.taxonomy?.terms[1].slice(0, 4), ['Apple', 'Apple', 'Melon', 'Melon']);
});

test('Grocery: a list that names a product which is not there, or leads outside, is refused with its line', async () => {
  for (const [line, said] of [
    ['train/Fruit/Apple/a.jpg, 900, 0', /"900" is not a Class ID of classes\.csv/],
    ['../a.jpg, 0, 0', /leads outside/],
    ['train/a.jpg, 0', /2 columns where 3 belong/],
  ] as const) {
    const folder = await standIn('grocery');
    appendFileSync(join(folder, 'GroceryStoreDataset/dataset/val.txt'), `${line}\n`);
    await refuses(() => open(folder), /val\.txt, line \d+/, said);
  }
});
