/**
 * What a training step of a recipe costs on this machine: memory estimated from the graphs, time measured by running
 * the network on a small microbatch and the losses on a batch of full size. Nothing is trained and nothing is kept.
 */

import { HierError, UsageError } from '../errors.js';
import { sizeOf } from '../graph/index.js';
import { frozenPart } from '../model/frontier.js';
import { type NetworkInput, networkInput } from '../model/graph.js';
import { embedderModels } from '../model/network.js';
import { randomStream } from '../random.js';
import { hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import { inputColumns, rowWidth } from '../training/batches/inputColumns.js';
import { lossModel } from '../training/lossGraph.js';
import { lossShares } from '../training/lossShares.js';
import { Replicas } from '../training/replicas/replicas.js';

/** Seconds of the parts of a step. */
export interface StepCost {
  /** Replicas that ran side by side, and the images that each held. */
  readonly replicas: number;
  readonly microbatch: number;
  /** All replicas forward over a microbatch each, and backward over it. */
  readonly forward: number;
  readonly backward: number;
  /** The losses of a whole batch with their gradients. */
  readonly loss: number;
  /** AdamW over all parameters. */
  readonly update: number;
  /** Largest memory that the process had until then, bytes. */
  readonly peakBytes: number;
}

/** Sizes that decide how much memory a step takes, bytes. */
export interface StepSizes {
  /** Activations kept for the way back, for one image. */
  readonly perImage: number;
  /** All trained and frozen arrays. */
  readonly parameters: number;
  /** Tables of the losses over a whole batch, together. */
  readonly losses: number;
  /** One batch of prepared images. */
  readonly batch: number;
}

/** How the work is spread. */
export type Spreading = Pick<Recipe['engine'], 'replicas' | 'threads' | 'kept'> & {
  readonly microbatch: number;
};

/** What the trained network of a recipe takes: what is kept of the part of its backbone that is not trained, if any. */
function trainedInput(recipe: Recipe): NetworkInput {
  return frozenPart(recipe) ? 'frontier' : networkInput(recipe);
}

/** Node, the engine's code, and what it does not give back. */
const RUNTIME = 0.5e9;
/** Working memory of a pass over what is kept of it. */
const WORKING = 0.5;
/** Tables of [nodes, proxies] that HIER's distances and their gradients take, and copies of its pool of noise, in all replicas. */
const LOSS_TABLES = 64;
const NOISE_POOLS = 8;
/** Tables of [triplets, proxies] of noise that is drawn anew. */
const NOISE_TABLES = 2;
/** Batches in the making, and the one in use twice, as a whole and cut. */
const BATCHES = 5;

/** Sizes of a recipe's step; the graphs are built for it and not run. */
export function stepSizes(recipe: Recipe, classes: number): StepSizes {
  const taken = trainedInput(recipe);
  const { size } = recipe.batch;
  const built = [1, 2].map((count) => embedderModels(recipe, count, { input: taken }));
  const [one, two] = built.map(({ forward }) =>
    Object.entries(forward.outputs)
      .filter(([name]) => name.startsWith('kept/'))
      .reduce((sum, [, { shape }]) => sum + 4 * sizeOf(shape), 0),
  );
  const arrays = [...built[0].arrays, ...lossModel(recipe, classes).arrays];
  const { weight, proxies, triplets, noise, poolRows } = recipe.losses.hier;
  const nodes = size + proxies;
  const rows = noise === 'pool' ? NOISE_POOLS * poolRows : NOISE_TABLES * nodes * triplets;
  const hier = weight > 0 ? (LOSS_TABLES * nodes + rows) * proxies : 0;
  const input = rowWidth(inputColumns(built[0].evaluate, built[0].arrays));
  return {
    perImage: two - one + 4 * input,
    parameters: 4 * arrays.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    losses: 4 * (hier + 8 * size * classes),
    batch: 4 * size * input,
  };
}

/** Memory of a training step, bytes: an estimate. */
export function stepBytes(sizes: StepSizes, { replicas, microbatch, kept }: Spreading): number {
  const { perImage, parameters, losses, batch } = sizes;
  const shared = 3 * parameters; // values and AdamW's two moments
  const each = 3 * parameters + (kept + WORKING) * microbatch * perImage; // a copy, the sum of gradients, one pass's
  return RUNTIME + shared + replicas * each + losses + BATCHES * batch;
}

/** Images of a microbatch at most: the activations of more leave the processor's caches, and a step gets slower. */
const MICROBATCH = 6;

/**
 * The spreading over `cores` that fits `budget` bytes: as many replicas as cores where the batch divides, the largest
 * microbatch up to {@link MICROBATCH} images, and the activations of as many microbatches kept as there is memory for,
 * which saves their second forward pass. With no spreading in the budget, replicas are given up one by one.
 * @throws UsageError when not even one image at a time fits
 */
export function chooseSpreading(
  sizes: StepSizes,
  { batch, cores, budget }: { batch: number; cores: number; budget: number },
): Spreading {
  for (const replicas of divisorsOf(batch).filter((count) => count <= cores)) {
    const part = batch / replicas;
    for (const microbatch of divisorsOf(part).filter((count) => count <= MICROBATCH))
      for (let kept = part / microbatch; kept >= 1; kept--) {
        const spreading = { replicas, threads: Math.max(replicas, cores), microbatch, kept };
        if (stepBytes(sizes, spreading) <= budget) return spreading;
      }
  }
  const least = stepBytes(sizes, { replicas: 1, threads: 1, microbatch: 1, kept: 1 });
  throw new UsageError(
    `A step does not fit in ${(budget / 1e9).toFixed(1)} GB: one image at a time already takes ${(least / 1e9).toFixed(1)} GB. Allow more with --memory.`,
  );
}

/** Divisors of a whole number, the largest first. */
function divisorsOf(value: number): number[] {
  return Array.from({ length: value }, (_, i) => value - i).filter((count) => value % count === 0);
}

/** Images that a replica holds while time is measured: enough to be typical, few enough to be quick. */
const MEASURED_AT_ONCE = 2;

/**
 * Measures the parts of a step once, after one pass that is not counted.
 * @throws HierError when the engine fails, for example for want of memory
 */
export async function measureStep(
  recipe: Recipe,
  classes: number,
  spreading: Spreading,
  microbatch = Math.min(MEASURED_AT_ONCE, spreading.microbatch),
): Promise<StepCost> {
  const { replicas: count, threads } = spreading;
  const taken = trainedInput(recipe);
  const { arrays, ...models } = embedderModels(recipe, microbatch, { input: taken });
  const losses = lossShares(recipe, classes, count).map((share) => ({
    share,
    ...lossModel(recipe, classes, { share }),
  }));
  const all = [...arrays, ...losses[0].arrays];
  const replicas = new Replicas({
    recipe,
    arrays: all,
    models,
    losses,
    threads: Math.max(1, Math.floor(threads / count)),
  });
  try {
    for (const { name, trained } of all) fillForTiming(replicas.values[name], trained);
    const batch = randomBatch(recipe, classes);
    const width = rowWidth(inputColumns(models.evaluate, arrays));
    const images = Array.from({ length: count }, (_, i) => {
      const random = randomStream(recipe.seed, 'cost', i);
      return Float32Array.from({ length: microbatch * width }, () => random.uniform() - 0.5);
    });
    const { embeddingSize } = recipe.head;
    const arriving = images.map(() => new Float32Array(microbatch * embeddingSize).fill(1e-3));
    const pass = async () => {
      const forward = await timed(() => replicas.forward(images));
      const loss = await timed(() => replicas.loss({ ...batch, epoch: hierStart(recipe), step: 0 }));
      const backward = await timed(() => replicas.backward(arriving));
      return { forward: forward.seconds, loss: loss.seconds, backward: backward.seconds };
    };
    await pass();
    const { forward, loss, backward } = await pass();
    const updates = Object.fromEntries(
      Object.keys(replicas.optimizer.mean).map((name) => [name, { learningRate: 1e-6, step: 1 }]),
    );
    const update = await timed(() => replicas.update(updates, recipe.optimizer));
    return {
      replicas: count,
      microbatch,
      forward,
      backward,
      loss,
      update: update.seconds,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  } catch (cause) {
    throw new HierError(`A step could not be tried out: ${(cause as Error).message}`, { cause });
  } finally {
    await replicas.close();
  }
}

/**
 * Seconds of a whole step, from the measured parts: every replica passes over its part of the batch at the measured
 * pace, forward twice where activations are not kept, and the losses and the update come once. `load` is the time to
 * prepare one image; the loader's threads and the replicas share the cores, so it is added.
 */
export function stepSeconds(
  cost: StepCost,
  { batch, spreading, load = 0 }: { batch: number; spreading: Spreading; load?: number },
): number {
  const { replicas, microbatch, kept } = spreading;
  const part = batch / replicas;
  const forwards = part + Math.max(0, part - kept * microbatch);
  const passes = (forwards * cost.forward + part * cost.backward) / cost.microbatch;
  return passes + cost.loss + cost.update + batch * load;
}

/** Small values of no meaning: time does not depend on them, and pretrained ones may not be here yet. */
function fillForTiming(values: Float32Array, trained: boolean): void {
  for (let i = 0; i < values.length; i++) values[i] = trained ? (((i * 7919) % 1009) - 504) / 25_000 : 0.02;
}

/** Random points where embeddings lie, with labels as the sampler gives them. */
function randomBatch(recipe: Recipe, classes: number): { embeddings: Float32Array; labels: Int32Array } {
  const { embeddingSize: dim, curvature, clipRadius } = recipe.head;
  const { size, imagesPerClass } = recipe.batch;
  const root = Math.sqrt(curvature);
  const norm = curvature > 0 ? Math.tanh(root * clipRadius) / root : 1;
  const embeddings = new Float32Array(size * dim);
  for (let i = 0; i < size; i++) {
    const random = randomStream(recipe.seed, 'cost embedding', i);
    const row = Float64Array.from({ length: dim }, () => random.normal());
    const scale = (0.999 * norm) / Math.hypot(...row);
    embeddings.set(
      row.map((x) => x * scale),
      i * dim,
    );
  }
  const labels = Int32Array.from({ length: size }, (_, i) => Math.floor(i / imagesPerClass) % classes);
  return { embeddings, labels };
}

async function timed<T>(work: () => Promise<T>): Promise<{ value: T; seconds: number }> {
  const started = performance.now();
  const value = await work();
  return { value, seconds: (performance.now() - started) / 1000 };
}
