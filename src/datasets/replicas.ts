/**
 * Replicas of the published benchmarks: true folders, file names and formats, with a few small drawn images a
 * class. They let everything that reads the real data be tried without it. What is learned from them means nothing.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { UsageError } from '../errors.js';
import { writeFileAtomic } from '../io/atomic.js';
import type { MatStructs, MatValue } from '../io/mat5.js';
import { matNumber, matText, writeMat } from '../io/mat5Write.js';
import { packFolder } from '../io/pack.js';
import { type RandomStream, randomStream } from '../random.js';
import type { BenchmarkName } from './benchmark.js';

/** How large a replica is, and in which form. */
export interface ReplicaOptions {
  /** Classes of the training split, and as many of the test split, 2 to 90. Default 4. */
  readonly classes?: number;
  /** Images of a class, 2 to 1000. Default 4. */
  readonly images?: number;
  /** Leave the archives in which the data are published instead of the unpacked folders. Default false. */
  readonly archive?: boolean;
  /** Cars-196: one list for all images, or the development kit. Default combined. */
  readonly layout?: 'combined' | 'kit';
  /** Seed of the drawings. Default 0. */
  readonly seed?: number;
}

/** What is being made: its folder, and the options with their defaults. */
interface Replica extends Required<ReplicaOptions> {
  readonly folder: string;
}

/** Sides of the images, px: short enough to be small, odd enough to be cropped like photographs. */
const WIDTH = 90;
const HEIGHT = 67;

const MAKERS: Readonly<Record<BenchmarkName, (replica: Replica) => Promise<void>>> = {
  cub: makeCub,
  cars: makeCars,
  sop: makeSop,
  'in-shop': makeInShop,
};

/** Names of the benchmarks that there are replicas of. */
export const replicaNames: readonly BenchmarkName[] = Object.keys(MAKERS) as BenchmarkName[];

/**
 * Makes a replica in `folder`, which must be new or empty; `folder` is then a path for openDataset, with
 * `partial: true`. Throws UsageError for a folder with content or a size outside the range.
 */
export async function makeReplica(
  name: BenchmarkName,
  folder: string,
  { classes = 4, images = 4, archive = false, layout = 'combined', seed = 0 }: ReplicaOptions = {},
): Promise<void> {
  for (const [what, value, least, most] of [
    ['classes', classes, 2, 90],
    ['images', images, 2, 1000],
  ] as const)
    if (!(Number.isInteger(value) && value >= least && value <= most))
      throw new UsageError(`A replica has ${least} to ${most} ${what}, not ${value}.`);
  if (existsSync(folder) && readdirSync(folder).length > 0)
    throw new UsageError(`The folder ${folder} is not empty. Name a new one for the replica.`);
  mkdirSync(folder, { recursive: true });
  await MAKERS[name]({ folder, classes, images, archive, layout, seed });
}

const BIRDS: Readonly<Record<number, string>> = {
  1: 'Black_footed_Albatross',
  2: 'Laysan_Albatross',
  3: 'Sooty_Albatross',
  4: 'Groove_billed_Ani',
  101: 'White_Pelican',
  102: 'Western_Wood_Pewee',
  103: 'Sayornis',
  104: 'American_Pipit',
};

async function makeCub(replica: Replica): Promise<void> {
  const { folder, images } = replica;
  const root = join(folder, 'CUB_200_2011');
  const rows = classNumbers(replica, 100).flatMap((number) => {
    const bird = BIRDS[number] ?? `Replica_Bird_${number}`;
    const className = `${String(number).padStart(3, '0')}.${bird}`;
    return Array.from({ length: images }, (_, i) => ({
      number,
      className,
      path: `${className}/${bird}_${String(i + 1).padStart(4, '0')}_${1000 * number + i}.jpg`,
    }));
  });
  await drawAll(
    replica,
    rows.map(({ number, path }) => ({ path: join(root, 'images', path), number })),
  );
  const lines = (cells: (row: (typeof rows)[number], i: number) => unknown) =>
    rows.map((row, i) => `${i + 1} ${cells(row, i)}\n`).join('');
  const names = new Map(rows.map(({ number, className }) => [number, className]));
  writeTexts(root, {
    'images.txt': lines(({ path }) => path),
    'image_class_labels.txt': lines(({ number }) => number),
    'train_test_split.txt': lines((_, i) => i % 2),
    'bounding_boxes.txt': lines(() => `5.0 5.0 ${WIDTH - 10}.0 ${HEIGHT - 10}.0`),
    'classes.txt': [...names].map(([number, name]) => `${number} ${name}\n`).join(''),
  });
  if (replica.archive) await archiveFolder(root, join(folder, 'CUB_200_2011.tgz'));
}

