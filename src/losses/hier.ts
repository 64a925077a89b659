/**
 * HIER, the hierarchical regularizer (Kim, Jeong, Kwak, CVPR 2023): learnable hierarchical proxies become the
 * ancestors of samples and of each other. Two terms of equal weight, triplets of samples and triplets of proxies,
 * each with ancestors among the proxies. Weighted and added to a metric-learning loss by the caller.
 */
import { distanceMatrix } from '../geometry/tensors.js';
import { add, diagonal, gemm, mul, scatterAdd, sub, type Tensor, where } from '../graph/index.js';
import { type BallSettings, type Initializer, toManifold } from '../nn/index.js';
import type { Settings, Values } from '../settings/setting.js';
import { type LcaNoise, lcaTerm } from './lca.js';
import { drawTriplets, miningSimilarity, reciprocalNeighbours, type Share, type Triplets } from './mining.js';

/**
 * What a recipe can set of HIER, `losses.hier`. Those that are not {@link HierOptions} decide how it is trained: its
 * weight, its proxies, the noise that it is given.
 */
export const HIER_SETTINGS = {
  weight: { default: 0.5, least: 0, about: 'factor in the total loss, λ2; 0 switches HIER off' },
  proxies: { default: 512, whole: true, least: 1, most: 1e6, about: 'number of hierarchical proxies' },
  initial: {
    default: 'random',
    oneOf: ['random', 'data'],
    about:
      'first places of the hierarchical proxies: random directions (the paper), or centres of clusters of training embeddings when HIER begins (ours)',
  },
  start: {
    default: 0,
    least: 0,
    below: 1,
    about:
      'share of the epochs, rounded down, before HIER begins and its proxies move; 0 in the paper (cluster_start of the official code, there in epochs)',
  },
  neighbours: {
    default: 20,
    whole: true,
    least: 1,
    most: 1e9,
    about: 'k of the reciprocal nearest neighbours; it counts the point itself',
  },
  triplets: { default: 50, whole: true, least: 1, most: 10_000, about: 'triplets drawn for each anchor' },
  margin: { default: 0.1, least: 0, about: 'margin of the three hinges, a hyperbolic distance' },
  temperature: { default: 0.1, above: 0, about: 'τ of the choice of the ancestor, above 0' },
  noise: {
    default: 'pool',
    oneOf: ['pool', 'exact'],
    about: 'Gumbel noise: pool picks rows of a pre-drawn pool (fast), exact draws every number (the paper)',
  },
  poolRows: { default: 8192, whole: true, least: 1, most: 1e6, about: 'rows of the pre-drawn noise (ours)' },
  excludeSelf: {
    default: false,
    about: 'never draw an anchor as its own negative; the official code does so in about 0.6 % of triplets',
  },
} as const satisfies Settings;

/** The settings of HIER: `losses.hier` of a recipe. */
export type HierSettings = Values<typeof HIER_SETTINGS>;

/** Options of {@link hierLoss}; the paper's are k = 20, t = 50, margin 0.1, τ = 0.1. */
export interface HierOptions extends BallSettings {
  /** k: neighbourhood size in mining, the node itself included. */
  readonly neighbours: number;
  /** Margin of the hinges. */
  readonly margin: number;
  /** τ of the choice of ancestors. */
  readonly temperature: number;
  /** Leave the anchor itself out of the unrelated nodes (the official code does not). */
  readonly excludeSelf?: boolean;
  /** Take only these anchors' triplets; the losses and gradients of all shares add up to the whole. */
  readonly share?: Share;
}

/** The randomness of one pass: uniform numbers for mining `[N, t]` each, or triplets given from outside; and noise. */
export interface PassRandomness {
  readonly mining: { readonly uniformJ: Tensor; readonly uniformK: Tensor } | Triplets;
  readonly noise: LcaNoise;
}

/** What the loss is computed from. */
export interface HierInputs {
  /** Embeddings on the manifold, `[B, d]`. */
  readonly embeddings: Tensor;
  /** Classes `[B]`, int32; without them mining goes by distance alone. */
  readonly labels?: Tensor;
  /** Hierarchical proxies in the tangent space at the origin, `[P, d]`. */
  readonly proxies: Tensor;
  readonly samples: PassRandomness;
  readonly proxyPass: PassRandomness;
}

/** The loss, its two terms, and how often each proxy was an ancestor of samples. */
export interface HierLoss {
  readonly loss: Tensor;
  readonly sampleTerm: Tensor;
  readonly proxyTerm: Tensor;
  /** Times each proxy was chosen for a triplet of samples, `[P]`. */
  readonly usage: Tensor;
  /** Distances samples–proxies `[B, P]` and proxies–proxies `[P, P]`. */
  readonly toProxies: Tensor;
  readonly betweenProxies: Tensor;
}

/** The regularizer. */
export function hierLoss(inputs: HierInputs, options: HierOptions): HierLoss {
  const { embeddings, labels, proxies, samples, proxyPass } = inputs;
  const points = toManifold(proxies, options);
  const toProxies = nodeDistances(embeddings, points, options.curvature);
  const betweenProxies = nodeDistances(points, points, options.curvature);
  const triplets = (pass: PassRandomness, similarity: () => Tensor): Triplets =>
    'i' in pass.mining
      ? pass.mining
      : drawTriplets(
          reciprocalNeighbours(similarity(), options.neighbours),
          pass.mining.uniformJ,
          pass.mining.uniformK,
          options,
        );
  const between = () => nodeDistances(embeddings, embeddings, options.curvature);
  const ofSamples = triplets(samples, () => miningSimilarity(between(), labels));
  const ofProxies = triplets(proxyPass, () => miningSimilarity(betweenProxies));
  const sampleTerm = lcaTerm(toProxies, ofSamples, samples.noise, options);
  const proxyTerm = lcaTerm(betweenProxies, ofProxies, proxyPass.noise, options);
  const count = proxies.shape[0];
  return {
    loss: add(sampleTerm.loss, proxyTerm.loss),
    sampleTerm: sampleTerm.loss,
    proxyTerm: proxyTerm.loss,
    usage: add(
      scatterAdd(ofSamples.weight, sampleTerm.pairAncestors, count),
      scatterAdd(ofSamples.weight, sampleTerm.tripleAncestors, count),
    ),
    toProxies,
    betweenProxies,
  };
}

/** Hyperbolic distances, or 2 − 2⟨x, y⟩ on the unit sphere when the curvature is 0. */
export function nodeDistances(x: Tensor, y: Tensor, curvature: number): Tensor {
  if (curvature > 0) return distanceMatrix(x, y, { c: curvature });
  const spherical = sub(2, mul(gemm(x, y, { transB: true }), 2));
  if (x !== y) return spherical;
  return where(diagonal(x.shape[0]), 0, spherical);
}

/** First values of hierarchical proxies: normal / √d · clip radius · 0.9, so just inside the clip sphere (official code). */
export function hierInitial(embeddingSize: number, clipRadius: number): Initializer {
  return { kind: 'normal', std: (clipRadius * 0.9) / Math.sqrt(embeddingSize) };
}
