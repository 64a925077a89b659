/**
 * What the training loop is fed: augmented images, or rows of feature vectors, which are the data themselves or
 * what a frozen backbone made of the images. And the held-out items in evaluation form. Which items a batch has
 * is the sampler's business.
 */
import type { Dataset } from '../datasets/dataset.js';
import type { TrainingSplits } from '../datasets/validation.js';
import { isVectorDataset } from '../datasets/vectors.js';
import { openImages, preprocessingOf, testBatches } from '../model/inputs.js';
import { type NetworkInput, networkInput } from '../model/network.js';
import { isFrozen } from '../recipe/checks.js';
import type { Recipe } from '../recipe/load.js';
import { NO_AUGMENTATION, type Registry } from '../recipe/parts.js';
import { frozenFeatures } from './frozenFeatures.js';
import type { Batch } from './sampler.js';

/** Open data. May own threads: call `close()`. */
export interface TrainingData {
  /** What a network that is fed with these takes. */
  readonly input: NetworkInput;
  /** Inputs of a batch, a function of the batch, epoch and step. */
  load(batch: Batch, epoch: number, step: number): Promise<Float32Array>;
  /** Inputs of the held-out items in order, `size` at a time. */
  validation(size: number): AsyncIterable<Float32Array>;
  /** Inputs of training items, by index into the data set, in evaluation form, `size` at a time. */
  plain(items: readonly number[], size: number): AsyncIterable<Float32Array>;
  /** Values of a backbone that is not trained, by name; empty otherwise. */
  readonly backbone: Readonly<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/** Options of {@link openTrainingData}. */
export interface TrainingDataOptions {
  readonly dataset: Dataset;
  readonly splits: TrainingSplits;
  readonly recipe: Recipe;
  /** The parts that the recipe can name. */
  readonly registry: Registry;
  /** Fingerprint of the data. */
  readonly sha256: string;
  readonly progress: (what: string) => (done: number, total: number) => void;
  readonly onNote: (note: string) => void;
}

/** Opens the data of a recipe for training. Throws DataError for images that cannot be read. */
export async function openTrainingData(options: TrainingDataOptions): Promise<TrainingData> {
  const { dataset, splits, recipe, registry, sha256, progress, onNote } = options;
  if (isVectorDataset(dataset)) {
    const { features, dim } = dataset;
    return overRows({ features, width: dim, rowOf: (item) => item, validation: splits.validation });
  }
  if (!isFrozen(recipe)) return overImages(options);
  const items = [...splits.train, ...splits.validation];
  const onProgress = progress('embedding with the frozen backbone');
  const frozen = await frozenFeatures({ recipe, registry, dataset, items, sha256, onProgress, onNote });
  const rows = new Map(items.map((item, row) => [item, row]));
  return {
    ...overRows({ ...frozen, rowOf: (item) => rows.get(item)!, validation: splits.validation }),
    backbone: frozen.backbone,
  };
}

async function overImages({
  dataset,
  splits,
  recipe,
  registry,
  progress,
}: TrainingDataOptions): Promise<TrainingData> {
  const { store, augment } = recipe.images;
  const pathsOf = (items: readonly number[]) => items.map((item) => dataset.items[item].path);
  const loader = await openImages(pathsOf(splits.train), preprocessingOf(recipe), {
    ...(store === null ? {} : { store: { side: store } }),
    ...(augment.kind === NO_AUGMENTATION ? {} : { augment, augmentations: registry.augmentations }),
    onProgress: progress('decoding'),
  });
  const held = splits.validation.length
    ? await openImages(pathsOf(splits.validation), preprocessingOf(recipe)).catch(async (error: unknown) => {
        await loader.close();
        throw error;
      })
    : null;
  const positions = new Map(splits.train.map((item, i) => [item, i]));
  return {
    input: networkInput(recipe),
    backbone: {},
    load: ({ items }, epoch, step) =>
      loader.batch(
        Array.from(items, (item) => positions.get(item)!),
        augment.kind === NO_AUGMENTATION ? undefined : [recipe.seed, 'augment', epoch, step],
      ),
    validation: async function* (size) {
      if (held) yield* testBatches(held, [...splits.validation.keys()], size);
    },
    plain: async function* (items, size) {
      const plain = await openImages(pathsOf(items), preprocessingOf(recipe));
      try {
        yield* testBatches(plain, [...items.keys()], size);
      } finally {
        await plain.close();
      }
    },
    close: async () => {
      await Promise.all([loader.close(), held?.close()]);
    },
  };
}

/** Rows of one matrix `[N, width]`. */
function overRows({
  features,
  width,
  rowOf,
  validation,
}: {
  features: Float32Array;
  width: number;
  rowOf: (item: number) => number;
  validation: readonly number[];
}): TrainingData {
  const gather = (items: ArrayLike<number>): Float32Array => {
    const values = new Float32Array(items.length * width);
    for (let i = 0; i < items.length; i++) {
      const row = rowOf(items[i]);
      values.set(features.subarray(row * width, (row + 1) * width), i * width);
    }
    return values;
  };
  const inParts = async function* (items: readonly number[], size: number) {
    for (let at = 0; at < items.length; at += size) yield gather(items.slice(at, at + size));
  };
  return {
    input: { features: width },
    backbone: {},
    load: async ({ items }) => gather(items),
    validation: (size) => inParts(validation, size),
    plain: inParts,
    close: async () => undefined,
  };
}
