/**
 * One training step, and the state it changes: parameters, both kinds of proxies, AdamW's moments, running
 * statistics. Where batches come from, when to evaluate and what to write is the loop's business (`train.ts`).
 */

import { HierError } from '../errors.js';
import { openSession, type Session } from '../graph/index.js';
import { initialize } from '../nn/index.js';
import { embedderModels, type initialValues } from './embedder.js';
import {
  CLASS_PROXIES,
  HIERARCHICAL_PROXIES,
  lossModel,
  type StepRandomness,
  stepRandomness,
} from './lossGraph.js';
import { type AdamWState, adamW, createAdamW, squaredNorm } from './optimizer.js';
import type { Recipe } from './recipe.js';
import { Replicas } from './replicas.js';
import { learningRates, type ParameterGroup } from './schedule.js';

/** How much of a new batch enters the running statistics of batch normalisation, as in PyTorch. */
const STATISTICS_MOMENTUM = 0.1;

/** What a step reports. */
export interface StepReport {
  /** The total loss and its terms before weighting. */
  readonly loss: number;
  readonly metric: number;
  readonly hierSamples: number;
  readonly hierProxies: number;
  /** Share of the batch whose tangent vectors were clipped, in [0, 1]. */
  readonly clipped: number;
  /** Times each hierarchical proxy was an ancestor of samples, `[P]`; empty without HIER. */
  readonly usage: Float32Array;
  /** Euclidean norm of the whole gradient before clamping. */
  readonly gradientNorm: number;
  /** Learning rate of the backbone. */
  readonly learningRate: number;
}

/** Everything that training changes. */
export interface TrainerState {
  readonly parameters: Record<string, Float32Array>;
  readonly optimizer: AdamWState;
  readonly statistics: Record<string, Float32Array>;
}

/** A network in training. Owns threads and native memory: call `close()`. */
export class Trainer {
  /** Shapes of all arrays by name. */
  readonly shapes: Record<string, readonly number[]> = {};
  /** What training changes; restored by copying into these arrays. */
  readonly state: TrainerState;
  private readonly recipe: Recipe;
  private readonly stepsPerEpoch: number;
  private readonly replicas: Replicas;
  private readonly lossSession: Session;
  private readonly randomness: StepRandomness;
  private readonly microbatch: number;

  /** Builds the graphs of a recipe for `classes` training classes and starts the replicas. */
  static async create(
    recipe: Recipe,
    { classes, stepsPerEpoch }: { classes: number; stepsPerEpoch: number },
  ): Promise<Trainer> {
    const { replicas: count, threads } = recipe.engine;
    const microbatch = recipe.batch.size / count;
    const { arrays, ...models } = embedderModels(recipe, microbatch, recipe.evaluation.batch);
    const replicas = new Replicas({
      arrays,
      models,
      count,
      threads: Math.max(1, Math.floor(threads / count)),
    });
    const loss = lossModel(recipe, classes);
    const lossSession = await openSession(loss.model, { threads });
    return new Trainer(recipe, stepsPerEpoch, replicas, lossSession, microbatch, arrays, loss.arrays);
  }

  private constructor(
    recipe: Recipe,
    stepsPerEpoch: number,
    replicas: Replicas,
    lossSession: Session,
    microbatch: number,
    network: Parameters<typeof initialValues>[0],
    proxies: Parameters<typeof initialValues>[0],
  ) {
    this.recipe = recipe;
    this.stepsPerEpoch = stepsPerEpoch;
    this.replicas = replicas;
    this.lossSession = lossSession;
    this.microbatch = microbatch;
    this.randomness = stepRandomness(recipe);
    const parameters: Record<string, Float32Array> = {};
    const statistics: Record<string, Float32Array> = {};
    for (const { name, shape, trained, initial } of network) {
      this.shapes[name] = shape;
      replicas.values[name].set(initialize(initial, shape, recipe.seed, name));
      (trained ? parameters : statistics)[name] = replicas.values[name];
    }
    for (const { name, shape, initial } of proxies) {
      this.shapes[name] = shape;
      parameters[name] = initialize(initial, shape, recipe.seed, name);
    }
    this.state = { parameters, statistics, optimizer: createAdamW(parameters) };
  }

