/**
 * What it will take to train one cell of the paper's table on the user's data: the recipe fitted to this machine, its
 * length, its memory, and in what it is not the paper's. It trains nothing.
 */
import { availableParallelism } from 'node:os';
import { sizeDifferences, sizesOf } from '../datasets/benchmark.js';
import { BENCHMARKS } from '../datasets/benchmarks.js';
import type { Dataset } from '../datasets/dataset.js';
import { type SplitSize, splitSize } from '../datasets/fingerprint.js';
import { openDataset } from '../datasets/open.js';
import { holdOutValidation } from '../datasets/validation.js';
import { UsageError } from '../errors.js';
import { pretrainedFile } from '../model/firstValues.js';
import { batchRules } from '../recipe/checks.js';
import { type Recipe, recipeDifferences } from '../recipe/load.js';
import { itemsByClass } from '../training/batches/batches.js';
import { planBatches } from '../training/batches/sampler.js';
import { chooseSpreading, type Spreading, type StepSizes, stepBytes, stepSizes } from './cost.js';
import { findPreset, type Preset, presetRecipe } from './presets.js';
import { busyNote, type ReproductionTime, timeOf } from './time.js';

/** Options of {@link planReproduction}. */
export interface PlanOptions {
  /** Name of a preset. */
  readonly preset: string;
  /** Folder or archive of the preset's data set. */
  readonly data: string;
  /** Pretrained weights other than the preset's: a name, a safetensors file, or none. */
  readonly weights?: string;
  /** `KEY=VALUE` laid over the preset. With any `engine.*` the engine is left as the recipe says. */
  readonly overrides?: readonly string[];
  /** Accept a replica or a part of the data. Default false. */
  readonly partial?: boolean;
  /** Memory that a step may take, bytes. Default 8 GB. */
  readonly memory?: number;
  /** Measure a step. Default true; false leaves the times out. Or asked of the planned recipe. */
  readonly measure?: boolean | ((recipe: Recipe) => boolean);
}

/** What a reproduction will take. */
export interface ReproductionPlan {
  readonly preset: Preset;
  readonly recipe: Recipe;
  readonly data: { readonly path: string; readonly train: SplitSize; readonly test: SplitSize };
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly steps: number;
  readonly spreading: Spreading;
  /** Bytes: what was allowed, and what a step is estimated to take. */
  readonly memory: { readonly budget: number; readonly estimate: number };
  /** Null when no step was measured. */
  readonly time: ReproductionTime | null;
  /** The file of the pretrained weights; null when there is none, and then `missingWeights` may say why. */
  readonly weights: string | null;
  readonly missingWeights: string | null;
  /** In what the recipe is not the paper's, as `key: paper → here`. */
  readonly changes: readonly string[];
  /** Why the result cannot be held against the paper's numbers, in sentence parts; empty where it can. */
  readonly unlike: readonly string[];
  readonly notes: readonly string[];
}

/** Memory that a step may take by default, bytes. */
export const DEFAULT_MEMORY = 8e9;

/**
 * Opens the data, chooses how the work is spread, and measures a step. Nothing is trained or written.
 * @throws UsageError for an unknown preset, overrides that do not fit or a budget that is too small; DataError for
 *   data that are not what was published (see `partial`) or too few
 */
export async function planReproduction(options: PlanOptions): Promise<ReproductionPlan> {
  const { data: path, memory = DEFAULT_MEMORY, measure = true } = options;
  const preset = findPreset(options.preset);
  const given = givenRecipe(preset, options);
  const dataset = await openDataset(given.data.source, given.data);
  const { train } = holdOutValidation(dataset, given.data.validation);
  const classes = itemsByClass(dataset, train);
  const { size: batchSize, imagesPerClass } = given.batch;
  const { stepsPerEpoch, warnings } = planBatches({ classes, batchSize, imagesPerClass }, batchRules(given));
  const sizes = stepSizes(given, classes.length);
  const spreading = spreadingOf(given, sizes, options);
  const recipe = spreadBy(given, spreading);
  const step = { classes: classes.length, spreading, stepsPerEpoch };
  const isMeasured = typeof measure === 'function' ? measure(recipe) : measure;
  const time = isMeasured ? await timeOf(recipe, dataset, train, step) : null;
  const { epochs } = recipe.schedule;
  const { items, test } = dataset;
  const changes = changesFrom(preset, recipe);
  return {
    preset,
    recipe,
    data: { path, train: splitSize(items, train), test: splitSize(items, test) },
    epochs,
    stepsPerEpoch,
    steps: epochs * stepsPerEpoch,
    spreading,
    memory: { budget: memory, estimate: stepBytes(sizes, spreading) },
    time,
    ...weightsOf(recipe),
    changes,
    unlike: [...unlikeData(dataset, preset), ...changes.filter(isOfTheMethod)],
    notes: [...dataset.warnings, ...warnings, ...(time ? busyNote() : [])],
  };
}

/** The preset with what the user lays over it. */
function givenRecipe(
  preset: Preset,
  { data, partial = false, weights, overrides = [] }: PlanOptions,
): Recipe {
  return presetRecipe(preset.name, [
    ...overrides,
    `data.path=${JSON.stringify(data)}`,
    ...(partial ? ['data.partial=true'] : []),
    ...(weights === undefined ? [] : [`backbone.weights=${JSON.stringify(weights)}`]),
  ]);
}

/** How the work is spread: as the user says, else as memory and cores allow. */
function spreadingOf({ engine, batch }: Recipe, sizes: StepSizes, options: PlanOptions): Spreading {
  const { overrides = [], memory = DEFAULT_MEMORY } = options;
  if (overrides.some((text) => text.trim().startsWith('engine.')))
    return { ...engine, microbatch: engine.microbatch ?? batch.size / engine.replicas };
  return chooseSpreading(sizes, { batch: batch.size, cores: availableParallelism(), budget: memory });
}

function spreadBy(recipe: Recipe, { threads, replicas, microbatch, kept }: Spreading): Recipe {
  const isWhole = microbatch === recipe.batch.size / replicas;
  const engine = { ...recipe.engine, threads, replicas, microbatch: isWhole ? null : microbatch, kept };
  return { ...recipe, engine };
}

function weightsOf(recipe: Recipe): Pick<ReproductionPlan, 'weights' | 'missingWeights'> {
  try {
    return { weights: pretrainedFile(recipe), missingWeights: null };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { weights: null, missingWeights: error.message };
  }
}

/** What the paper does not decide, what changes nothing in training, or what stands in the plan on its own. */
const OURS = /^(engine\.|snapshots\.|evaluation\.testCurve:|data\.path:|data\.partial:)/;

/** Whether a change makes another method, network or data set of it, so that the paper has no number to compare with. */
export const isOfTheMethod = (change: string): boolean =>
  /^(losses|backbone|head|data|images)\./.test(change);

/** In what the data are not those that the paper's numbers are of. */
function unlikeData(dataset: Dataset, { dataset: name }: Preset): string[] {
  const { title, published } = BENCHMARKS[name];
  if (dataset.release !== undefined)
    return [`the data are ${dataset.release}, and the published numbers are of ${title}`];
  return sizeDifferences(sizesOf(dataset), published).map((text) => `not the published data: ${text}`);
}

/** In what a recipe is not a preset's, as `key: paper → here`. */
export function changesFrom({ name }: Pick<Preset, 'name'>, recipe: Recipe): string[] {
  return recipeDifferences(presetRecipe(name), recipe).filter((text) => !OURS.test(text));
}
