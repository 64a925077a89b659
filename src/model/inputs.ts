/** From a recipe to the image loader that prepares its network's inputs. */
import type { Fit } from '../images/fit.js';
import { ImageLoader, type LoaderOptions } from '../images/loader.js';
import type { ResampleFilter } from '../images/resize.js';
import type { Recipe } from '../recipe/load.js';

/** How images become network inputs: what training, evaluation and search must do alike. */
export interface Preprocessing {
  /** Side of the network's square input, px. */
  readonly size: number;
  /** Side that the image is brought to before the centre crop; null is `size`. */
  readonly resizeTo: number | null;
  readonly fit: Fit;
  /** How pixels are interpolated when an image is resized. Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
  /** Taken off red, green and blue in [0, 1]; the difference is divided by `std`. */
  readonly mean: [number, number, number];
  readonly std: [number, number, number];
}

/** The preprocessing of a recipe. */
export function preprocessingOf({ images }: Recipe): Preprocessing {
  const { size, resizeTo, fit, filter, mean, std } = images;
  return { size, resizeTo, fit, filter, mean, std };
}

/** Opens a loader over images; `more` adds what a purpose needs, such as augmentation. */
export function openImages(
  paths: readonly string[],
  { size, resizeTo, fit, filter, mean, std }: Preprocessing,
  more: Pick<LoaderOptions, 'augment' | 'augmentations' | 'onBad' | 'onProgress' | 'store' | 'workers'> = {},
): Promise<ImageLoader> {
  return ImageLoader.open({
    paths,
    size,
    mean,
    std,
    fit,
    filter,
    ...(resizeTo === null ? {} : { resizeTo }),
    ...more,
  });
}

/** Batches of test inputs of the images [0, count), asked for a few ahead. */
export async function* testBatches(
  loader: ImageLoader,
  indices: readonly number[],
  size: number,
): AsyncGenerator<Float32Array> {
  const ahead: Promise<Float32Array>[] = [];
  for (let start = 0; start < indices.length; start += size) {
    ahead.push(loader.batch(indices.slice(start, start + size)));
    if (ahead.length > 3) yield await ahead.shift()!;
  }
  for (const batch of ahead) yield await batch;
}
