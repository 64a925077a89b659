/**
 * The control that a learned hierarchy has to beat: ancestors that stand where clusters of the trained network's own
 * embeddings are, and that nobody trained. What the regularizer adds to such a start is what it is worth to the tree.
 */

import { DataError } from '../../errors.js';
import { takeRows } from '../../rows.js';
import type { ProgressReporter } from '../progress.js';
import { clusterItems, clusterProxies, tangentPoints } from '../proxies.js';
import type { Run } from '../run.js';

/** Sets of centres: enough to see how far they differ. */
const DRAWS = 5;

/**
 * Centres of clusters of a run's training embeddings as points of its space, several sets of `[P, d]`, P being the
 * number of hierarchical proxies in the recipe. None where the training images are not there any more, which is told.
 */
export async function untrainedCentres(
  run: Run,
  {
    seed,
    draws = DRAWS,
    progress,
    onNote,
  }: {
    readonly seed: number;
    /** Sets. Default 5. */
    readonly draws?: number;
    readonly progress: ProgressReporter;
    readonly onNote: (note: string) => void;
  },
): Promise<Float32Array[]> {
  const { recipe } = run;
  try {
    const collection = await run.collection({ split: 'train', progress });
    const onProgress = progress('embedding the training images');
    const embedded = await run.embeddings(collection, { onProgress, onNote });
    const sets: Float32Array[] = [];
    for (let draw = 0; draw < draws; draw++) {
      const drawn = { ...recipe, seed: seed + draw };
      const chosen = clusterItems([...collection.items.keys()], drawn);
      sets.push(tangentPoints(await clusterProxies(takeRows(embedded, chosen).values, drawn), recipe.head));
    }
    return sets;
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNote(`No control of untrained cluster centres, which needs the training images: ${error.message}`);
    return [];
  }
}
