/**
 * A list of images to embed, evaluate or search in, with the class of each where it is known: a split of a data
 * set, or any folder of images. It lists files; none is opened.
 */

import { join, resolve } from 'node:path';
import type { Dataset } from '../datasets/dataset.js';
import { listImages } from '../datasets/listImages.js';
import { type OpenOptions, openDataset } from '../datasets/open.js';
import { holdOutValidation } from '../datasets/validation.js';
import { isVectorDataset } from '../datasets/vectors.js';
import { statSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import { type Rows, takeRows } from '../rows.js';

/** One image. */
export interface CollectionItem {
  /** Stable name, such as `grinning-face/noto`. */
  readonly id: string;
  /** Absolute path. */
  readonly path: string;
  /** Name of its class; null when it is not known. */
  readonly label: string | null;
}

/** Images from one source. */
export interface Collection {
  /** What the user called the source. */
  readonly source: string;
  readonly split: Split;
  readonly items: readonly CollectionItem[];
  /**
   * Where queries and gallery are apart: ascending indices into `items` of the queries; the others are the gallery.
   */
  readonly queries?: readonly number[];
  /** Feature vectors of the items `[items, dim]`, where the data are these in place of images. */
  readonly vectors?: Rows;
  /** The data set that the items are of; absent for a folder without labels. */
  readonly dataset?: Dataset;
}

/** Which images of a data set: a split of it, or all. */
export type Split = 'test' | 'validation' | 'train' | 'all';

/** Names of the splits. */
export const SPLITS: readonly Split[] = ['test', 'validation', 'train', 'all'];

/** Options of {@link openCollection}. */
export interface CollectionOptions extends OpenOptions {
  /** Default all. */
  readonly split?: Split;
  /** Fraction of the training classes that is held out for validation, as in the recipe. Default 0. */
  readonly validation?: number;
}

/**
 * Lists the images of `source`: a data set as {@link openDataset} knows it, or, with split `all`, any folder;
 * its images then need no class.
 *
 * @throws DataError for an unknown source, and when there are no images in the split
 */
export async function openCollection(
  source: string,
  { split = 'all', validation = 0, ...options }: CollectionOptions = {},
): Promise<Collection> {
  if (!SPLITS.includes(split))
    throw new UsageError(`There is no split "${split}". The splits are ${SPLITS.join(', ')}.`);
  if (split === 'all' && isPlainFolder(source)) return openAnyFolder(source, options);
  const dataset = await openDataset(source, options);
  const indices = indicesOf(dataset, split, validation);
  if (indices.length === 0) throw new DataError(noImages(dataset, split));
  const items = indices.map((index) => itemOf(dataset, index));
  const asked = split === 'test' ? dataset.queries : undefined;
  return {
    ...{ source, split, items, dataset },
    ...(asked ? { queries: placesOf(asked, indices) } : {}),
    ...(isVectorDataset(dataset)
      ? { vectors: takeRows({ values: dataset.features, dim: dataset.dim }, indices) }
      : {}),
  };
}

/** Where some of the chosen items stand among them. */
function placesOf(some: readonly number[], chosen: readonly number[]): number[] {
  const wanted = new Set(some);
  return [...chosen.keys()].filter((place) => wanted.has(chosen[place]));
}

function itemOf({ items, classes }: Dataset, index: number): CollectionItem {
  const { id, path, label } = items[index];
  return { id, path, label: classes[label] ?? null };
}

function indicesOf(dataset: Dataset, split: Split, validation: number): readonly number[] {
  if (split === 'test') return dataset.test;
  if (split === 'all') return [...dataset.items.keys()];
  return holdOutValidation(dataset, validation)[split];
}

function noImages(dataset: Dataset, split: Split): string {
  const { name, train, test } = dataset;
  if (isVectorDataset(dataset) && !dataset.isLabelled)
    return `The vectors of ${name} have no labels, so they are not split: all ${train.length} are in the split "train".`;
  if (split === 'validation')
    return `No classes of ${name} are held out for validation by the recipe. Use --split test or --split train.`;
  const other = split === 'test' ? 'train' : 'test';
  const count = split === 'test' ? train.length : test.length;
  return `${name} has no ${split} images; ${count} are in the split "${other}". Use --split ${other}, or other data.`;
}

function isPlainFolder(source: string): boolean {
  return statSync(source, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

/** Every image below a folder, with classes where it is a folder of class folders. */
async function openAnyFolder(source: string, options: OpenOptions): Promise<Collection> {
  const root = resolve(source);
  const { images } = listImages(root);
  if (images.length === 0) throw new DataError(`The folder ${root} holds no images.`);
  const dataset = await openDataset(`${root}/`, options).catch((error: unknown) => {
    if (error instanceof DataError) return undefined; // no data set, but images all the same
    throw error;
  });
  const labels = new Map(dataset?.items.map(({ path, label }) => [path, dataset.classes[label]]));
  const items = images.map((id) => ({ id, path: join(root, id), label: labels.get(join(root, id)) ?? null }));
  return { source, split: 'all', items, ...(dataset ? { dataset } : {}) };
}
