/**
 * Hierarchical proxies take their first places from the data before the epoch in which HIER begins, where the recipe
 * wants that. Which places those are is decided with the proxies of runs.
 */

import { HIERARCHICAL_PROXIES, hierStart } from '../recipe/arrays.js';
import type { Recipe } from '../recipe/load.js';
import { joinValues } from '../rows.js';
import { clusterItems, clusterProxies } from '../runs/proxies.js';
import type { Trainer } from './trainer.js';
import type { TrainingData } from './trainingData.js';

/** Before the epoch in which HIER starts: its proxies take their places from the data, where the recipe wants that. */
export async function placeProxies(
  trainer: Trainer,
  at: {
    readonly epoch: number;
    readonly recipe: Recipe;
    readonly inputs: TrainingData;
    /** Training items by index into the data set. */
    readonly items: readonly number[];
  },
): Promise<void> {
  const { epoch, recipe, inputs, items } = at;
  const { weight, initial } = recipe.losses.hier;
  if (weight === 0 || initial === 'random' || epoch !== hierStart(recipe)) return;
  const chosen = clusterItems(items, recipe);
  const embeddings = joinValues(await trainer.embed(inputs.plain(chosen, recipe.evaluation.batch)));
  trainer.state.parameters[HIERARCHICAL_PROXIES].set(await clusterProxies(embeddings, recipe));
}
