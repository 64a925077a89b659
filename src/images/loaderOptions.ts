/** Options of a loader, and whether they are possible. */
import { UsageError } from '../errors.js';
import type { Augmentations, AugmentOptions } from './augment.js';
import type { Fit } from './fit.js';
import type { Rgb } from './normalise.js';
import type { ResampleFilter } from './resize.js';

/** Options of {@link ImageLoader}: what to load and how. */
export interface LoaderOptions {
  /** Absolute paths of the images; batches are lists of indices into it. */
  readonly paths: readonly string[];
  /** Pixels of the square network input. */
  readonly size: number;
  /** Mean and standard deviation a channel, of values in [0, 1]. */
  readonly mean: Rgb;
  readonly std: Rgb;
  /** Worker threads; default half the processors, at most 8. */
  readonly workers?: number | undefined;
  /** How images that are not square become so. Default cover. */
  readonly fit?: Fit | undefined;
  /** How pixels are interpolated when an image is resized. Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
  /**
   * Test transform: the short side (with contain, the long side; with fill, both) is brought to this many pixels before the
   * centre crop of `size`. Default `size`; the HIER official code uses 256 for 224.
   */
  readonly resizeTo?: number | undefined;
  /**
   * Decode every image once, on opening, and keep squares of `side` pixels in memory (3 · side² bytes an
   * image), optionally in a cache `file` too. Absent: decode at each use.
   */
  readonly store?: { readonly side: number; readonly file?: string | undefined } | undefined;
  /** What varies in batches that are given a key. */
  readonly augment?: AugmentOptions | undefined;
  /** The augmentations that `augment` names one of; hier's own by default. */
  readonly augmentations?: Augmentations | undefined;
  /** Whether an unreadable image fails (default) or is listed in `skipped`; its row of a batch then means nothing. */
  readonly onBad?: 'fail' | 'skip' | undefined;
  /** Called while the store is filled. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Throws UsageError that names the option for anything impossible. */
export function checkOptions({ size, resizeTo = size, store, workers, std }: LoaderOptions): void {
  const isCount = (value: number, most: number) => Number.isInteger(value) && value >= 1 && value <= most;
  if (!isCount(size, 4096)) throw new UsageError(`The image size must be 1 to 4096 pixels, not ${size}.`);
  if (!isCount(resizeTo, 8192) || resizeTo < size)
    throw new UsageError(`resizeTo must be at least the image size ${size}, not ${resizeTo}.`);
  if (store && !isCount(store.side, 4096))
    throw new UsageError(`The stored side must be 1 to 4096 pixels, not ${store.side}.`);
  if (workers !== undefined && !isCount(workers, 64))
    throw new UsageError(`The number of image workers must be 1 to 64, not ${workers}.`);
  if (!std.every((deviation) => deviation > 0))
    throw new UsageError(`std must be positive, not [${std.join(', ')}].`);
}

/** Memory for the store that threads share. Throws UsageError when there is not that much. */
export function allocate(bytes: number): SharedArrayBuffer {
  try {
    return new SharedArrayBuffer(bytes);
  } catch (cause) {
    throw new UsageError(
      `The store would take ${(bytes / 2 ** 30).toFixed(1)} GiB of memory, more than there is. ` +
        'Use a smaller side, or leave the store out to decode at each use.',
      { cause },
    );
  }
}