const CARS: Readonly<Record<number, string>> = {
  1: 'AM General Hummer SUV 2000',
  2: 'Acura RL Sedan 2012',
  3: 'Acura TL Sedan 2012',
  4: 'Acura TL Type-S 2008',
};

async function makeCars(replica: Replica): Promise<void> {
  const { folder, images, layout, archive } = replica;
  const names = Array.from({ length: 196 }, (_, i) => CARS[i + 1] ?? `Replica Car ${i + 1} Coupe 2012`);
  const rows = classNumbers(replica, 98).flatMap((number) =>
    Array.from({ length: images }, (_, i) => ({ number, isTest: i % 2 === 1 })),
  );
  const classNames: MatValue = { kind: 'cells', shape: [1, names.length], cells: names.map(matText) };
  if (layout === 'combined') {
    const named = rows.map((row, i) => ({ ...row, path: `car_ims/${String(i + 1).padStart(6, '0')}.jpg` }));
    await drawAll(
      replica,
      named.map(({ path, number }) => ({ path: join(folder, path), number })),
    );
    writeMat(join(folder, 'cars_annos.mat'), {
      annotations: structs(named.length, {
        relative_im_path: named.map(({ path }) => matText(path)),
        ...boxes(named.length),
        class: named.map(({ number }) => matNumber(number)),
        test: named.map(({ isTest }) => matNumber(Number(isTest))),
      }),
      class_names: classNames,
    });
    if (archive) await archiveFolder(join(folder, 'car_ims'), join(folder, 'car_ims.tgz'));
    return;
  }
  const kit = join(folder, 'devkit');
  writeMat(join(kit, 'cars_meta.mat'), { class_names: classNames });
  for (const [part, isTest, list] of [
    ['cars_train', false, join(kit, 'cars_train_annos.mat')],
    ['cars_test', true, join(folder, 'cars_test_annos_withlabels.mat')],
  ] as const) {
    const own = rows.filter((row) => row.isTest === isTest);
    const files = own.map((_, i) => `${String(i + 1).padStart(5, '0')}.jpg`);
    await drawAll(
      { ...replica, seed: replica.seed + Number(isTest) },
      own.map(({ number }, i) => ({ path: join(folder, part, files[i]), number })),
    );
    const fields = { ...boxes(own.length), class: own.map(({ number }) => matNumber(number)) };
    writeMat(list, { annotations: structs(own.length, { ...fields, fname: files.map(matText) }) });
    if (isTest)
      writeMat(join(kit, 'cars_test_annos.mat'), {
        annotations: structs(own.length, { ...boxes(own.length), fname: files.map(matText) }),
      });
    if (archive) await archiveFolder(join(folder, part), join(folder, `${part}.tgz`));
  }
  if (archive) await archiveFolder(kit, join(folder, 'car_devkit.tgz'));
}

const PRODUCTS = 'bicycle cabinet chair coffee_maker fan kettle lamp mug sofa stapler table toaster'.split(
  ' ',
);

async function makeSop(replica: Replica): Promise<void> {
  const { folder, images } = replica;
  const root = join(folder, 'Stanford_Online_Products');
  const numbers = classNumbers(replica, 11_318);
  const rows = numbers.flatMap((number, i) => {
    const product = i % PRODUCTS.length;
    const item = 111_000_000_000 + 7919 * number;
    return Array.from({ length: images }, (_, k) => ({
      number,
      superClass: product + 1,
      path: `${PRODUCTS[product]}_final/${item}_${k}.JPG`,
    }));
  });
  await drawAll(
    replica,
    rows.map(({ number, path }) => ({ path: join(root, path), number })),
  );
  const list = (isWanted: (row: (typeof rows)[number]) => boolean) =>
    rows
      .map((row, i) => ({ ...row, id: i + 1 }))
      .filter(isWanted)
      .map(({ id, number, superClass, path }) => `${id} ${number} ${superClass} ${path}\n`);
  const header = 'image_id class_id super_class_id path\n';
  writeTexts(root, {
    'Ebay_train.txt': header + list(({ number }) => number <= 11_318).join(''),
    'Ebay_test.txt': header + list(({ number }) => number > 11_318).join(''),
    'Ebay_info.txt': header + list(() => true).join(''),
    ...Object.fromEntries(
      PRODUCTS.map((product, i) => [
        `${product}_final.txt`,
        rows
          .filter(({ superClass }) => superClass === i + 1)
          .map(({ path }) => `${path}\n`)
          .join(''),
      ]),
    ),
  });
  if (replica.archive) await archiveFolder(root, join(folder, 'Stanford_Online_Products.zip'));
}

