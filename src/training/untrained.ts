/**
 * The network of a recipe as it was before its first step: a baseline that shows what the architecture alone is
 * worth. The values are the run's own first ones, with batch-norm statistics still at mean 0 and variance 1.
 */
import { openSession } from '../graph/index.js';
import { evaluationModel, networkArrays } from './embedder.js';
import { firstValues } from './firstValues.js';
import { modelInfo, type TrainedModel, trainedModel } from './model.js';
import type { Recipe } from './recipe.js';

/** Opens the untrained network of a recipe, drawn from the recipe's seed. Call `close()` on it. */
export async function openUntrained(recipe: Recipe): Promise<TrainedModel> {
  const model = evaluationModel(recipe, { bound: firstValues(recipe, networkArrays(recipe)) });
  return trainedModel(modelInfo(recipe, { epoch: 0, seed: recipe.seed, data: '' }), await openSession(model));
}
