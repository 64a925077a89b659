/**
 * What an augmentation has to say of itself: its settings, and how it makes a random variant of a training image. One
 * file defines one such description with `augmentation`; the registry lists them, and recipes and loaders are derived
 * from it. It runs in the loader's worker threads, to which no function can be sent: hence one from outside names the
 * module that a thread can import it from. The transform of test images is none of these.
 */
import type { RandomStream } from '../random.js';
import type { Settings, Values } from '../settings/setting.js';
import type { Normalisation } from './normalise.js';
import type { Raster } from './raster.js';
import type { ResampleFilter } from './resize.js';

/** Where the variants of an augmentation go: the square input of a network. */
export interface InputWriter {
  /** S, its side in pixels. */
  readonly size: number;
  readonly normalisation: Normalisation;
  /** How the network's images are interpolated. Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
  /** Brings a raster of any shape to S × S pixels and writes it, normalised, as `[3, S, S]` into `target`. */
  write(raster: Raster, target: Float32Array, offset: number): void;
}

/**
 * Writes one random variant of a raster, normalised, as `[3, S, S]` into `target` from `offset` on. It depends on the
 * raster and the stream only, so that a run can be repeated; it must not change the raster, which may be kept for
 * other epochs.
 */
export type Augmenter = (raster: Raster, stream: RandomStream, target: Float32Array, offset: number) => void;

/** An augmentation as it describes itself; {@link augmentation} defines one. */
export interface Augmentation<S extends Settings = Settings> {
  /** What it is, in a few words. */
  readonly about: string;
  /** What a recipe can set of it. */
  readonly settings: S;
  /** The URL of the module that exports it, `import.meta.url`; needed for one that hier does not ship. */
  readonly module?: string;
  /** The name that the module exports it by. Default `default`. */
  readonly exportName?: string;
  /** It takes square rasters only; others are made square first, as in the test transform. */
  readonly squares?: boolean;
  /** One sentence for all that does not fit together; fields are named as in `"images.augment.scale"`. */
  problems?(settings: Values<S>): string[];
  /** Makes it ready for one network input; called once in each worker thread. */
  build(settings: Values<S>, input: InputWriter): Augmenter;
}

/**
 * Defines an augmentation.
 *
 * @example
 * ```ts
 * import { augmentation } from '@hier-ml/hier';
 *
 * // In a module of its own, which does nothing else: worker threads import it.
 * export default augmentation({
 *   about: 'the image, darkened at random',
 *   module: import.meta.url,
 *   settings: { darkest: { default: 0.5, least: 0, most: 1, about: 'lowest factor on all pixels, 0 to 1' } },
 *   build:
 *     ({ darkest }, input) =>
 *     (raster, stream, target, offset) => {
 *       const factor = darkest + (1 - darkest) * stream.uniform();
 *       input.write({ ...raster, data: raster.data.map((value) => value * factor) }, target, offset);
 *     },
 * });
 * ```
 */
export function augmentation<const S extends Settings>(definition: Augmentation<S>): Augmentation<S> {
  return definition;
}
