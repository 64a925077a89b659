/**
 * Retrieval on the training classes that are held out, measured while a network is trained: what the best epoch is
 * chosen by. Test classes are not looked at here; a finished run is measured on them by its evaluation.
 */

import type { Dataset } from '../datasets/dataset.js';
import { metricOf } from '../model/files.js';
import type { Recipe } from '../recipe/load.js';
import { evaluateRetrieval, type PairedScores, pairedScores } from '../retrieval/index.js';
import { joinValues } from '../rows.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/**
 * The metric that the best epoch is chosen by: R@1, but for a head that starts from a closed form MAP@R, which still tells
 * where near-duplicates have every nearest neighbour right.
 */
export function bestBy({ head }: Pick<Recipe, 'head'>): string {
  return head.initial === 'whitening' ? 'validation.map@r' : 'validation.recall@1';
}

/** Evaluation on the held-out classes. */
export interface HeldOut {
  /** `validation.recall@K` for 1 and the K of the recipe, and `validation.map@r`, fractions. */
  evaluate(trainer: Trainer): Promise<Record<string, number>>;
  /** The same query by query. */
  scores(trainer: Trainer): Promise<PairedScores>;
}

/**
 * Evaluation on `items`, the held-out images by index into the data set; null when no two of them are of one class,
 * since none then has a match to find.
 */
export function heldOutClasses(
  dataset: Dataset,
  items: readonly number[],
  recipe: Recipe,
  inputs: TrainingData,
): HeldOut | null {
  const labels = items.map((item) => dataset.items[item].label);
  if (new Set(labels).size === labels.length) return null;
  const { embeddingSize: dim, curvature } = recipe.head;
  const { batch } = recipe.evaluation;
  const recallAt = [...new Set([1, ...recipe.evaluation.recallAt])];
  const evaluated = async (trainer: Trainer) =>
    evaluateRetrieval({
      embeddings: joinValues(await trainer.embed(inputs.validation(batch))),
      dim,
      labels,
      metric: metricOf({ curvature }),
      ...(curvature > 0 ? { curvature } : {}),
      recallAt,
    });
  return {
    scores: async (trainer) => pairedScores((await evaluated(trainer)).perQuery, labels),
    evaluate: async (trainer) => {
      const { metrics } = await evaluated(trainer);
      return {
        ...Object.fromEntries(recallAt.map((k) => [`validation.recall@${k}`, metrics[`recall@${k}`]])),
        'validation.map@r': metrics['map@r']!,
      };
    },
  };
}
