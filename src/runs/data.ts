/**
 * What a run was trained with, read back from its folder: its recipe, and the images that this names. Nothing is
 * embedded or measured here.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fingerprint } from '../datasets/fingerprint.js';
import { holdOutValidation } from '../datasets/validation.js';
import { DataError, UsageError } from '../errors.js';
import { loadRecipe, type Recipe } from '../recipe/load.js';
import { type Collection, openCollection, type Split } from './collection.js';
import { runPaths } from './paths.js';
import type { Reporter } from './progress.js';

/**
 * The recipe that a run folder holds, with `overrides` laid over it.
 * @throws UsageError when there is none
 */
export function recipeOf(run: string, overrides: readonly string[] = []): Recipe {
  const { recipe } = runPaths(run);
  if (!existsSync(recipe))
    throw new UsageError(
      `${run} holds no recipe.yaml: it is not the folder of a run, or of one that was stopped before it began. Give the folder of a run, or start one with: npx hier train RECIPE --out FOLDER`,
    );
  return loadRecipe(recipe, overrides);
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
    report = () => () => undefined,
  }: { source?: string | undefined; split?: Split | undefined; report?: Reporter | undefined },
): Promise<Collection> {
  if (source !== undefined) {
    const { partial, validation } = recipe.data;
    return openCollection(source, { partial, split, validation, onProgress: report(BUILDING) });
  }
  try {
    return await recipeCollection(recipe, split, report);
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
  report: Reporter = () => () => undefined,
): Promise<Collection> {
  return openCollection(data.source, { ...data, split, onProgress: report(BUILDING) });
}

const BUILDING = 'building the images';

/** Vectors without labels are all trained on. */
function ownSplit({ backbone, data }: Recipe): Split {
  return backbone.name === 'identity' && data.labels === null ? 'train' : 'test';
}

/** Whether the run's own data are other than they were in training. */
export async function hasChanged(run: string, { dataset }: Collection, validation: number): Promise<boolean> {
  if (!dataset) return false;
  try {
    const then = JSON.parse(readFileSync(runPaths(run).data, 'utf8')) as { sha256?: string };
    const now = await fingerprint(dataset, holdOutValidation(dataset, validation));
    return then.sha256 !== now.sha256;
  } catch {
    return false; // without a record of the data there is nothing to compare with
  }
}
