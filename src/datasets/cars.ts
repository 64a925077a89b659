/**
 * Cars-196: makes, models and years of cars, in either of the layouts that are in use: `cars_annos.mat` with all
 * images in `car_ims`, or the development kit with a list each for `cars_train` and `cars_test`. The images of
 * both are pooled; the metric-learning split is by class, the first 98 for training.
 */
import { DataError } from '../errors.js';
import { readMat } from '../io/mat5/mat5.js';
import type { MatValue } from '../io/mat5/mat5Arrays.js';
import type { Benchmark, BenchmarkEntry, BenchmarkListing } from './benchmark.js';
import { insidePath } from './lists.js';
import { folderWith, locate, type Places } from './places.js';

const TRAINING_CLASSES = 98;
const ALL = 'cars_annos.mat';
const META = 'cars_meta.mat';
const PARTS = [
  { list: 'cars_train_annos.mat', folder: 'cars_train' },
  { list: 'cars_test_annos_withlabels.mat', folder: 'cars_test' },
] as const;

/** Cars-196 (Krause et al., 2013). */
export const cars: Benchmark = {
  name: 'cars',
  title: 'Cars-196',
  published: { train: { classes: 98, images: 8054 }, test: { classes: 98, images: 8131 } },
  archives: /^(car_ims|cars[_-]?(train|test|196)|car_devkit|stanford[-_]?cars)/i,
  recognise: (places) => locate(places, ALL) !== undefined || locate(places, PARTS[0].list) !== undefined,
  list(places, path) {
    const all = locate(places, ALL);
    if (all !== undefined) return listCombined(places, path, all);
    if (locate(places, PARTS[0].list) !== undefined) return listKit(places, path);
    throw new DataError(
      `${path} does not hold Cars-196: neither ${ALL} (with car_ims) nor ${PARTS[0].list} (with cars_train).`,
    );
  },
};

/** The layout of one list for all images. */
function listCombined(places: Places, path: string, file: string): BenchmarkListing {
  const variables = readMat(file, { names: ['annotations', 'class_names'] });
  const names = namesOf(file, variables.get('class_names')!);
  const annotations = annotationsOf(file, variables.get('annotations')!, 'relative_im_path', names.length);
  const folder = annotations[0].image.split('/')[0];
  const root = folderWith(places, folder);
  if (root === undefined)
    throw new DataError(
      `${path} holds ${ALL} but not its images: no folder "${folder}". Unpack ${folder}.tgz, or put it there.`,
    );
  const entries = annotations.map(({ image, number }) => entryOf(image, number, names));
  return { root, source: file, entries, classes: names };
}

/** The layout of the development kit. */
function listKit(places: Places, path: string): BenchmarkListing {
  const meta = locate(places, META);
  if (meta === undefined)
    throw new DataError(`${path} holds ${PARTS[0].list} but not ${META} with the names of the classes.`);
  const names = namesOf(meta, readMat(meta, { names: ['class_names'] }).get('class_names')!);
  const entries = PARTS.flatMap(({ list, folder }) => {
    const file = locate(places, list);
    const root = folderWith(places, folder);
    if (file === undefined)
      throw new DataError(
        `${path} holds ${PARTS[0].list} but not ${list}. The test list of the kit itself has no classes: ` +
          'the one "with labels" is a file of its own.',
      );
    if (root === undefined)
      throw new DataError(
        `${path} holds ${list} but not its images: no folder "${folder}". Unpack ${folder}.tgz, or put it there.`,
      );
    const variable = readMat(file, { names: ['annotations'] }).get('annotations')!;
    return annotationsOf(file, variable, 'fname', names.length).map(({ image, number }) => ({
      ...entryOf(`${folder}/${image}`, number, names),
      root,
    }));
  });
  const source = `${PARTS.map(({ list }) => list).join(' and ')} of ${path}`;
  return { root: entries[0].root, source, entries, classes: names };
}

/** An image and its class from 1. */
interface Annotation {
  readonly image: string;
  readonly number: number;
}

function entryOf(path: string, number: number, names: readonly string[]): BenchmarkEntry {
  return { path, className: names[number - 1], split: number <= TRAINING_CLASSES ? 'train' : 'test' };
}

/** The images and classes of a struct array `annotations`. */
function annotationsOf(file: string, value: MatValue, imageField: string, classes: number): Annotation[] {
  if (value.kind !== 'structs') throw new DataError(`${file}: "annotations" is not an array of structs.`);
  const [images, numbers] = [imageField, 'class'].map((field) => {
    const column = value.fields.get(field);
    if (column) return column;
    const found = [...value.fields.keys()].join(', ');
    throw new DataError(`${file}: "annotations" has no field "${field}", only: ${found}.`);
  });
  if (images.length === 0) throw new DataError(`${file}: "annotations" is empty.`);
  return images.map((image, i) => {
    const where = `${file}, annotation ${i + 1}`;
    const number = numbers[i].kind === 'numbers' ? numbers[i].data[0] : Number.NaN;
    if (image.kind !== 'text' || image.rows.length !== 1)
      throw new DataError(`${where}: "${imageField}" is not a text of one line.`);
    if (!(Number.isInteger(number) && number >= 1 && number <= classes))
      throw new DataError(`${where}: the class ${number} is not one of 1 to ${classes}.`);
    return { image: insidePath(image.rows[0], where), number };
  });
}

/** The names of a cell array of texts, made unique. */
function namesOf(file: string, value: MatValue): string[] {
  if (value.kind !== 'cells') throw new DataError(`${file}: "class_names" is not a cell array.`);
  const names = value.cells.map((cell, i) => {
    const name = cell.kind === 'text' ? cell.rows.join('').trim() : '';
    if (name === '') throw new DataError(`${file}: class name ${i + 1} is not a text.`);
    return name;
  });
  return names.map((name, i) =>
    names.indexOf(name) === names.lastIndexOf(name) ? name : `${name} (${i + 1})`,
  );
}
