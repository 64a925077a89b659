/**
 * The network of a recipe as it was before its first step: a baseline that shows what the architecture alone is
 * worth. The values are the run's own first ones, with batch-norm statistics still at mean 0 and variance 1.
 */
import { openSession } from '../../graph/index.js';
import type { Points } from '../../hierarchy/index.js';
import { firstValues } from '../../model/firstValues.js';
import { evaluationModel, networkArrays } from '../../model/network.js';
import { metricOf, modelInfo, type TrainedModel, trainedModel } from '../../model/trained.js';
import type { Recipe } from '../../recipe/load.js';
import { hasOwnNetwork } from '../../recipe/parts.js';
import { embedItems, type KeepOptions, keptEmbeddings } from '../embeddings.js';

function untrainedModel(recipe: Recipe) {
  return {
    model: evaluationModel(recipe, { bound: firstValues(recipe, networkArrays(recipe)) }),
    info: modelInfo(recipe, { epoch: 0, seed: recipe.seed, data: '' }),
  };
}

/** Opens the untrained network of a recipe, drawn from the recipe's seed. Call `close()` on it. */
export async function openUntrained(recipe: Recipe): Promise<TrainedModel> {
  const { model, info } = untrainedModel(recipe);
  return trainedModel(info, await openSession(model));
}

/**
 * Embeddings of a collection by the untrained network of a run's recipe, drawn from the recipe's seed. They are kept
 * in the run's folder, so evaluation, figures and scores of one run make them once. Undefined, with a note, for a
 * backbone from outside, of which a run keeps the trained network alone. Throws as TrainedModel.embed.
 */
export async function untrainedPoints(recipe: Recipe, options: KeepOptions): Promise<Points | undefined> {
  if (!hasOwnNetwork(recipe)) {
    options.onNote?.(
      `The untrained network is left out: its backbone "${recipe.backbone.name}" is not one of hier's own.`,
    );
    return undefined;
  }
  const { model, info } = untrainedModel(recipe);
  const { embeddingSize: dim, curvature } = info;
  const { embeddings: values } = await keptEmbeddings(options, {
    kind: 'untrained',
    identity: [model.bytes, Buffer.from(JSON.stringify(info))],
    dim,
    embed: async (how) => {
      const network = await openUntrained(recipe);
      try {
        return await embedItems(network, options.collection, how);
      } finally {
        await network.close();
      }
    },
  });
  return { values, dim, metric: metricOf(info), curvature };
}
