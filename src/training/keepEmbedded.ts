/**
 * Embeddings of whole splits by a network that has just been trained, kept in the folder of its run. Where a part of the
 * backbone is not trained, what that part made of the images is at hand, so this costs a fraction of embedding them by the
 * exported network, which gives the same up to rounding.
 */
import type { Dataset } from '../datasets/dataset.js';
import type { TrainingSplits } from '../datasets/validation.js';
import { isVectorDataset } from '../datasets/vectors.js';
import type { Recipe } from '../recipe/load.js';
import { joinValues } from '../rows.js';
import { recipeCollection } from '../runs/data.js';
import { keepEmbeddings } from '../runs/embeddings.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/** Splits that can be embedded by the way. */
export type KeptSplit = 'train' | 'test';

/** Options of {@link keepEmbedded}. */
export interface KeepEmbeddedOptions {
  readonly dataset: Dataset;
  readonly splits: TrainingSplits;
  readonly recipe: Recipe;
  readonly inputs: Pick<TrainingData, 'plain' | 'input'>;
  /** Which splits. */
  readonly keep: readonly KeptSplit[];
}

/**
 * Embeds splits and keeps them, as the run's own. Does nothing where the network that was exported is not the trainer's (of
 * a best epoch), and where all of the backbone is trained, or the data are vectors, since nothing is saved then.
 */
export async function keepEmbedded(
  run: string,
  trainer: Pick<Trainer, 'embed'>,
  { dataset, splits, recipe, inputs, keep }: KeepEmbeddedOptions,
): Promise<void> {
  if (splits.validation.length > 0 || inputs.input !== 'frontier' || isVectorDataset(dataset)) return;
  for (const split of keep) {
    const items = split === 'test' ? dataset.test : splits.train;
    if (items.length === 0) continue;
    const values = joinValues(await trainer.embed(inputs.plain(items, recipe.evaluation.batch)));
    const collection = await recipeCollection(recipe, split);
    keepEmbeddings({ run, collection, dim: recipe.head.embeddingSize }, values);
  }
}
