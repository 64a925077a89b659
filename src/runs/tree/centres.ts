/**
 * The control that a learned hierarchy has to beat: ancestors that stand where clusters of the trained network's own
 * embeddings are, and that nobody trained. What the regularizer adds to such a start is what it is worth to the tree.
 */

import { DataError } from '../../errors.js';
import { openModel } from '../../model/trained.js';
import type { Recipe } from '../../recipe/load.js';
import { takeRows } from '../../rows.js';
import { runCollection } from '../data.js';
import { embedCollection } from '../embeddings.js';
import type { Reporter } from '../progress.js';
import { placedProxies, placingItems, pointsOf } from '../proxies.js';

/** Sets of centres: enough to see how far they differ. */
const DRAWS = 5;

/**
 * Centres of clusters of a run's training embeddings as points of its space, several sets of `[P, d]`, P being the
 * number of hierarchical proxies in the recipe. None where the training images are not there any more, which is told.
 */
export async function placedCentres(
  run: string,
  recipe: Recipe,
  { seed, report, onNote }: { seed: number; report: Reporter; onNote: (note: string) => void },
): Promise<Float32Array[]> {
  try {
    const collection = await runCollection(recipe, { split: 'train', report });
    const model = await openModel(run);
    try {
      const onProgress = report('embedding the training images');
      const { embeddings } = await embedCollection({ run, model, collection, onProgress, onNote });
      const dim = model.info.embeddingSize;
      const sets: Float32Array[] = [];
      for (let draw = 0; draw < DRAWS; draw++) {
        const drawn = { ...recipe, seed: seed + draw };
        const chosen = placingItems([...collection.items.keys()], drawn);
        sets.push(
          pointsOf(
            await placedProxies(takeRows({ values: embeddings, dim }, chosen).values, drawn),
            recipe.head,
          ),
        );
      }
      return sets;
    } finally {
      await model.close();
    }
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNote(`No control of untrained cluster centres, which needs the training images: ${error.message}`);
    return [];
  }
}
