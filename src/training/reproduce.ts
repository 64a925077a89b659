/**
 * One cell of the paper's table on the user's data: what it will take on this machine, the training, and what is
 * measured beside what was published. The presets are in presets.ts, the costs of a step in reproduceCost.ts;
 * printing is the command line's business.
 */
import { existsSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Dataset } from '../datasets/dataset.js';
import { type SplitSize, splitSize } from '../datasets/fingerprint.js';
import { openDataset } from '../datasets/open.js';
import { holdOutValidation } from '../datasets/validation.js';
import { HierError, UsageError } from '../errors.js';
import { evaluateRun, type Reporter } from './evaluateRun.js';
import { pretrainedFile } from './firstValues.js';
import { openImages, preprocessingOf } from './imageLoader.js';
import { metricOf, readModelInfo } from './model.js';
import { findPreset, type Preset, presetRecipe } from './presets.js';
import { loadRecipe, type Recipe, recipeDifferences } from './recipe.js';
import {
  chooseSpreading,
  measureStep,
  type Spreading,
  type StepCost,
  stepBytes,
  stepSeconds,
  stepSizes,
} from './reproduceCost.js';
import { readRunStatus, runPaths } from './runFolder.js';
import { planBatches } from './sampler.js';
import { train } from './train.js';

/** What {@link planReproduction} needs to know. */
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
  /** Measure a step. Default true; false leaves the times out. */
  readonly measure?: boolean;
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
  readonly notes: readonly string[];
}

/** How long a reproduction will take: extrapolated from `cost`, in seconds. */
export interface ReproductionTime {
  readonly cost: StepCost;
  /** To prepare one training image, all loader threads at work. */
  readonly load: number;
  readonly step: number;
  readonly training: number;
  /** To embed the test images. */
  readonly evaluation: number;
}

/** Memory that a step may take by default, bytes. */
export const DEFAULT_MEMORY = 8e9;
/** Images that the loader is timed with. */
const LOADED = 32;

/**
 * Opens the data, chooses how the work is spread, and measures a step. Nothing is trained or written.
 * @throws UsageError for an unknown preset, overrides that do not fit or a budget that is too small; DataError for
 *   data that are not what was published (see `partial`) or too few
 */
export async function planReproduction(options: PlanOptions): Promise<ReproductionPlan> {
  const { data: path, weights, overrides = [], partial = false, memory = DEFAULT_MEMORY } = options;
  const preset = findPreset(options.preset);
  const given = presetRecipe(preset.name, [
    ...overrides,
    `data.path=${JSON.stringify(path)}`,
    ...(partial ? ['data.partial=true'] : []),
    ...(weights === undefined ? [] : [`backbone.weights=${JSON.stringify(weights)}`]),
  ]);
  const dataset = await openDataset(given.data.source, given.data);
  const splits = holdOutValidation(dataset, given.data.validation);
  const { size, imagesPerClass } = given.batch;
  const classes = byClass(dataset, splits.train);
  const { stepsPerEpoch, warnings } = planBatches({ classes, batchSize: size, imagesPerClass });
  const sizes = stepSizes(given, classes.length);
  const { engine } = given;
  const spreading = overrides.some((text) => text.trim().startsWith('engine.'))
    ? { ...engine, microbatch: engine.microbatch ?? size / engine.replicas }
    : chooseSpreading(sizes, { batch: size, cores: availableParallelism(), budget: memory });
  const recipe: Recipe = {
    ...given,
    engine: {
      threads: spreading.threads,
      replicas: spreading.replicas,
      microbatch: spreading.microbatch === size / spreading.replicas ? null : spreading.microbatch,
      kept: spreading.kept,
    },
  };
  const { epochs } = recipe.schedule;
  const measured =
    options.measure === false
      ? null
      : await timeOf(recipe, dataset, splits.train, { classes: classes.length, spreading, stepsPerEpoch });
  return {
    preset,
    recipe,
    data: {
      path,
      train: splitSize(dataset.items, splits.train),
      test: splitSize(dataset.items, dataset.test),
    },
    epochs,
    stepsPerEpoch,
    steps: epochs * stepsPerEpoch,
    spreading,
    memory: { budget: memory, estimate: stepBytes(sizes, spreading) },
    time: measured,
    ...weightsOf(recipe),
    changes: changesFrom(preset, recipe),
    notes: [...dataset.warnings, ...warnings, ...(measured ? busyNote() : [])],
  };
}

/** Says when others are at work on the machine, so that the measured times are too long. */
function busyNote(): string[] {
  const [load] = loadavg();
  const cores = availableParallelism();
  if (load <= 1.5 * cores) return [];
  return [
    `the machine is busy (load ${load.toFixed(1)} on ${cores} cores): alone, it will be faster than measured.`,
  ];
}

/** Training items by class. */
function byClass({ items }: Dataset, train: readonly number[]): number[][] {
  const classes = new Map<number, number[]>();
  for (const item of train) {
    const { label } = items[item];
    const members = classes.get(label);
    if (members) members.push(item);
    else classes.set(label, [item]);
  }
  return [...classes.values()];
}

async function timeOf(
  recipe: Recipe,
  dataset: Dataset,
  train: readonly number[],
  { classes, spreading, stepsPerEpoch }: { classes: number; spreading: Spreading; stepsPerEpoch: number },
): Promise<ReproductionTime> {
  const load = await loadSeconds(recipe, dataset, train);
  const cost = await measureStep(recipe, classes, spreading);
  const step = stepSeconds(cost, { batch: recipe.batch.size, spreading, load });
  const forward = cost.forward / (cost.replicas * cost.microbatch);
  return {
    cost,
    load,
    step,
    training: recipe.schedule.epochs * stepsPerEpoch * step,
    evaluation: dataset.test.length * (forward + load),
  };
}

