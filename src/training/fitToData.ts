/**
 * What only the data can say of a recipe: the length of feature vectors, and that there are no labels. A recipe
 * that is fitted once stays as it is. Data of images leave a recipe alone.
 */
import type { Dataset } from '../datasets/dataset.js';
import { openDataset } from '../datasets/open.js';
import { isVectorDataset } from '../datasets/vectors.js';
import { UsageError } from '../errors.js';
import { backboneOf } from '../model/graph.js';
import { takesVectors } from '../recipe/checks.js';
import { checkRecipe, type Parts, type Recipe } from '../recipe/load.js';
import { registryOf } from '../recipe/parts.js';

/** A recipe that fits its data, and what was changed for that, in sentences. */
export interface FittedRecipe {
  readonly recipe: Recipe;
  readonly notes: readonly string[];
}

/**
 * Fits a recipe to its data. Vectors without labels are trained by HIER alone, every row its own class.
 * @param parts those that the recipe names and hier does not ship
 * @throws UsageError when one is of images and the other of vectors, or the vectors are of another length
 */
export function fitToData(recipe: Recipe, dataset: Dataset, parts?: Parts): FittedRecipe {
  const { backbone, losses, batch, data } = recipe;
  if (!isVectorDataset(dataset)) {
    if (!takesVectors(recipe)) return { recipe: withinFeatures(recipe, parts), notes: [] };
    throw new UsageError(
      `The recipe "${recipe.name}" takes feature vectors (backbone.name is ${backbone.name}), but ${dataset.name} holds images. Choose another backbone.`,
    );
  }
  if (backbone.name !== 'identity')
    throw new UsageError(
      `${dataset.name} holds feature vectors, but the backbone "${backbone.name}" of the recipe "${recipe.name}" takes images. Use the recipe "vectors", or set backbone.name=identity.`,
    );
  if (backbone.width !== null && backbone.width !== dataset.dim)
    throw new UsageError(
      `The vectors of ${dataset.name} have ${dataset.dim} numbers, but "backbone.width" is ${backbone.width}.`,
    );
  const fitted = withinFeatures({ ...recipe, backbone: { ...backbone, width: dataset.dim } });
  if (dataset.isLabelled) return { recipe: fitted, notes: [] };
  if (losses.hier.weight === 0)
    throw new UsageError(
      `The vectors of ${dataset.name} have no labels, and HIER is switched off: nothing can be learned. Set losses.hier.weight=0.5, or name the labels with data.labels.`,
    );
  const alone = {
    ...fitted,
    // Without the loss that it was to wait for, HIER starts at once.
    losses: {
      metric: { ...losses.metric, weight: 0 },
      hier: { ...losses.hier, start: losses.metric.weight === 0 ? losses.hier.start : 0 },
    },
    batch: { ...batch, imagesPerClass: 1 },
    data: { ...data, validation: 0, crossValidation: 0, finalFit: false },
  };
  const changed = losses.metric.weight > 0 || batch.imagesPerClass > 1 || data.validation > 0;
  return {
    recipe: checkRecipe(alone, 'recipe', parts),
    notes: changed
      ? [
          'without labels HIER alone is trained, every vector its own class (losses.metric.weight=0, batch.imagesPerClass=1, data.validation=0)',
        ]
      : [],
  };
}

/** A recipe whose embeddings are not longer than the features that its head starts from a closed form of. */
function withinFeatures(recipe: Recipe, parts?: Parts): Recipe {
  const { head } = recipe;
  if (head.initial !== 'whitening') return recipe;
  const { width } = backboneOf(recipe, registryOf(parts));
  return { ...recipe, head: { ...head, embeddingSize: Math.min(head.embeddingSize, width) } };
}

/** A recipe fitted to the data that it names, which are opened only for a recipe that takes vectors. */
export async function fittedRecipe(recipe: Recipe, parts?: Parts): Promise<Recipe> {
  if (!takesVectors(recipe)) return withinFeatures(recipe, parts);
  return fitToData(recipe, await openDataset(recipe.data.source, recipe.data), parts).recipe;
}
