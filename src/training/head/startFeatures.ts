/**
 * The features that came in: feature vectors as they are given, or what a backbone gives with its first values, in evaluation
 * form. They are what a head starts from and has to beat. Those of images are kept in the cache folder.
 */
import type { Dataset } from '../../datasets/dataset.js';
import { isVectorDataset } from '../../datasets/vectors.js';
import { buildModel } from '../../graph/index.js';
import { firstValues } from '../../model/firstValues.js';
import { ANY_BATCH, networkGraph } from '../../model/graph.js';
import type { Recipe } from '../../recipe/load.js';
import type { Registry } from '../../recipe/parts.js';
import { type Rows, takeRows } from '../../rows.js';
import { frozenFeatures } from '../frozenFeatures.js';

/** Options of {@link startFeatures}. */
export interface StartFeaturesOptions {
  readonly dataset: Dataset;
  readonly recipe: Recipe;
  readonly registry: Registry;
  /** Fingerprint of the data. */
  readonly sha256: string;
  readonly progress: (what: string) => (done: number, total: number) => void;
  readonly onNote: (note: string) => void;
}

/** The features of `items`, indices into the data set: `[items, F]`. Throws DataError for images that cannot be read. */
export async function startFeatures(
  items: readonly number[],
  { dataset, recipe, registry, sha256, progress, onNote }: StartFeaturesOptions,
): Promise<Rows> {
  if (isVectorDataset(dataset)) return takeRows({ values: dataset.features, dim: dataset.dim }, items);
  const { features, scope } = networkGraph(recipe, ANY_BATCH, {
    ...{ input: 'images', registry, training: false, isDivided: false },
  });
  const arrays = [...scope.arrays.values()].filter(({ name }) => name.startsWith('backbone.'));
  const bound = firstValues(recipe, arrays);
  const model = buildModel({ outputs: { features }, anyBatch: ANY_BATCH, bound });
  const width = features.shape[1];
  const rows = await frozenFeatures({
    ...{ recipe, registry, dataset, items, sha256, model, width, onNote },
    onProgress: progress('embedding with the network as it came'),
  });
  try {
    return { values: rows.read([...items.keys()]), dim: width };
  } finally {
    rows.close();
  }
}
