/**
 * What the training loop is fed: augmented images, or rows of feature vectors, which are the data themselves or
 * what the part of the backbone that is not trained made of the images. And the held-out items in evaluation form. Which
 * items a batch has is the sampler's business.
 */
import type { Dataset } from '../datasets/dataset.js';
import type { TrainingSplits } from '../datasets/validation.js';
import { isVectorDataset } from '../datasets/vectors.js';
import { type Rows, rowsInMemory } from '../io/rowsFile.js';
import { firstValues } from '../model/firstValues.js';
import { type FrozenPart, frozenPart } from '../model/frontier.js';
import { type NetworkInput, networkInput } from '../model/graph.js';
import { openImages, preprocessingOf, testBatches } from '../model/inputs.js';
import { networkArrays } from '../model/network.js';
import { randomStream } from '../random.js';
import type { Recipe } from '../recipe/load.js';
import { NO_AUGMENTATION, type Registry } from '../recipe/parts.js';
import type { Batch } from './batches/sampler.js';
import { freshFeatures, frozenFeatures } from './frozenFeatures.js';

/** Open data. May own threads: call `close()`. */
export interface TrainingData {
  /** What a network that is fed with these takes. */
  readonly input: NetworkInput;
  /** Inputs of rows `from` to `to` of a batch, all by default; each is a function of the batch, its row, epoch and step. */
  load(batch: Batch, epoch: number, step: number, from?: number, to?: number): Promise<Float32Array>;
  /** Inputs of the held-out items in order, `size` at a time. */
  validation(size: number): AsyncIterable<Float32Array>;
  /** Inputs of any items, by index into the data set, in evaluation form, `size` at a time. */
  plain(items: readonly number[], size: number): AsyncIterable<Float32Array>;
  /** First values of a backbone of which a part is not trained, by name; empty otherwise. */
  readonly backbone: Readonly<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/** Options of {@link openTrainingData}. */
export interface TrainingDataOptions {
  readonly dataset: Dataset;
  readonly splits: TrainingSplits;
  /**
   * Training items that what is kept of a backbone's first part is kept for, those of `splits` among them: a final fit needs it
   * for more than the trial before it. Default: those of `splits`.
   */
  readonly kept?: readonly number[] | undefined;
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
  const { dataset, recipe, registry } = options;
  if (isVectorDataset(dataset)) {
    const rows = rowsInMemory(dataset.features, dataset.dim);
    const plain = inParts((items) => rows.read(items));
    return {
      input: { features: dataset.dim },
      backbone: {},
      load: async ({ items }, _epoch, _step, from, to) => rows.read(items.subarray(from, to)),
      validation: (size) => plain(options.splits.validation, size),
      plain,
      close: async () => undefined,
    };
  }
  const part = frozenPart(recipe, registry);
  return part ? overFrozen(part, options) : overImages(options);
}

/** Rows of what the part of the backbone that is not trained made of the images. */
async function overFrozen(part: FrozenPart, options: TrainingDataOptions): Promise<TrainingData> {
  const { dataset, splits, recipe, registry, sha256, progress, onNote } = options;
  const { validation } = splits;
  const { kept: train = splits.train } = options;
  const arrays = networkArrays(recipe, { registry }).filter(({ name }) => name.startsWith('backbone.'));
  const backbone = firstValues(recipe, arrays, onNote);
  const model = part.model(backbone);
  const frozen = { recipe, registry, dataset, sha256, model, width: part.width, onNote };
  const keep = (items: readonly number[], views = 0) =>
    frozenFeatures({
      ...{ ...frozen, items, views },
      onProgress: progress('embedding with the part of the backbone that is not trained'),
    });
  const isAugmented = recipe.images.augment.kind !== NO_AUGMENTATION;
  const views = isAugmented ? (recipe.backbone.views ?? 1) : 0;
  const plainItems = isAugmented ? validation : [...new Set([...train, ...validation])];
  onNote(
    `the part of the backbone that is not trained (backbone.trainFrom=${recipe.backbone.trainFrom}) is computed once${isAugmented ? ` for ${views} augmented views of each image (backbone.views)` : ''}: ${part.width} numbers an image are kept`,
  );
  const rowOf = placesIn(plainItems);
  const positions = placesIn(train);
  const kept = await keep(plainItems);
  // Whole splits are asked for again, by later runs too: of the training classes as they are, and of the test.
  const sides = [train, dataset.test].map((items) => {
    let rows: Promise<Rows> | undefined;
    return {
      rowOf: placesIn(items),
      rows: () => (rows ??= keep(items)),
      close: async () => (await rows)?.close(),
    };
  });
  const sideOf = (items: readonly number[]) =>
    sides.find(
      ({ rowOf: places }) => 2 * items.length > places.size && items.every((item) => places.has(item)),
    );
  const varied = isAugmented ? await keep(train, views) : undefined;
  const viewed = (item: number, epoch: number) => {
    const view = randomStream(recipe.seed, 'view drawn', epoch, item).integer(views);
    return view * train.length + positions.get(item)!;
  };
  const plain = inParts((items) => kept.read(items.map((item) => rowOf.get(item)!)));
  return {
    input: 'frontier',
    backbone,
    load: async ({ items }, epoch, _step, from, to) =>
      varied
        ? varied.read(Array.from(items.subarray(from, to), (item) => viewed(item, epoch)))
        : kept.read(Array.from(items.subarray(from, to), (item) => rowOf.get(item)!)),
    validation: (size) => plain(validation, size),
    plain: async function* (items, size) {
      const side = sideOf(items);
      if (items.every((item) => rowOf.has(item))) yield* plain(items, size);
      else if (!side) yield* freshFeatures({ ...frozen, items, batch: size });
      else {
        const rows = await side.rows();
        yield* inParts((some) => rows.read(some.map((item) => side.rowOf.get(item)!)))(items, size);
      }
    },
    close: async () => {
      kept.close();
      varied?.close();
      for (const side of sides) await side.close();
    },
  };
}

/** The place of each item in a list. */
const placesIn = (items: readonly number[]) => new Map(items.map((item, place) => [item, place]));

/** Rows of items, `size` at a time. */
function inParts(read: (items: readonly number[]) => Float32Array) {
  return async function* (items: readonly number[], size: number) {
    for (let at = 0; at < items.length; at += size) yield read(items.slice(at, at + size));
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
    load: ({ items }, epoch, step, from = 0, to) =>
      loader.batch(
        Array.from(items.subarray(from, to), (item) => positions.get(item)!),
        augment.kind === NO_AUGMENTATION ? undefined : [recipe.seed, 'augment', epoch, step],
        from,
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
