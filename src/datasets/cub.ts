/**
 * CUB-200-2011: 200 kinds of birds. The metric-learning split is by class, the first 100 for training; the
 * `train_test_split.txt` that comes with it divides images of the same classes and is not used.
 */

import { join } from 'node:path';
import { readdirSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import { type Benchmark, type BenchmarkEntry, sortedUnique } from './benchmark.js';
import { isImageName, readFolder } from './listImages.js';
import { pathCell, readList } from './lists.js';
import { foldersBelow, type Places } from './places.js';

const CLASS = /^(\d{3})\.\S+$/;
const TRAINING_CLASSES = 100;

/** CUB-200-2011 (Wah et al., 2011). */
export const cub: Benchmark = {
  name: 'cub',
  title: 'CUB-200-2011',
  published: { train: { classes: 100, images: 5864 }, test: { classes: 100, images: 5924 } },
  archives: /^CUB[_-]?200/i,
  recognise: (places) => rootOf(places) !== undefined,
  list(places, path) {
    const root = rootOf(places);
    if (root === undefined)
      throw new DataError(
        `${path} does not hold CUB-200-2011: no folder "images" with folders such as 001.Black_footed_Albatross.`,
      );
    const images = join(root, 'images');
    const folders = readFolder(images).filter((name) => CLASS.test(name));
    const onDisk = folders.flatMap((folder) =>
      readFolder(join(images, folder))
        .filter(isImageName)
        .map((file) => `${folder}/${file}`),
    );
    const list = join(root, 'images.txt');
    const paths = hasFile(root, 'images.txt')
      ? readList(list, 2).map((row) => pathCell(list, row, 1))
      : onDisk;
    const listed = new Set(paths);
    if (listed.size !== paths.length) throw new DataError(`${list} lists an image twice.`);
    const unlisted = onDisk.filter((file) => !listed.has(file));
    return {
      root: images,
      source: paths === onDisk ? images : list,
      entries: paths.map((file) => entryOf(file, list)),
      classes: sortedUnique(paths.map((file) => file.slice(0, file.indexOf('/')))),
      warnings:
        unlisted.length > 0
          ? [
              `${counted(unlisted.length, 'image')} that images.txt does not list left out: ${someOf(unlisted, 3)}.`,
            ]
          : [],
    };
  },
};

/** The folder that holds `images` with folders of birds. */
function rootOf(places: Places): string | undefined {
  for (const place of places)
    for (const folder of foldersBelow(place, 2))
      if (hasFile(folder, 'images') && isClasses(join(folder, 'images'))) return folder;
  return undefined;
}

function isClasses(images: string): boolean {
  try {
    return readdirSync(images).some((name) => CLASS.test(name));
  } catch {
    return false;
  }
}

function hasFile(folder: string, name: string): boolean {
  return readFolder(folder).includes(name);
}

function entryOf(path: string, list: string): BenchmarkEntry {
  const [folder, ...rest] = path.split('/');
  const number = Number(CLASS.exec(folder)?.[1]);
  if (rest.length !== 1 || !(number >= 1 && number <= 2 * TRAINING_CLASSES))
    throw new DataError(
      `${list}: "${path}" is not an image of one of the classes 001 to 200, such as 001.Name/file.jpg.`,
    );
  return { path, className: folder, split: number <= TRAINING_CLASSES ? 'train' : 'test' };
}
