/**
 * From a list of labelled files to a data set that keeps the contract: labels, splits, and every check that
 * does not depend on where the list came from. Reads no files.
 */
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import type { Dataset, DatasetItem, Taxonomy } from './dataset.js';

/** One image as a source lists it. */
export interface Entry {
  /** Unique, stable name of the image. */
  readonly id: string;
  /** Absolute path. */
  readonly path: string;
  /** Name of the class. */
  readonly className: string;
  /** DatasetSplit, where the source gives one. Given for all entries or for none. */
  readonly split?: DatasetSplit;
  /** Whether a test image is searched for, where queries and gallery are apart; the others are searched in. */
  readonly isQuery?: boolean;
}

/** The two parts of a data set. */
export type DatasetSplit = 'train' | 'test';

/** What a source knows besides its images. */
export interface Description {
  /** Short name for reports. */
  readonly name: string;
  /** Absolute folder of the images. */
  readonly root: string;
  /** The path to name in errors. */
  readonly source: string;
  /** Class names in label order; every entry's class is among them. */
  readonly classes: readonly string[];
  /** Groups of classes, indexed by label. */
  readonly taxonomy?: Taxonomy | undefined;
  /** Warnings that the source has already collected. */
  readonly warnings?: readonly string[];
}

/**
 * Checks the list and builds the data set. Without given splits, classes are sorted by name and alternate:
 * even positions train, odd positions test.
 * Throws DataError for no images, a single class (in all, or to train on), or a class in both splits.
 */
export function assemble(entries: readonly Entry[], description: Description): Dataset {
  const { name, root, source, classes, taxonomy, warnings = [] } = description;
  if (entries.length === 0) throw new DataError(`${source} holds no images.`);
  if (classes.length === 1)
    throw new DataError(
      `${source} has one class only ("${classes[0]}", ${counted(entries.length, 'image')}). ` +
        'At least two classes are needed: give each class its own folder or label.',
    );

  const labels = new Map(classes.map((className, label) => [className, label]));
  const items: DatasetItem[] = entries.map(({ id, path, className }) => ({
    id,
    path,
    label: labels.get(className)!,
  }));
  const given = entries[0].split !== undefined;
  if (given) refuseSharedClasses(entries, source);
  const splitOf = given ? entries.map((entry) => entry.split!) : splitByParity(items, classes);
  const isDivided = entries.some(({ isQuery }) => isQuery !== undefined);
  const train = indicesWhere(splitOf, 'train');
  const test = indicesWhere(splitOf, 'test');

  const trainClasses = new Set(train.map((index) => items[index].label)).size;
  const testClasses = new Set(test.map((index) => items[index].label)).size;
  if (trainClasses === 1)
    throw new DataError(
      `${source} has one training class only ("${classes[items[train[0]].label]}"). At least two are needed` +
        (given ? '.' : ': of classes sorted by name, every second one is kept for the test.'),
    );
  return {
    name,
    root,
    items,
    classes,
    train,
    test,
    ...(isDivided ? { queries: test.filter((index) => entries[index].isQuery) } : {}),
    ...(taxonomy ? { taxonomy } : {}),
    attribution: [],
    warnings: [
      ...warnings,
      ...lookAlikes(classes),
      ...splitWarnings(trainClasses, testClasses),
      ...singletonWarnings('training', train, items, classes),
      ...singletonWarnings('test', test, items, classes),
    ],
  };
}

/** Order of UTF-16 code units, the same on every machine and in every locale. */
export function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Says which classes differ in their way of writing only: letters with marks as one sign or two, capitals, spaces. */
function lookAlikes(classes: readonly string[]): string[] {
  const plain = (name: string) =>
    name
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\s_-]+/g, ' ')
      .trim();
  const first = new Map<string, string>();
  const pairs: string[] = [];
  for (const name of classes) {
    const like = first.get(plain(name));
    if (like === undefined) first.set(plain(name), name);
    else pairs.push(`"${like}" and "${name}"`);
  }
  if (pairs.length === 0) return [];
  return [
    `${counted(pairs.length, 'pair')} of classes differ in their way of writing only (${someOf(pairs, 3)}): if they are the same, give them one name.`,
  ];
}

function refuseSharedClasses(entries: readonly Entry[], source: string): void {
  const splits = new Map<string, DatasetSplit>();
  const shared = new Set<string>();
  for (const { className, split } of entries)
    if (split !== (splits.get(className) ?? split)) shared.add(className);
    else splits.set(className, split!);
  if (shared.size > 0)
    throw new DataError(
      `${source}: ${counted(shared.size, 'class')} in both train and test (${someOf([...shared])}). What is ` +
        'measured is retrieval among unseen classes, so a class belongs to one split. Move each class to one ' +
        'of them, or give no splits (one folder of classes, or no split column): classes are then divided.',
    );
}

function splitByParity(items: readonly DatasetItem[], classes: readonly string[]): DatasetSplit[] {
  const sorted = [...classes].sort(byCodeUnits);
  const position = new Map(sorted.map((className, index) => [className, index]));
  return items.map(({ label }) => (position.get(classes[label])! % 2 === 0 ? 'train' : 'test'));
}

function indicesWhere(splits: readonly DatasetSplit[], wanted: DatasetSplit): number[] {
  const indices: number[] = [];
  for (let index = 0; index < splits.length; index++) if (splits[index] === wanted) indices.push(index);
  return indices;
}

function splitWarnings(trainClasses: number, testClasses: number): string[] {
  if (trainClasses === 0) return ['There are no training images: this data set can only be evaluated.'];
  if (testClasses === 0) return ['There are no test images: a trained network cannot be measured on it.'];
  return testClasses === 1
    ? ['The test split has one class: its recall is 1 whatever the network does.']
    : [];
}

function singletonWarnings(
  split: string,
  indices: readonly number[],
  items: readonly DatasetItem[],
  classes: readonly string[],
): string[] {
  const sizes = new Map<number, number>();
  for (const index of indices) sizes.set(items[index].label, (sizes.get(items[index].label) ?? 0) + 1);
  const single = [...sizes].filter(([, size]) => size === 1).map(([label]) => classes[label]);
  if (single.length === 0) return [];
  const effect =
    split === 'test' ? 'these have no match to find and are left out of the metrics' : 'no positive pair';
  return [`${counted(single.length, `${split} class`)} with a single image (${someOf(single)}): ${effect}.`];
}
