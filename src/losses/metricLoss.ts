/**
 * What a metric-learning loss on class labels has to say of itself: its settings, the class proxies that it
 * trains, and its graph. One file a loss defines one such description with `metricLoss`; the registry of losses
 * lists them, and recipes, parameters and graphs are derived from it. No formulas here.
 */
import type { Tensor } from '../graph/index.js';
import type { Initializer } from '../nn/index.js';
import type { Settings, Values } from '../settings/setting.js';

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

/** A metric-learning loss as it describes itself; {@link metricLoss} defines one. */
export interface MetricLoss<S extends Settings = Settings> {
  /** What it is, in a few words. */
  readonly about: string;
  /** What a recipe can set of it, beside its `weight` in the total loss. */
  readonly settings: S;
  /** How many proxies or centres it trains for C classes and how they begin; absent for losses without any. */
  proxies?(classes: number, settings: Values<S>): { readonly count: number; readonly initial: Initializer };
  /** Fewest images of a class in a batch, 1 when absent. */
  readonly leastImagesPerClass?: number;
  /** The loss, a scalar; a graph that is built once and run at every step. */
  build(inputs: MetricInputs, settings: Values<S>): Tensor;
}

/**
 * Defines a metric-learning loss; recipes, their checks, trained proxies and graphs follow from it.
 *
 * @example
 * ```ts
 * import { metricLoss } from '@hier-ml/hier';
 * import * as graph from '@hier-ml/hier/graph';
 *
 * // 1 − cosine with the proxy of the sample's own class, times a factor.
 * export const ownProxy = metricLoss({
 *   about: 'distance to the proxy of the own class',
 *   settings: { scale: { default: 1, above: 0, about: 'factor, above 0' } },
 *   proxies: (classes) => ({ count: classes, initial: { kind: 'normal', std: 1 } }),
 *   build: ({ embeddings, labels, proxies }, { scale }) => {
 *     const own = graph.gather(graph.l2Normalize(proxies!), labels);
 *     const cosine = graph.sum(graph.mul(graph.l2Normalize(embeddings), own), { axes: [1] });
 *     return graph.mul(graph.mean(graph.sub(1, cosine)), scale);
 *   },
 * });
 * ```
 */
export function metricLoss<const S extends Settings>(loss: MetricLoss<S>): MetricLoss<S> {
  return loss;
}
