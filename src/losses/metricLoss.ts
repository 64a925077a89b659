/**
 * What a metric-learning loss on class labels has to say of itself: its settings, the class proxies that it
 * trains, and its graph. One file a loss defines one such description with `metricLoss`; the table in
 * `table.ts` lists them, and recipes, parameters and graphs are derived from it. No formulas here.
 */
import type { Tensor } from '../graph/index.js';
import type { Initializer } from '../nn/index.js';

/** A number that a recipe can set. */
export interface Setting {
  readonly default: number;
  /** Meaning, with range; it is shown by `hier train --fields`. */
  readonly about: string;
  /** Only whole numbers. */
  readonly whole?: boolean;
  /** The value must be above this. */
  readonly above?: number;
  /** The value must be at least this. */
  readonly least?: number;
  /** The value must be at most this. */
  readonly most?: number;
}

/** Values of settings. */
export type Values<S> = { readonly [K in keyof S]: number };

/** What a loss is computed from. */
export interface MetricInputs {
  /** Embeddings on the manifold, `[B, d]`: points of the ball, or of the unit sphere when the curvature is 0. */
  readonly embeddings: Tensor;
  /** Class of each, `[B]` int32, in [0, C); samples of one class stand together, `imagesPerClass` of each. */
  readonly labels: Tensor;
  /** The loss's own parameters `[N, d]`, for losses that have `proxies`. */
  readonly proxies?: Tensor;
  /** C, the number of training classes. */
  readonly classes: number;
  /** Samples of each class in the batch. */
  readonly imagesPerClass: number;
  /** Curvature parameter of the ball; 0 for the unit sphere. */
  readonly curvature: number;
}

/** A metric-learning loss. */
export interface MetricLoss<S extends Readonly<Record<string, Setting>> = Readonly<Record<string, Setting>>> {
  /** What it is, in a few words. */
  readonly about: string;
  readonly settings: S;
  /** How many proxies or centres it trains for C classes and how they begin; absent for losses without any. */
  readonly proxies?: (
    classes: number,
    settings: Values<S>,
  ) => { readonly count: number; readonly initial: Initializer };
  /** Fewest images of a class in a batch, 1 when absent. */
  readonly leastImagesPerClass?: number;
  /** The loss, a scalar. */
  readonly build: (inputs: MetricInputs, settings: Values<S>) => Tensor;
}

/** Describes a loss; it only helps the types along. */
export function metricLoss<const S extends Readonly<Record<string, Setting>>>(
  loss: MetricLoss<S>,
): MetricLoss<S> {
  return loss;
}
