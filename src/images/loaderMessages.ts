/** What the loader and its workers say to each other. Types and the places of shared memory only. */
import type { KeyPart } from '../random.js';
import type { AugmentChoice } from './augment.js';
import type { Fit } from './fit.js';
import type { AugmentationAddress } from './importAugmentation.js';
import type { Normalisation } from './normalise.js';
import type { ResampleFilter } from './resize.js';

/** An image that could not be read. */
export interface SkippedImage {
  /** Index into the loader's paths. */
  readonly index: number;
  readonly path: string;
  /** The full sentence of the error. */
  readonly reason: string;
}

/** What a worker is started with. */
export interface WorkerSetup {
  readonly paths: readonly string[];
  readonly size: number;
  readonly resizeTo: number;
  readonly normalisation: Normalisation;
  readonly fit: Fit;
  readonly filter: ResampleFilter;
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

/** Some images of a batch. */
export interface BatchPart {
  /** Position in the batch of the first of these images. */
  readonly start: number;
  readonly indices: readonly number[];
  /** Present for augmented images. */
  readonly key: readonly KeyPart[] | undefined;
}

/** The images of a part. */
export interface MadePart {
  /** `[indices, 3, size, size]`, moved here. */
  readonly data: Float32Array<ArrayBuffer>;
  readonly skipped: readonly SkippedImage[];
}

/** What a worker can do. */
export interface LoaderCalls {
  /** Makes some images of a batch. */
  part(part: BatchPart): Promise<MadePart>;
  /** Decodes images into the store until none is left, and tells how many more are done; answers what was skipped. */
  fill(request: undefined, tell: (images: number) => void): Promise<readonly SkippedImage[]>;
}
