/**
 * Ancestors for a network that is finished: where the best network on held-out classes is of an earlier epoch than the last,
 * its hierarchical proxies have learned for few epochs or none, and those of the last epoch are of another network. They
 * learn on for the network that is kept, which stays as it is, in the epochs that are left. Ours; the paper keeps no
 * network but the last.
 */
import { existsSync } from '../disk/index.js';
import { HIERARCHICAL_PROXIES, hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import { joinValues, takeRows } from '../rows.js';
import { readCheckpoint, writeCheckpoint } from '../runs/checkpoint.js';
import { clusterItems, clusterProxies } from '../runs/proxies.js';
import { classBalancedBatch } from './batches/sampler.js';
import type { Trainer } from './trainer.js';
import { checkpointOf, restore } from './trainerState.js';
import type { TrainingData } from './trainingData.js';

/** Options of {@link learnAncestors}. */
export interface AncestorsOptions {
  readonly recipe: Recipe;
  readonly inputs: TrainingData;
  /** Training items by index into the data set. */
  readonly items: readonly number[];
  /** Those of each training class. */
  readonly classes: readonly (readonly number[])[];
  readonly stepsPerEpoch: number;
  readonly progress: (what: string) => (done: number, total: number) => void;
  readonly signal: AbortSignal | undefined;
}

/** Embeddings of training items by their indices into the data set: `[n, d]`. */
export type EmbeddedItems = (items: Iterable<number>) => Float32Array;

/** Embeds training items once by a network that stays as it is. */
export async function embeddedItems(
  trainer: Trainer,
  { recipe, inputs, items }: Pick<AncestorsOptions, 'recipe' | 'inputs' | 'items'>,
): Promise<EmbeddedItems> {
  const parts = await trainer.embed(inputs.plain(items, recipe.evaluation.batch));
  const rows = { values: joinValues(parts), dim: recipe.head.embeddingSize };
  const places = new Map(items.map((item, place) => [item, place]));
  return (some) =>
    takeRows(
      rows,
      Array.from(some, (item) => places.get(item)!),
    ).values;
}

/**
 * Lets the hierarchical proxies of a run's best checkpoint learn to the end, and writes them there. Does nothing where that
 * checkpoint is absent, of the last epoch, or done. Returns false when it was aborted, with nothing written.
 */
export async function learnAncestors(
  file: string,
  trainer: Trainer,
  { recipe, inputs, items, classes, stepsPerEpoch, progress, signal }: AncestorsOptions,
): Promise<boolean> {
  const { batch, losses, schedule, seed } = recipe;
  if (losses.hier.weight === 0 || !existsSync(file)) return true;
  const best = readCheckpoint(file);
  const begin = hierStart(recipe);
  const from = Math.max(best.epoch, begin);
  const steps = schedule.epochs * stepsPerEpoch;
  if (from >= schedule.epochs || best.optimizer.step >= steps) return true;
  restore(trainer, best);
  const proxies = trainer.state.parameters[HIERARCHICAL_PROXIES];
  const onProgress = progress('learning ancestors for the network that is kept');
  const rowsOf = await embeddedItems(trainer, { recipe, inputs, items });
  if (best.epoch <= begin && losses.hier.initial !== 'random')
    proxies.set(await clusterProxies(rowsOf(clusterItems(items, recipe)), recipe));
  trainer.state.optimizer.step = from * stepsPerEpoch;
  const drawn = { ...batch, batchSize: batch.size, classes, seed };
  for (let at = from * stepsPerEpoch; at < steps; at++) {
    if (signal?.aborted) return false;
    const [epoch, step] = [Math.floor(at / stepsPerEpoch), at % stepsPerEpoch];
    const { items: some, labels } = classBalancedBatch({ ...drawn, epoch, step });
    await trainer.stepOfProxies(rowsOf(some), labels, epoch, step);
    onProgress(at + 1 - from * stepsPerEpoch, steps - from * stepsPerEpoch);
  }
  const { parameters: _, optimizer: __, statistics: ___, ...rest } = best;
  writeCheckpoint(file, checkpointOf(trainer, rest));
  return true;
}
