/**
 * What the part of a backbone that is not trained makes of images: computed once, in evaluation form, and kept in the
 * cache folder under a key of all that it depends on. Losses, seeds of the head and resumed runs then start at once. Of
 * images that are augmented, a number of views is kept. How much of it is in memory is the recipe's choice.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Dataset } from '../datasets/dataset.js';
import { existsSync } from '../disk/index.js';
import { type Device, type Model, openSession } from '../graph/index.js';
import { cacheFolder } from '../io/cacheFolder.js';
import { openRowsFile, type Rows, rowsInMemory, writeRowsFile } from '../io/rowsFile.js';
import { openImages, preprocessingOf } from '../model/inputs.js';
import type { Recipe } from '../recipe/load.js';
import { OWN_PARTS, type Registry } from '../recipe/parts.js';
import { inputColumns, joinColumns } from './batches/inputColumns.js';

/** Options of {@link frozenFeatures}. */
export interface FrozenOptions {
  readonly recipe: Recipe;
  /** The parts that the recipe can name; hier's own by default. */
  readonly registry?: Registry | undefined;
  /** The part that is not trained, with its values: `images` → what is kept. */
  readonly model: Model;
  /** How many numbers that is for an image. */
  readonly width: number;
  readonly dataset: Dataset;
  /** Indices into the data set's items. */
  readonly items: readonly number[];
  /** Augmented views of each item, one after the other for all items; by default each item as it is. */
  readonly views?: number;
  /** Fingerprint of the data set. */
  readonly sha256: string;
  /** Images embedded at once. */
  readonly batch?: number;
  readonly onProgress?: (done: number, total: number) => void;
  /** Told in a sentence when kept features are damaged or cannot be written. */
  readonly onNote?: (note: string) => void;
}

const METADATA = { format: 'hier-features', version: '1' };

/**
 * What is kept of `items`, a row each in their order, and of their views: first that of all items, then the next. Kept
 * ones where there are any. Throws as image loading does, and HierError when they are too many for the memory and
 * cannot be written.
 */
export async function frozenFeatures(options: FrozenOptions): Promise<Rows> {
  const { recipe, model, width, items, views = 0, sha256, onNote = () => undefined } = options;
  const rows = items.length * Math.max(1, views);
  const shape = { name: 'features', rows, width, metadata: METADATA };
  if (rows === 0) return rowsInMemory(new Float32Array(0), width);
  const memory = recipe.engine.keptMemory * 1e9;
  const file = join(cacheFolder(), 'features', `${keyOf(options, sha256)}.safetensors`);
  if (existsSync(file))
    try {
      return openRowsFile(file, shape, memory);
    } catch (error) {
      onNote(`${(error as Error).message} The features are made again.`);
    }
  if (4 * rows * width > memory) {
    onNote(
      `what is kept of the images takes ${(4e-9 * rows * width).toFixed(1)} GB, in ${file}; up to engine.keptMemory GB would be in memory`,
    );
    await writeRowsFile(file, shape, computed(options, columnsOf(model)));
    return openRowsFile(file, shape, memory);
  }
  const values = new Float32Array(rows * width);
  let at = 0;
  for await (const piece of computed(options, columnsOf(model))) {
    values.set(piece, at);
    at += piece.length;
  }
  try {
    await writeRowsFile(file, shape, onePiece(values));
  } catch (error) {
    onNote(`the features are not kept for the next time: ${(error as Error).message}`);
  }
  return rowsInMemory(values, width);
}

async function* onePiece(values: Float32Array): AsyncGenerator<Float32Array> {
  yield values;
}

/** The outputs of the model as columns of a row. */
const columnsOf = ({ outputs }: Model) => inputColumns({ inputs: outputs }, []);

/** A hash of all that the features depend on. */
function keyOf({ recipe, model, items, views = 0 }: FrozenOptions, sha256: string): string {
  const preprocessing = preprocessingOf(recipe);
  const { augment, store } = recipe.images;
  const augmented = views > 0 ? { views, augment, store, seed: recipe.seed } : {};
  return createHash('sha256')
    .update(model.bytes)
    .update(JSON.stringify({ preprocessing, sha256, items: [...items], ...augmented }))
    .digest('hex');
}

/** The rows, batch by batch. */
async function* computed(
  { recipe, registry = OWN_PARTS, model, dataset, items, views = 0, batch = 32, onProgress }: FrozenOptions,
  columns: ReturnType<typeof columnsOf>,
): AsyncGenerator<Float32Array, void> {
  const { augment, store } = recipe.images;
  const paths = items.map((item) => dataset.items[item].path);
  const total = paths.length * Math.max(1, views);
  const loader = await openImages(paths, preprocessingOf(recipe), {
    ...(views > 0
      ? {
          augment: augment as Exclude<typeof augment, { readonly kind: 'none' }>,
          augmentations: registry.augmentations,
          ...(store === null ? {} : { store: { side: store } }),
        }
      : {}),
  });
  try {
    const session = await openSession(model, {
      device: recipe.engine.device as Device, // 'auto' has become a device before
      threads: recipe.engine.threads,
      reuseMemory: true,
    });
    try {
      const ahead: Promise<Float32Array>[] = [];
      let done = 0;
      const next = async () => {
        const images = await ahead.shift()!;
        const rows = joinColumns(await session.run({ images }), columns);
        onProgress?.((done = Math.min(total, done + batch)), total);
        return rows;
      };
      for (let view = 0; view < Math.max(1, views); view++)
        for (let start = 0; start < paths.length; start += batch) {
          const places = Array.from({ length: Math.min(batch, paths.length - start) }, (_, i) => start + i);
          const key = views > 0 ? [recipe.seed, 'view', view, start] : undefined;
          ahead.push(loader.batch(places, key));
          if (ahead.length > 3) yield await next();
        }
      while (ahead.length > 0) yield await next();
    } finally {
      await session.close();
    }
  } finally {
    await loader.close();
  }
}

/** Rows of items that are not kept, in evaluation form, `size` at a time. */
export function freshFeatures(options: Omit<FrozenOptions, 'sha256' | 'views'>): AsyncIterable<Float32Array> {
  return computed({ ...options, sha256: '' }, columnsOf(options.model));
}
