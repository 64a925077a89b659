/**
 * One training step, and the state it changes: parameters, both kinds of proxies, AdamW's moments, running
 * statistics. Where batches come from, when to evaluate and what to write is decided by the loop and its bookkeeping.
 */

import { HierError } from '../errors.js';
import { firstValues } from '../model/firstValues.js';
import type { NetworkOptions } from '../model/graph.js';
import { layerScales } from '../model/layerScales.js';
import { embedderModels } from '../model/network.js';
import { HIERARCHICAL_PROXIES, hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import { joinValues } from '../rows.js';
import type { AdamWState } from '../runs/checkpoint.js';
import { beforeHier, lossModel } from './lossGraph.js';
import { lossShares } from './lossShares.js';
import { inPortions } from './microbatches.js';
import type { Parts } from './replicas/clock.js';
import type { Elsewhere } from './replicas/elsewhere.js';
import { Replicas } from './replicas/replicas.js';
import { groupOf, learningRates } from './schedule.js';
import { type StepReport, stepReport } from './stepReport.js';

/** How much of a new batch enters the running statistics of batch normalisation, as in PyTorch. */
const STATISTICS_MOMENTUM = 0.1;

/** Everything that training changes. */
export interface TrainerState {
  readonly parameters: Record<string, Float32Array>;
  readonly optimizer: AdamWState;
  /** Running statistics, and parameters that are frozen: what no gradient reaches. */
  readonly statistics: Record<string, Float32Array>;
}

/** Options of {@link Trainer}. Those of the network let it be trained from where its backbone is not frozen any more. */
export interface TrainerOptions extends NetworkOptions {
  /** Training classes. */
  readonly classes: number;
  readonly stepsPerEpoch: number;
  /** Values of arrays that are known already, by name. */
  readonly known?: Readonly<Record<string, Float32Array>> | undefined;
  /** Leaves all arrays at 0, for a checkpoint to be restored into them. */
  readonly allZero?: boolean;
  /** Told in a sentence what the backbone starts from, when that is not random. */
  readonly onNote?: (note: string) => void;
  /** Path that the engine's records of every operator begin with, for {@link Trainer.timed}; none are made by default. */
  readonly profile?: string | undefined;
  /** Other processes that compute a part of each step. */
  readonly elsewhere?: Elsewhere | undefined;
}

/** Rows `from` to `to` of a batch, asked for when this process needs them. */
export type RowsOfBatch = (from: number, to: number) => Promise<Float32Array>;

/** A network in training. Owns worker threads: call `close()`. */
export class Trainer {
  /** Shapes of all arrays by name. */
  readonly shapes: Record<string, readonly number[]> = {};
  /** What training changes; to restore it, copy into these arrays. */
  readonly state: TrainerState;
  readonly #recipe: Recipe;
  readonly #stepsPerEpoch: number;
  readonly #replicas: Replicas;
  /** What each array's learning rate is multiplied by, for how deep it lies. */
  readonly #scaleOf: (name: string) => number;

  /**
   * Builds the graphs of a recipe and starts the replicas.
   * @throws UsageError or DataError when pretrained weights that the recipe names are absent or do not fit
   */
  constructor(
    recipe: Recipe,
    {
      classes,
      stepsPerEpoch,
      input,
      registry,
      known = {},
      allZero = false,
      onNote,
      elsewhere,
      profile,
    }: TrainerOptions,
  ) {
    const divided = inPortions(recipe, registry);
    const { replicas: count, threads, microbatch } = divided.engine;
    const { arrays, ...models } = embedderModels(recipe, microbatch ?? recipe.batch.size / count, {
      input,
      registry,
    });
    const isLate = recipe.losses.hier.weight > 0 && hierStart(recipe) > 0;
    const losses = lossShares(recipe, classes, count, registry).map((share) => ({
      share,
      ...lossModel(recipe, classes, { share, registry }),
      beforeHier: isLate ? lossModel(beforeHier(recipe), classes, { share, registry }).model : undefined,
    }));
    const all = [...arrays, ...losses[0].arrays];
    const unknown = all.filter(({ name }) => !Object.hasOwn(known, name));
    const first = allZero ? {} : { ...known, ...firstValues(recipe, unknown, onNote) };
    this.#recipe = divided;
    this.#stepsPerEpoch = stepsPerEpoch;
    this.#scaleOf = layerScales(recipe, registry);
    this.#replicas = new Replicas({
      recipe: divided,
      reuseMemory: divided !== recipe,
      arrays: all,
      models,
      losses,
      threads: Math.max(1, Math.floor(threads / count)),
      elsewhere,
      profile,
    });
    const parameters: Record<string, Float32Array> = {};
    const statistics: Record<string, Float32Array> = {};
    for (const { name, shape, trained } of all) {
      const values = this.#replicas.values[name];
      if (!allZero) values.set(first[name]);
      (trained ? parameters : statistics)[name] = values;
      this.shapes[name] = shape;
    }
    this.state = { parameters, statistics, optimizer: this.#replicas.optimizer };
  }

  /**
   * One step: embed, losses, gradients, update.
   * @param images normalised batch `[B, 3, S, S]` of `recipe.batch.size` images, or feature vectors `[B, F]`; or a function
   *   that gives rows of it
   * @param labels class of each `[B]`
   * @param step step within the epoch; both count from 0
   * @throws HierError when a gradient is not finite; nothing has been updated then
   */
  async step(
    images: Float32Array | RowsOfBatch,
    labels: Int32Array,
    epoch: number,
    step: number,
  ): Promise<StepReport> {
    const { batch, engine } = this.#recipe;
    const { count: replicas } = this.#replicas;
    const count = engine.microbatch ? batch.size / engine.microbatch : replicas;
    const size = batch.size / replicas;
    const partOf = (rows: RowsOfBatch) => async (replica: number) =>
      cut(await rows(replica * size, (replica + 1) * size), count / replicas);
    const given = typeof images === 'function' ? partOf(images) : cut(images, count);
    const { embeddings: parts, observed } = await this.#replicas.forward(given, { epoch, step });
    const embeddings = joinValues(parts);
    const { values, gradient } = await this.#replicas.loss({ embeddings, labels, epoch, step });
    const averaged = overWorld(gradient, this.#recipe.optimizer.worldSize);
    const { squaredNorm } = await this.#replicas.backward(cut(averaged, count));
    const learningRate = await this.#update(squaredNorm, epoch, step);
    this.#observe(observed);
    return stepReport({ embeddings, values, squaredNorm, learningRate }, this.#recipe);
  }

  /**
   * One step of the hierarchical proxies alone, for a network that stays as it is.
   * @param embeddings of a batch, `[B, d]`; the rest as in {@link step}
   */
  async stepOfProxies(
    embeddings: Float32Array,
    labels: Int32Array,
    epoch: number,
    step: number,
  ): Promise<StepReport> {
    const { values } = await this.#replicas.loss({ embeddings, labels, epoch, step, isAlone: true });
    const squaredNorm = await this.#replicas.proxyGradients();
    await this.#update(squaredNorm, epoch, step, (name) => name === HIERARCHICAL_PROXIES);
    return stepReport({ embeddings, values, squaredNorm, learningRate: 0 }, this.#recipe);
  }

  /** AdamW on the parameters; stops the run when the gradient is not finite. Returns the backbone's learning rate. */
  async #update(
    squaredNorm: number,
    epoch: number,
    step: number,
    isTrained: (name: string) => boolean = () => true,
  ): Promise<number> {
    if (!Number.isFinite(squaredNorm))
      throw new HierError(
        `The gradient is not finite in epoch ${epoch + 1}, step ${step + 1}. Lower optimizer.learningRate; the last checkpoint is intact.`,
      );
    const rates = learningRates(this.#recipe, epoch * this.#stepsPerEpoch + step, this.#stepsPerEpoch);
    const made = ++this.state.optimizer.step;
    // Hierarchical proxies that wait for HIER to start have made no update, and their moments are 0.
    const waited = hierStart(this.#recipe) * this.#stepsPerEpoch;
    const updates = Object.keys(this.state.parameters)
      .filter(isTrained)
      .map((name) => {
        const count = name === HIERARCHICAL_PROXIES ? made - waited : made;
        const learningRate = rates[groupOf(name)] * this.#scaleOf(name);
        return [name, { learningRate, step: count }] as const;
      })
      .filter(([, { step: count }]) => count > 0);
    await this.#replicas.update(Object.fromEntries(updates), this.#recipe.optimizer);
    return rates.backbone;
  }

  /** Mixes the replicas' batch statistics, averaged, into the running ones. */
  #observe(observed: readonly Record<string, Float32Array>[]): void {
    for (const name of Object.keys(observed[0])) {
      const running = this.state.statistics[name];
      for (let i = 0; i < running.length; i++) {
        let mean = 0;
        for (const one of observed) mean += one[name][i] / observed.length;
        running[i] += STATISTICS_MOMENTUM * (mean - running[i]);
      }
    }
  }

  /** How many rows of a batch, from the first one on, this process computes in a step. */
  get rowsHere(): number {
    return (this.#recipe.batch.size / this.#replicas.count) * this.#replicas.here;
  }

  /** Embeds batches of images `[n, 3, S, S]` or feature vectors `[n, F]` of any size, in evaluation form: `[n, d]` each. */
  async embed(batches: AsyncIterable<Float32Array> | Iterable<Float32Array>): Promise<Float32Array[]> {
    return this.#replicas.evaluate(batches);
  }

  /** Ends the timing that `profile` began: writes the engine's records; seconds of each replica's parts, call by call. */
  async timed(): Promise<Parts[]> {
    return this.#replicas.timed();
  }

  /** Ends the replicas. */
  async close(): Promise<void> {
    await this.#replicas.close();
  }
}

/**
 * The gradient of embeddings as averaging over ranks leaves it, in place: each rank of the official code goes back from its
 * own rows alone, and the ranks are averaged. The proxies are outside of that, so theirs stays whole.
 */
function overWorld(gradient: Float32Array, worldSize: number): Float32Array {
  if (worldSize > 1) for (let i = 0; i < gradient.length; i++) gradient[i] /= worldSize;
  return gradient;
}

/** Equal parts of an array, as copies that can be sent. */
function cut(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * length, (i + 1) * length));
}
