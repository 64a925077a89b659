/** What the threads that embed image files are given, and what they answer. Types and places of shared memory only. */
import type { Model } from '../graph/index.js';
import type { SkippedImage } from '../images/loader.js';
import type { Preprocessing } from './inputs.js';

/** What a thread is started with. */
export interface EmbedSetup {
  readonly network: Model;
  readonly preprocessing: Preprocessing;
  /** Threads of its session. */
  readonly threads: number;
}

/** Images that the threads embed together. */
export interface EmbedRequest {
  readonly paths: readonly string[];
  /** Images that go through the network at a time. */
  readonly group: number;
  /** Whether images that cannot be read are listed; else the first of them stops the work. */
  readonly skipBad: boolean;
  /** Two shared integers: see {@link NEXT_IMAGE} and {@link STOPPED}. */
  readonly control: SharedArrayBuffer;
}

/** Slot of the control array: the next image that nobody has taken. */
export const NEXT_IMAGE = 0;
/** Slot of the control array: not 0 when no more images are to be taken. */
export const STOPPED = 1;

/** The embeddings of neighbouring images. */
export interface EmbeddedGroup {
  /** Index of the first. */
  readonly start: number;
  readonly count: number;
  /** `[count, d]`; rows of images that could not be read mean nothing. Empty when the work was stopped. */
  readonly embeddings: Float32Array;
  readonly skipped: readonly SkippedImage[];
}

/** What such a thread can do. */
export interface EmbedCalls {
  /** Takes groups of images until none is left, and tells of each. */
  embed(request: EmbedRequest, tell: (group: EmbeddedGroup) => void): Promise<void>;
  close(): Promise<void>;
}
