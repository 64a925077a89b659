/**
 * The frozen backbone: what it makes of every image is computed once, in evaluation form and without
 * augmentation, and kept in the cache folder under a key of all that it depends on. Losses, seeds of the head and
 * resumed runs then start at once.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset.js';
import { existsSync } from '../disk/index.js';
import { HierError } from '../errors.js';
import { openSession } from '../graph/index.js';
import { cacheFolder } from '../io/cacheFolder.js';
import { readSafetensors, writeSafetensors } from '../io/safetensors.js';
import { firstValues } from '../model/firstValues.js';
import { openImages, preprocessingOf, testBatches } from '../model/inputs.js';
import { backboneModel, networkArrays } from '../model/network.js';
import type { Recipe } from '../recipe/load.js';
import type { Registry } from '../recipe/parts.js';

/** Features of some items of a data set. */
export interface FrozenFeatures {
  /** `[items, width]`, in the order that was asked for. */
  readonly features: Float32Array;
  readonly width: number;
  /** Values of the backbone's arrays, which a model with the trained head needs as well. */
  readonly backbone: Readonly<Record<string, Float32Array>>;
}

/** Options of {@link frozenFeatures}. */
export interface FrozenOptions {
  readonly recipe: Recipe;
  /** The parts that the recipe can name; hier's own by default. */
  readonly registry?: Registry | undefined;
  readonly dataset: Dataset;
  /** Indices into the data set's items. */
  readonly items: readonly number[];
  /** Fingerprint of the data set. */
  readonly sha256: string;
  /** Images embedded at once. */
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Told in a sentence what the backbone starts from, and when kept features are damaged or cannot be written. */
  readonly onNote?: (note: string) => void;
}

const FORMAT = 'hier-features';

/** Features of `items` by the backbone of a recipe, kept ones where there are any. Throws as image loading does. */
export async function frozenFeatures({
  recipe,
  registry,
  dataset,
  items,
  sha256,
  batch = 32,
  onProgress = () => undefined,
  onNote = () => undefined,
}: FrozenOptions): Promise<FrozenFeatures> {
  const arrays = networkArrays(recipe, { registry }).filter(({ name }) => name.startsWith('backbone.'));
  const backbone = firstValues(recipe, arrays, onNote);
  const { model, width } = backboneModel(recipe, backbone, registry);
  const preprocessing = preprocessingOf(recipe);
  const key = createHash('sha256')
    .update(model.bytes)
    .update(JSON.stringify({ preprocessing, sha256, items: [...items] }))
    .digest('hex');
  const file = join(cacheFolder(), 'features', `${key}.safetensors`);
  const kept = readKept(file, items.length * width, onNote);
  if (kept) return { features: kept, width, backbone };

  const features = new Float32Array(items.length * width);
  const paths = items.map((item) => dataset.items[item].path);
  const loader = await openImages(paths, preprocessing);
  try {
    const session = await openSession(model, { threads: recipe.engine.threads });
    try {
      let done = 0;
      for await (const images of testBatches(loader, [...paths.keys()], batch)) {
        features.set((await session.run({ images })).features as Float32Array, done * width);
        done = Math.min(items.length, done + batch);
        onProgress(done, items.length);
      }
    } finally {
      await session.close();
    }
  } finally {
    await loader.close();
  }
  try {
    const metadata = { format: FORMAT, version: '1' };
    const shape = [items.length, width];
    writeSafetensors(file, [['features', { shape, data: features }]], { metadata, seal: true });
  } catch (error) {
    onNote(`the features are not kept for the next time: ${(error as Error).message}`);
  }
  return { features, width, backbone };
}

function readKept(file: string, length: number, onNote: (note: string) => void): Float32Array | undefined {
  if (!existsSync(file)) return undefined;
  try {
    const { metadata, tensors, sealed } = readSafetensors(file);
    const data = tensors.get('features')?.data;
    if (!sealed || metadata.format !== FORMAT || !(data instanceof Float32Array) || data.length !== length)
      throw new HierError(`${file} is not a file of features.`);
    return data;
  } catch (error) {
    onNote(`${(error as Error).message} The features are made again.`);
    return undefined;
  }
}
