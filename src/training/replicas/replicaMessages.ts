/** What the trainer and its replicas say to each other, and the memory that they share. Types only. */
import type { Model } from '../../graph/index.js';
import type { Recipe } from '../../recipe/load.js';
import type { AdamWState } from '../../runs/checkpoint.js';
import type { LossShare } from '../lossShares.js';
import type { SharedOptions, Updates } from '../optimizer.js';
import type { Parts } from './clock.js';
import type { Pair } from './pairs.js';

/** Where an array lies in the shared values. */
export interface Place {
  readonly name: string;
  readonly start: number;
  readonly length: number;
  readonly trained: boolean;
}

/** A run of an array's elements. */
export interface OwnedPart extends Place {
  /** Its first element, counted within the array. */
  readonly from: number;
}

/** What a replica is started with. */
export interface ReplicaSetup {
  readonly recipe: Recipe;
  /** Which replica it is, from 0. */
  readonly index: number;
  readonly share: LossShare;
  readonly models: {
    readonly forward: Model;
    readonly backward: Model;
    readonly evaluate: Model;
    readonly loss: Model;
    /** The losses of the epochs before HIER starts; absent when it does so at once. */
    readonly lossBeforeHier?: Model | undefined;
  };
  readonly places: readonly Place[];
  /** Those whose gradients it combines and that it updates: no other replica does. */
  readonly owned: readonly OwnedPart[];
  readonly values: SharedArrayBuffer;
  /** The sums of each replica, its own at its index; the first one's receive the combined gradients. Those that it adds to none may be empty. */
  readonly gradients: readonly SharedArrayBuffer[];
  /** In shared memory. */
  readonly optimizer: AdamWState;
  readonly threads: number;
  /** Whether forward and backward passes keep freed memory. */
  readonly reuseMemory: boolean;
  /** Path that the engine's records begin with, where its operators and the parts of a step are timed. */
  readonly profile?: string | undefined;
}

/** What a replica computes of the losses. */
export interface ShareOfLosses {
  readonly share: LossShare;
  readonly model: Model;
  /** That of the epochs before HIER starts, when it does not do so at once. */
  readonly beforeHier?: Model | undefined;
}

/** A batch for the losses. */
export interface LossRequest {
  readonly embeddings: Float32Array;
  readonly labels: Int32Array;
  readonly epoch: number;
  readonly step: number;
  /** Whether no forward pass came before, since the network stays as it is: the proxies are then copied first. */
  readonly isAlone?: boolean;
}

/** What a replica can do. */
export interface ReplicaCalls {
  /** Embeds microbatches (of images or feature vectors) with batch statistics and remembers them for the way back. */
  forward(batches: readonly Float32Array[]): Promise<ForwardReply>;
  /** This replica's share of the losses of the whole batch. Starts the sums of gradients at 0. */
  loss(batch: LossRequest): Promise<LossReply>;
  /** Takes gradients of the microbatches' embeddings, in the order of `forward`. */
  backward(gradients: readonly Float32Array[]): Promise<void>;
  /** Adds up the owned arrays' gradients by `pairs`, or those of the proxies alone; answers their squared norm. */
  combine(given: { readonly ofProxies: boolean; readonly pairs: readonly Pair[] }): number;
  /** One AdamW update of those owned arrays that have a place in `updates`. */
  update(given: { readonly updates: Updates; readonly options: SharedOptions }): void;
  /** Embeds for evaluation. */
  evaluate(images: Float32Array): Promise<Float32Array>;
  /** Ends the timing that it was started with: the engine's records are written, and what its own parts took is answered. */
  timed(): Promise<Parts>;
}

/** Embeddings of the microbatches and their observed statistics. */
export interface ForwardReply {
  readonly embeddings: Float32Array[];
  readonly observed: Record<string, Float32Array>[];
}

/** Scalars and usage of a share of the losses, and its part of the embeddings' gradient `[B, d]`. */
export interface LossReply {
  readonly values: Record<string, Float32Array>;
  readonly gradient: Float32Array;
}
