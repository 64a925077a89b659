/**
 * What a run was trained with, read back from its folder: its recipe, and the images that this names. Nothing is
 * embedded or measured here.
 */

import { fingerprint, type SplitSize } from '../datasets/fingerprint.js';
import { holdOutValidation } from '../datasets/validation.js';
import { existsSync, readFileSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import { takesVectors } from '../recipe/checks.js';
import { loadStoredRecipe, type Parts, type Recipe } from '../recipe/load.js';
import { type Collection, openCollection, type Split } from './collection.js';
import { runPaths } from './paths.js';
import type { ProgressReporter } from './progress.js';

/**
 * The recipe that a run folder holds, with `overrides` laid over it. Parts of it that hier does not ship are checked
 * only when they are given; all but training does without them.
 * @throws UsageError when there is none
 */
export function recipeOf(run: string, overrides: readonly string[] = [], parts?: Parts): Recipe {
  const { recipe } = runPaths(run);
  if (!existsSync(recipe))
    throw new UsageError(
      `${run} holds no recipe.yaml: it is not the folder of a run, or of one that was stopped before it began. Give the folder of a run, or start one with: npx hier train RECIPE --out FOLDER`,
    );
  return loadStoredRecipe(recipe, overrides, parts);
}

/** Which images. */
export interface CollectionChoice {
  /** Other data than the run's own. */
  readonly source?: string | undefined;
  readonly split?: Split | undefined;
  readonly progress?: ProgressReporter | undefined;
}

/**
 * A split of a run's own data, or of other data. Default: all of other data; of the run's own the test classes, or all
 * where they are vectors without labels, which are not split.
 */
export async function runCollection(
  recipe: Recipe,
  {
    source,
    split = source === undefined ? ownSplit(recipe) : 'all',
    progress = () => () => undefined,
  }: CollectionChoice,
): Promise<Collection> {
  if (source !== undefined) {
    const { partial } = recipe.data;
    const validation = keptOut(recipe);
    return openCollection(source, { partial, split, validation, onProgress: progress(BUILDING) });
  }
  try {
    return await recipeCollection(recipe, split, progress);
  } catch (error) {
    throw withOrigin(error, recipe, 'Other data can be named.');
  }
}

/** An error of a run's own data, which says where they are looked for, and ends with `advice`. */
export function withOrigin(error: unknown, { name }: Recipe, advice: string): unknown {
  if (!(error instanceof DataError)) return error;
  return new DataError(
    `${error.message} (This is the data that the run "${name}" was trained on, relative to the current folder. ${advice})`,
    { cause: error },
  );
}

/** A split of the data that a recipe names. Throws UsageError for a split that they do not have. */
export function recipeCollection(
  recipe: Recipe,
  split: Split,
  progress: ProgressReporter = () => () => undefined,
): Promise<Collection> {
  const { data } = recipe;
  const how = { ...data, split, validation: keptOut(recipe), onProgress: progress(BUILDING) };
  return openCollection(data.source, how);
}

/** Fraction of the training classes that the network of a recipe was not trained on: none after a final fit on all. */
const keptOut = ({ data }: Recipe) => (data.finalFit ? 0 : data.validation);

const BUILDING = 'building the images';

/** Vectors without labels are all trained on. */
function ownSplit(recipe: Recipe): Split {
  return takesVectors(recipe) && recipe.data.labels === null ? 'train' : 'test';
}

/**
 * Whether the data of a run are other than they were in training.
 * @param record the run's record of its data
 */
export async function hasChanged(
  record: string,
  { dataset }: Collection,
  validation: number,
): Promise<boolean> {
  if (!dataset) return false;
  const then = readRecord(record);
  if (!then) return false; // there is nothing to compare with
  try {
    const now = await fingerprint(dataset, holdOutValidation(dataset, validation));
    return then.sha256 !== now.sha256;
  } catch {
    return false;
  }
}

/** A JSON object in a file of a run; null when it is not there or cannot be read. */
export function readRecord(path: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** The sizes of the splits that a record of data holds, by name; only those that can be read. */
export function splitsOf(data: Readonly<Record<string, unknown>> | null): Map<string, SplitSize> {
  const splits = Object.entries(isRecord(data?.splits) ? data.splits : {});
  return new Map(splits.filter((entry): entry is [string, SplitSize] => isSize(entry[1])));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isSize = (value: unknown): value is SplitSize =>
  isRecord(value) && Number.isSafeInteger(value.images) && Number.isSafeInteger(value.classes);
