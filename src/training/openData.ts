/**
 * The data of a run: opened, fitted to each other with the recipe, and divided into what is trained on and what is held out.
 * What the network is fed with is not prepared here.
 */
import type { Dataset } from '../datasets/dataset.js';
import { type Fingerprint, fingerprint } from '../datasets/fingerprint.js';
import { openDataset } from '../datasets/open.js';
import { holdOutValidation, type TrainingSplits } from '../datasets/validation.js';
import { hierStart } from '../recipe/arrays.js';
import { batchRules } from '../recipe/checks.js';
import type { Parts, Recipe } from '../recipe/load.js';
import { withOrigin } from '../runs/data.js';
import type { ProgressReporter } from '../runs/progress.js';
import { counted } from '../shown.js';
import { itemsByClass } from './batches/batches.js';
import { planBatches } from './batches/sampler.js';
import { fitToData } from './fitToData.js';

/** How the training images are divided, and into how many steps. */
export interface DividedData {
  readonly splits: TrainingSplits;
  /** Items of each training class, see {@link itemsByClass}. */
  readonly classes: readonly (readonly number[])[];
  readonly stepsPerEpoch: number;
}

/** All training classes to train on, none held out. */
export function everyClass(dataset: Dataset, recipe: Recipe): DividedData {
  const splits = { train: dataset.train, validation: [] };
  const classes = itemsByClass(dataset, splits.train);
  const shape = { ...recipe.batch, batchSize: recipe.batch.size, classes };
  return { splits, classes, stepsPerEpoch: planBatches(shape, batchRules(recipe)).stepsPerEpoch };
}

/** The data of a recipe, and the recipe fitted to them. */
export interface OpenData extends DividedData {
  /** Training items that the first part of a backbone is computed for; by default those that are trained on. */
  readonly kept?: readonly number[];
  readonly dataset: Dataset;
  readonly recipe: Recipe;
  readonly data: Fingerprint;
  /** What the user should know of the data, and what was changed in the recipe, in sentences. */
  readonly notes: readonly string[];
}

/**
 * Opens the data of a recipe, and divides them as it says. Throws DataError for data that cannot be read or trained on, and
 * UsageError as fitToData does.
 */
export async function openData(
  given: Recipe,
  { progress, parts, resumes }: { progress: ProgressReporter; parts: Parts; resumes: boolean },
): Promise<OpenData> {
  const onProgress = progress('building the images');
  const dataset = await openDataset(given.data.source, { ...given.data, onProgress }).catch((error) => {
    const advice = 'Resume it in the folder in which it was started.';
    throw resumes ? withOrigin(error, given, advice) : error;
  });
  const { recipe, notes: changes } = fitToData(given, dataset, parts);
  const splits = holdOutValidation(dataset, recipe.data.validation);
  const data = await fingerprint(dataset, splits);
  const classes = itemsByClass(dataset, splits.train);
  const { stepsPerEpoch, warnings } = planBatches(
    { ...recipe.batch, batchSize: recipe.batch.size, classes },
    batchRules(recipe),
  );
  const idle = recipe.losses.metric.weight === 0 ? hierStart(recipe) : 0;
  if (idle > 0)
    warnings.push(
      `HIER alone is trained, and it begins after epoch ${idle}: nothing is learned before. Set losses.hier.start=0.`,
    );
  const notes = [...dataset.warnings, ...changes, ...warnings];
  return { dataset, recipe, splits, data, classes, stepsPerEpoch, notes };
}

/** How much data there is, in words. */
export function sizesOf({ name, splits: { train, validation, test } }: Fingerprint, noun: string): string {
  if (train.classes === 0) return `${name}: ${counted(train.images, noun)} without labels`;
  return `${name}: ${counted(train.images, noun)} of ${counted(train.classes, 'class')}, ${validation.images} of ${validation.classes} held out for validation, ${test.images} of ${counted(test.classes, 'unseen test class')}`;
}
