/**
 * What a backbone has to say of itself: its settings, what it takes, how its images are normalised, its pretrained
 * weights, and its graph. One file a network defines such a description with `backbone`; the registry of backbones
 * lists them, and recipes, their checks, weights and graphs are derived from it. No layers here.
 */
import type { Tensor } from '../graph/index.js';
import type { Scope } from '../nn/index.js';
import type { Settings, Values } from '../settings/setting.js';
import type { ImageNormalisation, PublishedWeights } from './published.js';

/** A network from images `[B, 3, S, S]`, or vectors `[B, F]`, to features `[B, width]`. */
export interface FeatureExtractor {
  /** Length of a feature vector. */
  readonly width: number;
  /**
   * Names of its arrays (`backbone.…`) by the block that they lie in, in the order of the graph, for a network whose
   * blocks the names do not show.
   */
  readonly blocks?: ReadonlyMap<string, readonly string[]>;
  /**
   * Whether it computes every image for itself in training too, without statistics of a batch: hier then chooses how many
   * are computed at once. Default false.
   */
  readonly apart?: boolean;
  /** Adds the network to a graph. Names of its arrays start with `backbone.`. */
  forward(input: Tensor, scope: Scope): Tensor;
}

/** What a backbone is told of the images that it will see. */
export interface BackboneImages {
  /** S, side of the square image, px. */
  readonly size: number;
}

/** A backbone as it describes itself; {@link backbone} defines one. */
export interface Backbone<S extends Settings = Settings> {
  /** What it is, in a few words; with pretrained weights also what those were trained on. */
  readonly about: string;
  /**
   * What a recipe can set of it. hier adds `trainFrom` (where training begins), `views` and `adapters` to every
   * backbone of images, and `weights` (what it starts from) to those that take any.
   */
  readonly settings: S;
  /** What it takes: images (the default), or feature vectors of a length that the data decide. */
  readonly takes?: 'images' | 'vectors';
  /** How its images are normalised where a recipe does not say. */
  readonly normalisation?: ImageNormalisation;
  /** Whether a safetensors file can be named for it to start from; so it is for networks with published weights. */
  readonly takesWeights?: boolean;
  /** Weights that are published for it, under its own name. */
  readonly published?: PublishedWeights;
  /**
   * One sentence for everything that does not fit together: settings with each other, or with the side of the images.
   * Fields are named as in a recipe, such as `"backbone.width"`.
   */
  problems?(settings: Values<S>, images: BackboneImages): string[];
  /** The network. */
  build(settings: Values<S>): FeatureExtractor;
}

/**
 * Defines a backbone; recipes, their checks and graphs follow from it.
 *
 * @example
 * ```ts
 * import { backbone } from '@hier-ml/hier';
 * import * as graph from '@hier-ml/hier/graph';
 * import { convolution } from '@hier-ml/hier/nn';
 *
 * export const oneLayer = backbone({
 *   about: 'one convolution and its mean over the image',
 *   settings: { width: { default: 32, whole: true, least: 1, most: 4096, about: 'channels, 1 to 4096' } },
 *   build: ({ width }) => ({
 *     width,
 *     forward: (images, scope) =>
 *       graph.globalAveragePool(
 *         graph.relu(convolution(scope, 'backbone.conv', images, width, { kernel: 4, stride: 2, padding: 1 })),
 *       ),
 *   }),
 * });
 * ```
 */
export function backbone<const S extends Settings, const P extends PublishedWeights | undefined = undefined>(
  definition: Backbone<S> & { readonly published?: P },
): Backbone<S> & { readonly published?: P } {
  return definition;
}