  /**
   * One step: embed, losses, gradients, update.
   * @param images normalised batch `[B, 3, S, S]` of `recipe.batch.size` images
   * @param labels class of each `[B]`
   */
  async step(images: Float32Array, labels: Int32Array, epoch: number, step: number): Promise<StepReport> {
    const { size } = this.recipe.batch;
    const parts = pieces(images, size / this.microbatch);
    const { embeddings, observed } = await this.replicas.forward(parts);
    const joined = join(embeddings);
    const { parameters } = this.state;
    const out = await this.lossSession.run({
      embeddings: joined,
      labels,
      [CLASS_PROXIES]: parameters[CLASS_PROXIES],
      ...(HIERARCHICAL_PROXIES in parameters
        ? { [HIERARCHICAL_PROXIES]: parameters[HIERARCHICAL_PROXIES], ...this.randomness.draw(epoch, step) }
        : {}),
    });
    const value = (name: string) => (out[name] ? Number(out[name][0]) : 0);
    const grads = await this.replicas.backward(
      pieces(out['gradient/embeddings'] as Float32Array, parts.length),
    );
    for (const name of [CLASS_PROXIES, HIERARCHICAL_PROXIES])
      if (name in parameters) grads[name] = out[`gradient/${name}`] as Float32Array;
    const { gradientNorm, learningRate } = this.update(grads, epoch, step);
    this.observe(observed);
    return {
      loss: value('loss'),
      metric: value('metric'),
      hierSamples: value('hier_samples'),
      hierProxies: value('hier_proxies'),
      clipped: this.clippedShare(joined),
      usage: (out.usage as Float32Array | undefined) ?? new Float32Array(0),
      gradientNorm,
      learningRate,
    };
  }

  /** AdamW on every parameter; stops the run when a gradient is not finite. */
  private update(grads: Record<string, Float32Array>, epoch: number, step: number) {
    const { parameters, optimizer } = this.state;
    const { optimizer: settings } = this.recipe;
    const rates = learningRates(this.recipe, epoch * this.stepsPerEpoch + step, this.stepsPerEpoch);
    const total = Math.sqrt(Object.values(grads).reduce((sum, grad) => sum + squaredNorm(grad), 0));
    if (!Number.isFinite(total))
      throw new HierError(
        `The gradient is not finite in epoch ${epoch + 1}, step ${step + 1}. Lower optimizer.learningRate; the last checkpoint is intact.`,
      );
    optimizer.step++;
    for (const [name, parameter] of Object.entries(parameters))
      adamW(parameter, grads[name], optimizer.mean[name], optimizer.variance[name], {
        ...settings,
        learningRate: rates[groupOf(name)],
        step: optimizer.step,
      });
    return { gradientNorm: total, learningRate: rates.backbone };
  }

  /** Mixes the replicas' batch statistics, averaged, into the running ones. */
  private observe(observed: readonly Record<string, Float32Array>[]): void {
    for (const [name, running] of Object.entries(this.state.statistics))
      for (let i = 0; i < running.length; i++) {
        let mean = 0;
        for (const one of observed) mean += one[name][i] / observed.length;
        running[i] += STATISTICS_MOMENTUM * (mean - running[i]);
      }
  }

  /** Embeds images for evaluation; each batch holds `recipe.evaluation.batch` images. */
  async embed(batches: AsyncIterable<Float32Array> | Iterable<Float32Array>): Promise<Float32Array[]> {
    return this.replicas.evaluate(batches);
  }

  /** Share of embeddings on the clip sphere. */
  private clippedShare(embeddings: Float32Array): number {
    const { embeddingSize, curvature, clipRadius } = this.recipe.head;
    if (curvature === 0) return 0;
    const root = Math.sqrt(curvature);
    const limit = (Math.tanh(root * clipRadius) / root) * (1 - 1e-4);
    const count = embeddings.length / embeddingSize;
    let clipped = 0;
    for (let i = 0; i < count; i++) {
      const row = embeddings.subarray(i * embeddingSize, (i + 1) * embeddingSize);
      if (Math.sqrt(squaredNorm(row)) >= limit) clipped++;
    }
    return clipped / count;
  }

  /** Ends the replicas and frees the sessions. */
  async close(): Promise<void> {
    await Promise.all([this.replicas.close(), this.lossSession.close()]);
  }
}

/** The group whose learning rate a parameter has. */
function groupOf(name: string): ParameterGroup {
  if (name === CLASS_PROXIES) return 'classProxies';
  if (name === HIERARCHICAL_PROXIES) return 'hierarchicalProxies';
  return name.startsWith('head.') ? 'head' : 'backbone';
}

/** Equal parts of an array, as copies that can be sent. */
function pieces(values: Float32Array, count: number): Float32Array[] {
  const length = values.length / count;
  return Array.from({ length: count }, (_, i) => values.slice(i * length, (i + 1) * length));
}

/** One array of several. */
function join(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