/** Seconds to read, augment and normalise one training image. */
async function loadSeconds(recipe: Recipe, dataset: Dataset, train: readonly number[]): Promise<number> {
  const count = Math.min(LOADED, train.length);
  const chosen = Array.from({ length: count }, (_, i) => train[Math.floor((i * train.length) / count)]);
  const { augment } = recipe.images;
  const loader = await openImages(
    chosen.map((item) => dataset.items[item].path),
    preprocessingOf(recipe),
    augment.kind === 'none' ? {} : { augment },
  );
  try {
    const all = [...chosen.keys()];
    const key = augment.kind === 'none' ? undefined : [recipe.seed, 'augment', 0, 0];
    await loader.batch(all.slice(0, 2), key); // starts the threads
    const started = performance.now();
    await loader.batch(all, key);
    return (performance.now() - started) / 1000 / count;
  } finally {
    await loader.close();
  }
}

function weightsOf(recipe: Recipe): Pick<ReproductionPlan, 'weights' | 'missingWeights'> {
  try {
    return { weights: pretrainedFile(recipe), missingWeights: null };
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { weights: null, missingWeights: error.message };
  }
}

/** What the paper does not decide, or what stands in the plan on its own. */
const OURS = /^(engine\.|data\.path:|data\.partial:)/;

function changesFrom({ name }: Preset, recipe: Recipe): string[] {
  return recipeDifferences(presetRecipe(name), recipe).filter((text) => !OURS.test(text));
}

/** What {@link reproduce} needs to know besides its plan. */
export interface ReproduceOptions {
  /** The run's folder. A run of the same recipe in it is gone on with, or evaluated when it is finished. */
  readonly folder: string;
  readonly quiet?: boolean;
  /** Ends the training after the current step, with a checkpoint to go on from. */
  readonly signal?: AbortSignal;
  readonly report?: Reporter;
}

/** One number of the paper beside ours. */
export interface ReproducedFigure {
  readonly k: number;
  /** Fractions; NaN where none is defined. */
  readonly measured: number;
  /** Null for a K that the paper does not print. */
  readonly published: number | null;
  /** measured − published; null without the latter. */
  readonly difference: number | null;
}

/** Outcome of {@link reproduce}. */
export interface Reproduction {
  readonly preset: Preset;
  readonly run: string;
  /** False when the signal ended it early; `figures` is empty then. */
  readonly finished: boolean;
  readonly figures: readonly ReproducedFigure[];
  readonly test: { readonly images: number; readonly classes: number; readonly queries: number };
  /** In what the recipe was not the paper's. */
  readonly changes: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Trains a plan, goes on with it, or takes it as finished, whatever its folder calls for; then measures Recall@K on
 * the test classes, In-Shop's queries against its gallery, by the distance of the embeddings' space.
 * @throws UsageError when pretrained weights are missing or the folder holds another run
 */
export async function reproduce(
  { preset, recipe, missingWeights, changes }: ReproductionPlan,
  { folder, quiet = false, signal, report }: ReproduceOptions,
): Promise<Reproduction> {
  const todo = whatIsLeft(folder, recipe);
  if (todo === 'new' && missingWeights) throw new UsageError(missingWeights);
  const outcome = { preset, run: folder, changes };
  if (todo !== 'nothing') {
    const own = todo === 'new' ? { recipe } : {};
    const { finished } = await train({ folder, mode: todo, quiet, ...own, ...(signal ? { signal } : {}) });
    if (!finished)
      return {
        ...outcome,
        finished,
        figures: [],
        test: { images: 0, classes: 0, queries: 0 },
        notes: [],
      };
  }
  const { rows, data, notes } = await evaluateRun({
    run: folder,
    baselines: false,
    ...(report ? { report } : {}),
  });
  const metric = metricOf(readModelInfo(folder));
  const row = rows.find((one) => one.role === 'run' && one.metric === metric);
  if (!row) throw new HierError(`The evaluation of ${folder} has no row of the metric ${metric}.`);
  const figures = recipe.evaluation.recallAt.map((k) => {
    const measured = row.metrics[`recall@${k}`] ?? Number.NaN;
    const published = preset.published.find((one) => one.k === k)?.recall ?? null;
    return { k, measured, published, difference: published === null ? null : measured - published };
  });
  const { images, classes } = data;
  return {
    ...outcome,
    finished: true,
    figures,
    test: { images, classes, queries: row.queries },
    notes,
  };
}

/** What a run folder still needs. Throws UsageError when it holds a run of another recipe. */
function whatIsLeft(folder: string, recipe: Recipe): 'new' | 'resume' | 'nothing' {
  const status = readRunStatus(folder);
  const paths = runPaths(folder);
  if (!status || ![paths.last, paths.best, paths.metrics].some((path) => existsSync(path))) return 'new';
  const differences = recipeDifferences(loadRecipe(paths.recipe), recipe).filter(
    (text) => !text.startsWith('engine.'),
  );
  if (differences.length > 0)
    throw new UsageError(
      `The run in ${folder} has another recipe:\n  ${differences.join('\n  ')}\nName another folder with --out.`,
    );
  return status.state === 'finished' ? 'nothing' : 'resume';
}
