/**
 * How long a reproduction will take on this machine: a training image is loaded and a step is measured, and both are
 * extrapolated. What a step costs by its sizes comes in.
 */
import { availableParallelism, loadavg } from 'node:os';
import type { Dataset } from '../datasets/dataset.js';
import { openImages, preprocessingOf } from '../model/inputs.js';
import type { Recipe } from '../recipe/load.js';
import { measureStep, type Spreading, type StepCost, stepSeconds } from './cost.js';

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

/** Images that the loader is timed with. */
const LOADED = 32;

/** Measures a step of a recipe on this machine; `train` are the training items by index into the data set. */
export async function timeOf(
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

/** Says when others are at work on the machine, so that the measured times are too long. */
export function busyNote(): string[] {
  const [load] = loadavg();
  const cores = availableParallelism();
  if (load <= 1.5 * cores) return [];
  return [
    `the machine is busy (load ${load.toFixed(1)} on ${cores} cores): alone, it will be faster than measured.`,
  ];
}
