/**
 * The network of a recipe as it was before its first step: a baseline that shows what the architecture alone is
 * worth. The values are the run's own first ones, with batch-norm statistics still at mean 0 and variance 1.
 */

import { openSession } from '../graph/index.js';
import type { Recipe } from '../recipe/load.js';
import { modelInfo } from './files.js';
import { firstValues } from './firstValues.js';
import { evaluationModel, networkArrays } from './network.js';
import { type TrainedModel, trainedModel } from './trained.js';

/** An untrained network that is built but not open. */
export interface UntrainedNetwork {
  /** All that its embeddings depend on beside the images. */
  readonly identity: readonly Uint8Array[];
  /** Opens it. Call `close()` on what comes. */
  open(): Promise<TrainedModel>;
}

/** The untrained network of a recipe, drawn from the recipe's seed. */
export function untrainedNetwork(recipe: Recipe): UntrainedNetwork {
  const model = evaluationModel(recipe, { bound: firstValues(recipe, networkArrays(recipe)) });
  const info = modelInfo(recipe, { epoch: 0, seed: recipe.seed, data: '' });
  return {
    identity: [model.bytes, Buffer.from(JSON.stringify(info))],
    open: async () => trainedModel(info, model, await openSession(model)),
  };
}
