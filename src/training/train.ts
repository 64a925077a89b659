/**
 * The training loop, top to bottom: open the data, prepare batches ahead, step, watch, evaluate on held-out
 * classes, save. One step is in `trainer.ts`; what is written where is in `runFolder.ts`.
 *
 * Every random draw is a function of (seed, epoch, step), and a checkpoint holds everything else, so a resumed
 * run goes on bit by bit as the uninterrupted one would have.
 */
import { existsSync } from 'node:fs';
import type { Dataset } from '../datasets/dataset.js';
import { type Fingerprint, fingerprint } from '../datasets/fingerprint.js';
import { openDataset } from '../datasets/open.js';
import { holdOutValidation } from '../datasets/validation.js';
import { isVectorDataset } from '../datasets/vectors.js';
import { DataError, UsageError } from '../errors.js';
import { evaluateRetrieval } from '../retrieval/index.js';
import { type Checkpoint, readCheckpoint, type Tensor32, writeCheckpoint } from './checkpoint.js';
import { fitToData, fittedRecipe } from './fitToData.js';
import { HIERARCHICAL_PROXIES, hierStart } from './lossGraph.js';
import { type MetricsLog, openMetricsLog } from './metricsLog.js';
import { exportModel, metricOf } from './model.js';
import { placedProxies, placingItems } from './placeProxies.js';
import { createProgress, type Progress } from './progress.js';
import { loadRecipe, type Recipe, recipeDifferences, recipeHash } from './recipe.js';
import { openRunFolder, type RunFolder, type RunMode, runPaths } from './runFolder.js';
import { classBalancedBatch, planBatches } from './sampler.js';
import { type Snapshots, snapshotsOf } from './snapshots.js';
import { joinParts, Trainer } from './trainer.js';
import { openTrainingData, type TrainingData } from './trainingData.js';

/** What to train and where to keep it. */
export interface TrainOptions {
  /** The run's recipe; when resuming it may be left out and is read from the folder. */
  readonly recipe?: Recipe;
  /** The run's folder. */
  readonly folder: string;
  readonly mode?: RunMode;
  /** No progress on standard error. */
  readonly quiet?: boolean;
  /** Ends the run after the current step, with a checkpoint to resume from. */
  readonly signal?: AbortSignal;
}

/** Outcome of a run. */
export interface TrainResult {
  readonly folder: string;
  readonly recipe: Recipe;
  /** False when the signal ended it early. */
  readonly finished: boolean;
  readonly epochs: number;
  readonly steps: number;
  /** Seconds that this process spent in training and validation. */
  readonly seconds: number;
  readonly best: Checkpoint['best'];
  readonly data: Fingerprint;
}

/** Batches in the making, so that training never waits for images. */
const BATCHES_AHEAD = 3;

/** Trains a recipe to the end, or goes on with a run. See the README for what the folder holds. */
export async function train({
  folder,
  mode = 'new',
  quiet = false,
  signal,
  ...given
}: TrainOptions): Promise<TrainResult> {
  const recipe = given.recipe ?? storedRecipe(folder);
  if (mode === 'resume' && given.recipe)
    requireSameRecipe(storedRecipe(folder), await fittedRecipe(recipe), folder);
  const run = openRunFolder(folder, mode);
  try {
    const result = await trainIn(run, recipe, { quiet, signal });
    if (result.finished) run.finish();
    else run.fail(new Error('stopped by the user; it can be resumed'));
    return result;
  } catch (error) {
    run.fail(error);
    throw error;
  }
}

