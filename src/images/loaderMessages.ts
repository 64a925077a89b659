/** What the loader and its workers say to each other. Types only. */
import type { KeyPart } from '../random.js';
import type { AugmentChoice } from './augment.js';
import type { Fit } from './fit.js';
import type { AugmentationAddress } from './importAugmentation.js';
import type { Normalisation } from './normalise.js';

/** An image that could not be read. */
export interface SkippedImage {
  /** Index into the loader's paths. */
  readonly index: number;
  readonly path: string;
  /** The full sentence of the error. */
  readonly reason: string;
}

/** What a worker is told once, when it starts. */
export interface WorkerSetup {
  readonly paths: readonly string[];
  readonly size: number;
  readonly resizeTo: number;
  readonly normalisation: Normalisation;
  readonly fit: Fit;
  readonly augmentation: AugmentChoice | undefined;
  /** Where the augmentation is imported from; undefined for hier's own. */
  readonly augmentationAddress: AugmentationAddress | undefined;
  readonly skipBad: boolean;
  /** Square rasters `[paths, side, side, 3]`, shared by all workers; undefined when streaming. */
  readonly store: { readonly side: number; readonly rasters: SharedArrayBuffer } | undefined;
  /** Two shared integers: see {@link NEXT_IMAGE} and {@link CLOSING}. */
  readonly control: SharedArrayBuffer;
}

/** Slot of the control array: the next image of the store to decode. */
export const NEXT_IMAGE = 0;
/** Slot of the control array: not 0 once the loader is being closed. */
export const CLOSING = 1;

/** From the loader to a worker. */
export type Request =
  | { readonly kind: 'fill' }
  | { readonly kind: 'close' }
  | {
      readonly kind: 'part';
      readonly job: number;
      /** Position in the batch of the first of these images. */
      readonly start: number;
      readonly indices: readonly number[];
      /** Present for augmented images. */
      readonly key: readonly KeyPart[] | undefined;
    };

/** From a worker to the loader. */
export type Reply =
  /** The augmentation is there; sent only for one from outside. */
  | { readonly kind: 'ready' }
  | { readonly kind: 'progress'; readonly images: number }
  | { readonly kind: 'filled'; readonly skipped: readonly SkippedImage[] }
  | {
      readonly kind: 'part';
      readonly job: number;
      readonly start: number;
      /** `[indices, 3, size, size]`, transferred. */
      readonly data: Float32Array<ArrayBuffer>;
      readonly skipped: readonly SkippedImage[];
    }
  | {
      readonly kind: 'failed';
      /** Undefined when starting or filling the store failed. */
      readonly job: number | undefined;
      /** What kind of error it was: one that is meant for the user, or a defect. */
      readonly error: 'data' | 'usage' | 'other';
      readonly message: string;
    };
