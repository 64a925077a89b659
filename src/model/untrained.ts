/**
 * The network of a recipe as it was before its first step: a baseline that shows what the architecture alone is
 * worth. The values are the run's own first ones, with batch-norm statistics still at mean 0 and variance 1.
 */

import { buildModel, type Model } from '../graph/index.js';
import type { Recipe } from '../recipe/load.js';
import { openAsked } from './device.js';
import { type ModelInfo, modelInfo } from './files.js';
import { firstValues } from './firstValues.js';
import { ANY_BATCH, networkGraph } from './graph.js';
import { evaluationModel, networkArrays } from './network.js';
import { type TrainedModel, trainedModel } from './trained.js';

/** An untrained network that is built but not open. */
export interface UntrainedNetwork {
  /** All that its embeddings depend on beside the images. */
  readonly identity: readonly Uint8Array[];
  /** The space of its embeddings. */
  readonly info: ModelInfo;
  /** Opens it. Call `close()` on what comes. */
  open(): Promise<TrainedModel>;
}

/**
 * The untrained network of a recipe, drawn from the recipe's seed. Where the head starts from a closed form of the features,
 * it is the backbone alone, as it came, whose features are compared by cosine.
 */
export function untrainedNetwork(recipe: Recipe): UntrainedNetwork {
  const whole = modelInfo(recipe, { epoch: 0, seed: recipe.seed, data: '' });
  const isBackbone = recipe.head.initial === 'whitening';
  const { model, width } = isBackbone
    ? backboneModel(recipe)
    : {
        model: evaluationModel(recipe, { bound: firstValues(recipe, networkArrays(recipe)) }),
        width: whole.embeddingSize,
      };
  const info = isBackbone ? { ...whole, embeddingSize: width, curvature: 0 } : whole;
  return {
    info,
    identity: [model.bytes, Buffer.from(JSON.stringify(info))],
    open: async () => trainedModel(info, model, await openAsked(model)),
  };
}

/** The backbone of a recipe with its first values: `images` → its features, as `embeddings`. */
function backboneModel(recipe: Recipe): { readonly model: Model; readonly width: number } {
  const { scope, features } = networkGraph(recipe, ANY_BATCH, {
    ...{ input: 'images', training: false, isDivided: false },
  });
  const arrays = [...scope.arrays.values()].filter(({ name }) => name.startsWith('backbone.'));
  const bound = firstValues(recipe, arrays);
  return {
    model: buildModel({ outputs: { embeddings: features }, anyBatch: ANY_BATCH, bound }),
    width: features.shape[1],
  };
}