async function trainIn(
  run: RunFolder,
  given: Recipe,
  { quiet, signal }: { quiet: boolean; signal: AbortSignal | undefined },
): Promise<TrainResult> {
  const say = (text: string) => quiet || process.stderr.write(`${text}\n`);
  const dataset = await openDataset(given.data.source, {
    ...given.data,
    onProgress: counter('building the images', quiet),
  });
  const { recipe, notes } = fitToData(given, dataset);
  const splits = holdOutValidation(dataset, recipe.data.validation);
  const data = await fingerprint(dataset, splits);
  const { train: t, validation: v, test } = data.splits;
  say(
    `${data.name}: ${t.images} training images of ${t.classes} classes, ${v.images} of ${v.classes} held out for validation, ${test.images} of ${test.classes} unseen test classes`,
  );

  const classes = itemsByClass(dataset, splits.train);
  const drawing = { ...recipe.batch, batchSize: recipe.batch.size, classes };
  const { stepsPerEpoch, warnings } = planBatches(drawing);
  for (const warning of [...dataset.warnings, ...notes, ...warnings]) say(`note: ${warning}`);

  const checkpoint = run.resumed ? resumePoint(run, recipe, data) : null;
  run.describe({ recipe, data });
  const inputs = await openTrainingData({
    ...{ dataset, splits, recipe, sha256: data.sha256 },
    report: (what) => counter(what, quiet),
    onNote: (note) => say(`note: ${note}`),
  });
  const open: { close(): Promise<void> }[] = [inputs];
  try {
    const { entrance, backbone } = inputs;
    const trainer = new Trainer(recipe, {
      ...{ classes: classes.length, stepsPerEpoch, entrance },
      blank: checkpoint !== null,
      onNote: (note) => say(`note: ${note}`),
    });
    open.push(trainer);
    const validation = validationOf(dataset, splits.validation, recipe, inputs);
    const snapshots = snapshotsOf({ run: run.folder, dataset, train: splits.train, recipe, inputs });
    if (checkpoint) restore(trainer, checkpoint);
    else await snapshots.take(trainer, 0);
    const kept = { validation, snapshots, backbone, checkpoint };
    const loop = new Loop({ run, recipe, trainer, stepsPerEpoch, data, quiet, ...kept });
    const started = performance.now();
    const total = recipe.schedule.epochs * stepsPerEpoch;
    const batchAt = (at: number) => {
      const [epoch, step] = [Math.floor(at / stepsPerEpoch), at % stepsPerEpoch];
      const batch = classBalancedBatch({ ...drawing, seed: recipe.seed, epoch, step });
      return { epoch, step, batch, pixels: inputs.load(batch, epoch, step) };
    };
    const ahead: ReturnType<typeof batchAt>[] = [];
    for (let at = loop.step; at < total && !signal?.aborted; at++) {
      while (ahead.length < BATCHES_AHEAD && at + ahead.length < total)
        ahead.push(batchAt(at + ahead.length));
      const { epoch, step, batch, pixels } = ahead.shift()!;
      if (step === 0) await placeProxies(trainer, { epoch, recipe, inputs, items: splits.train });
      loop.stepDone(await trainer.step(await pixels, batch.labels, epoch, step), epoch);
      if (step === stepsPerEpoch - 1) await loop.epochDone(epoch);
    }
    const finished = loop.step === total;
    loop.close(finished);
    const seconds = (performance.now() - started) / 1000;
    return {
      folder: run.folder,
      recipe,
      finished,
      epochs: recipe.schedule.epochs,
      steps: loop.step,
      seconds,
      best: loop.best,
      data,
    };
  } finally {
    await Promise.allSettled(open.map((one) => one.close()));
  }
}

/** Before the epoch in which HIER starts: its proxies take their places from the data, where the recipe wants that. */
async function placeProxies(
  trainer: Trainer,
  at: {
    readonly epoch: number;
    readonly recipe: Recipe;
    readonly inputs: TrainingData;
    readonly items: readonly number[];
  },
): Promise<void> {
  const { epoch, recipe, inputs, items } = at;
  const { weight, initial } = recipe.losses.hier;
  if (weight === 0 || initial === 'random' || epoch !== hierStart(recipe)) return;
  const chosen = placingItems(items, recipe);
  const embeddings = joinParts(await trainer.embed(inputs.plain(chosen, recipe.evaluation.batch)));
  trainer.state.parameters[HIERARCHICAL_PROXIES].set(await placedProxies(embeddings, recipe));
}

/** What a loop is made of. */
interface LoopParts {
  readonly run: RunFolder;
  readonly recipe: Recipe;
  readonly trainer: Trainer;
  readonly stepsPerEpoch: number;
  readonly data: Fingerprint;
  readonly validation: Validation | null;
  readonly snapshots: Snapshots;
  /** Values of a backbone that is not trained; empty otherwise. */
  readonly backbone: TrainingData['backbone'];
  readonly quiet: boolean;
  readonly checkpoint: Checkpoint | null;
}

/** What happens beside the steps: counting, reporting, evaluating, saving. */
class Loop {
  step: number;
  best: Checkpoint['best'];
  readonly #parts: LoopParts;
  readonly #log: MetricsLog;
  readonly #progress: Progress;
  /** Proxies chosen as ancestors of samples since the epoch began. */
  #alive: Set<number>;
  #lastRow: { step: number; epoch: number } & Record<string, number> = { step: 0, epoch: 0 };

