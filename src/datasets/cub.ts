/**
 * CUB-200-2011: 200 kinds of birds, and its forerunner of 2010 with half the images of the same kinds. The metric-learning
 * split is by class, the first 100 for training; the lists of training and test images that come with either
 * (`train_test_split.txt`, `lists/train.txt`) divide images of the same classes and are not used.
 */

import { basename, join } from 'node:path';
import { readdirSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import { type Benchmark, type BenchmarkEntry, type Release, sortedUnique } from './benchmark.js';
import { isImageName, readFolder } from './listImages.js';
import { pathCell, readList } from './lists.js';
import { foldersBelow, locate, type Places } from './places.js';

const CLASS = /^(\d{3})\.\S+$/;
const TRAINING_CLASSES = 100;

/** Caltech-UCSD Birds 200 (Welinder et al., 2010), the release before: `images/` and `lists/`. */
const RELEASE_2010: Release = {
  title: 'CUB-200 (2010)',
  published: { train: { classes: 100, images: 2990 }, test: { classes: 100, images: 3043 } },
};

/** CUB-200-2011 (Wah et al., 2011). */
export const cub: Benchmark = {
  name: 'cub',
  title: 'CUB-200-2011',
  published: { train: { classes: 100, images: 5864 }, test: { classes: 100, images: 5924 } },
  others: [RELEASE_2010],
  archives: /^(CUB[_-]?200|(images|lists)\.tgz$)/i,
  ownArchives: /^CUB[_-]?200/i,
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
    const { list, paths, release } = listOf(places, root, onDisk);
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
              `${counted(unlisted.length, 'image')} that ${basename(list)} does not list left out: ${someOf(unlisted, 3)}.`,
            ]
          : [],
      ...(release ? { release } : {}),
    };
  },
};

/** The images as a list names them, or else as they are on the disk; and which release that is. */
function listOf(
  places: Places,
  root: string,
  onDisk: readonly string[],
): { readonly list: string; readonly paths: readonly string[]; readonly release?: Release } {
  const list = join(root, 'images.txt');
  if (hasFile(root, 'images.txt'))
    return { list, paths: readList(list, 2).map((row) => pathCell(list, row, 1)) };
  const older = locate([root, ...places], 'lists/files.txt');
  if (older !== undefined)
    return {
      list: older,
      paths: readList(older, 1).map((row) => pathCell(older, row, 0)),
      release: RELEASE_2010,
    };
  const { train, test } = RELEASE_2010.published;
  const isOlder = onDisk.length === train.images + test.images;
  return { list, paths: onDisk, ...(isOlder ? { release: RELEASE_2010 } : {}) };
}

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