const CLOTHES = ['WOMEN/Dresses', 'WOMEN/Blouses_Shirts', 'MEN/Denim', 'MEN/Tees_Tanks'];

async function makeInShop(replica: Replica): Promise<void> {
  const { folder, classes, images } = replica;
  const rows = Array.from({ length: 2 * classes }, (_, i) => 2 * i + 1).flatMap((number, i) => {
    const item = `id_${String(number).padStart(8, '0')}`;
    return Array.from({ length: images }, (_, k) => ({
      number,
      item,
      path: `img/${CLOTHES[i % CLOTHES.length]}/${item}/${String(k + 1).padStart(2, '0')}_${1 + (k % 4)}_front.jpg`,
      status: i % 2 === 0 ? 'train' : k % 2 === 0 ? 'query' : 'gallery',
    }));
  });
  const parent = join(folder, 'Img');
  await drawAll(
    replica,
    rows.map(({ number, path }) => ({ path: join(parent, path), number })),
  );
  const partition = rows.map(({ path, item, status }) => `${path.padEnd(71)}${item.padEnd(16)}${status}\n`);
  writeTexts(join(folder, 'Eval'), {
    'list_eval_partition.txt': `${rows.length}\nimage_name item_id evaluation_status\n${partition.join('')}`,
  });
  writeTexts(join(folder, 'Anno'), {
    'list_bbox_inshop.txt': `${rows.length}\nimage_name clothes_type pose_type x_1 y_1 x_2 y_2\n${rows
      .map(({ path }) => `${path.padEnd(71)}1 1 005 005 ${WIDTH - 5} ${HEIGHT - 5}\n`)
      .join('')}`,
  });
  if (replica.archive) await archiveFolder(join(parent, 'img'), join(parent, 'img.zip'));
}

/** Class numbers as published: the first ones of the training half, then the first ones after `half`. */
function classNumbers({ classes }: Replica, half: number): number[] {
  const first = Array.from({ length: classes }, (_, i) => i + 1);
  return [...first, ...first.map((number) => half + number)];
}

function structs(count: number, fields: Readonly<Record<string, readonly MatValue[]>>): MatStructs {
  return { kind: 'structs', shape: [1, count], fields: new Map(Object.entries(fields)) };
}

function boxes(count: number): Record<string, MatValue[]> {
  const corners = { bbox_x1: 5, bbox_y1: 5, bbox_x2: WIDTH - 5, bbox_y2: HEIGHT - 5 };
  return Object.fromEntries(
    Object.entries(corners).map(([name, value]) => [
      name,
      Array.from({ length: count }, () => matNumber(value)),
    ]),
  );
}

function writeTexts(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) writeFileAtomic(join(folder, name), text);
}

/** Replaces a folder by its archive. */
async function archiveFolder(folder: string, archive: string): Promise<void> {
  await packFolder(folder, archive);
  rmSync(folder, { recursive: true });
}

async function drawAll(
  { seed }: Replica,
  images: readonly { path: string; number: number }[],
): Promise<void> {
  for (const [i, { path, number }] of images.entries()) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, await draw(randomStream(seed, 'class', number), randomStream(seed, 'image', i)));
  }
}

/** A JPEG of stripes in the colours and direction of the class, shifted and with noise of its own. */
async function draw(ofClass: RandomStream, ofImage: RandomStream): Promise<Buffer> {
  const colour = Array.from({ length: 6 }, () => 40 + 175 * ofClass.uniform());
  const [fx, fy] = [0.5 * ofClass.uniform(), 0.5 * ofClass.uniform()];
  const phase = 2 * Math.PI * ofImage.uniform();
  const data = new Uint8Array(WIDTH * HEIGHT * 3);
  for (let at = 0, y = 0; y < HEIGHT; y++)
    for (let x = 0; x < WIDTH; x++) {
      const mix = 0.5 + 0.5 * Math.sin(fx * x + fy * y + phase);
      for (let c = 0; c < 3; c++)
        data[at++] = mix * colour[c] + (1 - mix) * colour[c + 3] + 40 * (ofImage.uniform() - 0.5);
    }
  return sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
    .jpeg({ quality: 85 })
    .toBuffer();
}