  constructor(parts: LoopParts) {
    const { run, recipe, stepsPerEpoch, quiet, checkpoint } = parts;
    this.#parts = parts;
    this.step = checkpoint?.step ?? 0;
    this.best = checkpoint?.best ?? null;
    this.#alive = new Set(checkpoint?.liveProxies);
    this.#log = openMetricsLog(run.paths, { resumeAt: this.step });
    const { epochs } = recipe.schedule;
    this.#progress = createProgress({ epochs, stepsPerEpoch, startStep: this.step, quiet });
  }

  /** After every step. */
  stepDone(report: Awaited<ReturnType<Trainer['step']>>, epoch: number): void {
    const { recipe } = this.#parts;
    this.step++;
    report.usage.forEach((times, proxy) => {
      if (times > 0) this.#alive.add(proxy);
    });
    const withHier = recipe.losses.hier.weight > 0 && epoch >= hierStart(recipe);
    const losses = {
      loss: report.loss,
      metric: report.metric,
      ...(withHier ? { samples: report.hierSamples, proxies: report.hierProxies } : {}),
    };
    this.#lastRow = {
      step: this.step,
      epoch,
      ...Object.fromEntries(Object.entries(losses).map(([name, value]) => [`train.${name}`, value])),
      'train.clipped': report.clipped,
      'train.gradientNorm': report.gradientNorm,
      'train.learningRate': report.learningRate,
      ...(withHier ? { 'train.liveProxies': this.#alive.size } : {}),
    };
    this.#log.log(this.#lastRow);
    this.#progress.step({
      epoch,
      step: this.step,
      images: recipe.batch.size,
      losses,
      clipped: report.clipped,
      ...(withHier ? { liveProxies: [this.#alive.size, recipe.losses.hier.proxies] as const } : {}),
    });
  }

  /** After the last step of an epoch: evaluate when it is due, then save. */
  async epochDone(epoch: number): Promise<void> {
    const { recipe, trainer, validation } = this.#parts;
    const { everyEpochs } = recipe.evaluation;
    const last = epoch + 1 === recipe.schedule.epochs;
    let summary: string | undefined;
    let isBest = false;
    if (validation && ((epoch + 1) % everyEpochs === 0 || last)) {
      const metrics = await validation.evaluate(trainer);
      this.#log.log({ step: this.step, epoch, ...metrics });
      const value = metrics['validation.recall@1'];
      isBest = !this.best || value > this.best.value;
      if (isBest) this.best = { metric: 'validation.recall@1', value, epoch: epoch + 1 };
      summary = `validation R@1 ${(100 * value).toFixed(1)}, MAP@R ${(100 * metrics['validation.map@r']).toFixed(1)}${isBest ? ' (best so far)' : ''}`;
    }
    this.#alive = new Set();
    await this.#parts.snapshots.take(trainer, epoch + 1);
    this.#save(isBest);
    this.#progress.epochEnd(summary);
  }

  /** The best is written first: a process that dies between the two does the last epoch again, and finds it again. */
  #save(isBest: boolean): void {
    const { run } = this.#parts;
    const state = this.#checkpoint();
    if (isBest) writeCheckpoint(run.paths.best, state);
    writeCheckpoint(run.paths.last, state);
  }

  #checkpoint(): Checkpoint {
    const { recipe, trainer, stepsPerEpoch, data } = this.#parts;
    const tensors = (values: Record<string, Float32Array>): Record<string, Tensor32> =>
      Object.fromEntries(
        Object.entries(values).map(([name, data]) => [name, { shape: [...trainer.shapes[name]], data }]),
      );
    return {
      epoch: Math.floor(this.step / stepsPerEpoch),
      step: this.step,
      seed: recipe.seed,
      best: this.best,
      ...(this.#alive.size > 0 ? { liveProxies: [...this.#alive].sort((a, b) => a - b) } : {}),
      recipeHash: recipeHash(recipe),
      dataFingerprint: data.sha256,
      parameters: tensors(trainer.state.parameters),
      optimizer: trainer.state.optimizer,
      statistics: tensors(trainer.state.statistics),
    };
  }

  /** Ends the run: exports the best network, or the last one without validation; or saves where it stands. */
  close(finished: boolean): void {
    const { run, recipe, data, backbone } = this.#parts;
    this.#progress.end();
    if (!finished) {
      this.#save(false);
      return;
    }
    const chosen = readCheckpoint(existsSync(run.paths.best) ? run.paths.best : run.paths.last);
    const values = Object.entries({ ...chosen.parameters, ...chosen.statistics }).map(([name, { data }]) => [
      name,
      data,
    ]);
    exportModel(
      run.folder,
      recipe,
      { ...backbone, ...Object.fromEntries(values) },
      {
        epoch: chosen.epoch,
        seed: chosen.seed,
        data: data.sha256,
      },
    );
  }
}

/** Images and their classes by training label, labels counted from 0; without labels each its own class. */
function itemsByClass(dataset: Dataset, train: readonly number[]): number[][] {
  if (isVectorDataset(dataset) && !dataset.isLabelled) return train.map((item) => [item]);
  const labels = [...new Set(train.map((item) => dataset.items[item].label))].sort((a, b) => a - b);
  const positions = new Map(labels.map((label, i) => [label, i]));
  const classes: number[][] = labels.map(() => []);
  for (const item of train) classes[positions.get(dataset.items[item].label)!].push(item);
  return classes;
}

/** Evaluation on the held-out training classes. */
interface Validation {
  evaluate(trainer: Trainer): Promise<Record<string, number>>;
}

function validationOf(
  dataset: Dataset,
  items: readonly number[],
  recipe: Recipe,
  inputs: TrainingData,
): Validation | null {
  if (items.length === 0) return null;
  const { embeddingSize: dim, curvature } = recipe.head;
  const { batch, recallAt } = recipe.evaluation;
  return {
    evaluate: async (trainer) => {
      const embeddings = joinParts(await trainer.embed(inputs.validation(batch)));
      const { metrics } = await evaluateRetrieval({
        embeddings,
        dim,
        labels: items.map((item) => dataset.items[item].label),
        metric: metricOf({ curvature }),
        ...(curvature > 0 ? { curvature } : {}),
        recallAt,
      });
      return {
        ...Object.fromEntries(recallAt.map((k) => [`validation.recall@${k}`, metrics[`recall@${k}`]])),
        'validation.map@r': metrics['map@r']!,
      };
    },
  };
}

/** The recipe that a run folder holds. */
function storedRecipe(folder: string): Recipe {
  const { recipe } = runPaths(folder);
  if (!existsSync(recipe))
    throw new UsageError(`There is no run to resume in ${folder}: it holds no recipe.yaml.`);
  return loadRecipe(recipe);
}

function requireSameRecipe(stored: Recipe, given: Recipe, folder: string): void {
  const differences = recipeDifferences(stored, given);
  if (differences.length > 0)
    throw new UsageError(
      `The run in ${folder} has another recipe, and resuming must not change it:\n  ${differences.join('\n  ')}\nLeave the recipe out to go on with the run's own, or start a new run with --out.`,
    );
}

/** The checkpoint to go on from; null when the run had not come to its first. */
function resumePoint(run: RunFolder, recipe: Recipe, data: Fingerprint): Checkpoint | null {
  const path = run.latestCheckpoint();
  if (!path) return null;
  const checkpoint = readCheckpoint(path);
  if (checkpoint.dataFingerprint !== data.sha256)
    throw new DataError(
      `The images have changed since the run in ${run.folder} was started (fingerprint ${checkpoint.dataFingerprint.slice(0, 12)}, now ${data.sha256.slice(0, 12)}). Restore them, or start a new run with --out.`,
    );
  if (checkpoint.recipeHash !== recipeHash(recipe))
    throw new DataError(`${path} belongs to another recipe than the one in ${run.folder}.`);
  return checkpoint;
}

function restore(trainer: Trainer, checkpoint: Checkpoint): void {
  const { parameters, statistics, optimizer } = trainer.state;
  const copy = (to: Record<string, Float32Array>, from: (name: string) => Float32Array | undefined) => {
    for (const [name, values] of Object.entries(to)) {
      const saved = from(name);
      if (saved?.length !== values.length)
        throw new DataError(
          `The checkpoint does not fit this version of the network: "${name}" is missing or of another size.`,
        );
      values.set(saved);
    }
  };
  copy(parameters, (name) => checkpoint.parameters[name]?.data);
  copy(statistics, (name) => checkpoint.statistics[name]?.data);
  copy(optimizer.mean, (name) => checkpoint.optimizer.mean[name]);
  copy(optimizer.variance, (name) => checkpoint.optimizer.variance[name]);
  optimizer.step = checkpoint.optimizer.step;
}

/** Reports the progress of preparations: a changing line on a terminal, a line every few seconds elsewhere. */
export function counter(what: string, quiet: boolean): (done: number, total: number) => void {
  let next = performance.now() + 1000;
  return (done, total) => {
    const now = performance.now();
    if (quiet || (now < next && done < total)) return;
    const terminal = process.stderr.isTTY;
    next = now + (terminal ? 100 : 5000);
    process.stderr.write(
      `${terminal ? '\r' : ''}${what}: ${done} of ${total}${terminal && done < total ? '' : '\n'}`,
    );
  };
}
