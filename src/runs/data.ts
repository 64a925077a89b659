/**
 * What a run was trained with, read back from its folder: its recipe, and the images that this names. Nothing is
 * embedded or measured here.
 */

import { fingerprint } from '../datasets/fingerprint.js';
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
    const { partial, validation } = recipe.data;
    return openCollection(source, { partial, split, validation, onProgress: progress(BUILDING) });
  }
  try {
    return await recipeCollection(recipe, split, progress);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new DataError(
      `${error.message} (This is the data that the run "${recipe.name}" was trained on, relative to the current folder. Other data can be named.)`,
      { cause: error },
    );
  }
}

/** A split of the data that a recipe names. Throws UsageError for a split that they do not have. */
export function recipeCollection(
  { data }: Recipe,
  split: Split,
  progress: ProgressReporter = () => () => undefined,
): Promise<Collection> {
  return openCollection(data.source, { ...data, split, onProgress: progress(BUILDING) });
}

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

/** A JSON file of a run; null when it is not there or cannot be read. */
export function readRecord(path: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return null;
  }
}
