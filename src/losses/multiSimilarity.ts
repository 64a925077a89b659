/**
 * Multi-Similarity loss (Wang et al., CVPR 2019) without its pair mining, in the two forms of HIER's official
 * code: on cosines, and on hyperbolic distances with the batch's mean similarity as base.
 */
import {
  add,
  and,
  diagonal,
  logSumExp,
  mean,
  mul,
  not,
  type Operand,
  sub,
  sum,
  type Tensor,
  where,
} from '../graph/index.js';
import { metricLoss } from './metricLoss.js';
import { cosines, LEFT_OUT, pairSimilarity, sameClass } from './similarities.js';

/** Options of both forms. */
export interface MultiSimilarityOptions {
  /** Sharpness α of the pull of pairs of one class. */
  readonly alpha?: number;
  /** Sharpness β of the push of pairs of two classes. */
  readonly beta?: number;
}

/**
 * On cosines, a scalar.
 * @param x embeddings `[B, d]`; their length does not matter
 * @param labels class of each `[B]`, int32
 */
export function multiSimilarity(
  x: Tensor,
  labels: Tensor,
  { alpha = 2, beta = 50, base = 0.5 }: MultiSimilarityOptions & { readonly base?: number } = {},
): Tensor {
  return ofSimilarities(cosines(x, x), labels, alpha, beta, base);
}

/**
 * On −distance in the ball, or inner products at curvature 0, a scalar. The base is the mean similarity of all
 * pairs, and carries gradient.
 * @param x points `[B, d]`, B of 2 or more
 * @param labels class of each `[B]`, int32
 */
export function hyperbolicMultiSimilarity(
  x: Tensor,
  labels: Tensor,
  curvature: number,
  { alpha = 1, beta = 5 }: MultiSimilarityOptions = {},
): Tensor {
  const b = x.shape[0];
  const similarity = pairSimilarity(x, curvature);
  const base = mul(sum(where(diagonal(b), 0, similarity)), 1 / (b * (b - 1)));
  return ofSimilarities(similarity, labels, alpha, beta, base);
}

/** Mean over anchors of ln(1 + Σ₊ e^(−α(s − base)))/α + ln(1 + Σ₋ e^(β(s − base)))/β. */
function ofSimilarities(
  similarity: Tensor,
  labels: Tensor,
  alpha: number,
  beta: number,
  base: Operand,
): Tensor {
  const same = sameClass(labels);
  const above = sub(similarity, base);
  const positive = and(same, not(diagonal(labels.shape[0])));
  const over = { axes: [1], withZero: true };
  const pull = logSumExp(where(positive, mul(above, -alpha), LEFT_OUT), over);
  const push = logSumExp(where(same, LEFT_OUT, mul(above, beta)), over);
  return mean(add(mul(pull, 1 / alpha), mul(push, 1 / beta)));
}

const alphaIs = (value: number) => ({
  default: value,
  above: 0,
  about: 'sharpness of the pull within classes, above 0',
});
const betaIs = (value: number) => ({
  default: value,
  above: 0,
  about: 'sharpness of the push between classes, above 0',
});

/** Multi-Similarity on cosines for the registry of losses. */
export const multiSimilarityLoss = metricLoss({
  about: 'Multi-Similarity on cosines, without pair mining',
  settings: {
    alpha: alphaIs(2),
    beta: betaIs(50),
    base: { default: 0.5, least: -1, most: 1, about: 'cosine at which pull and push turn, -1 to 1' },
  },
  build: ({ embeddings, labels }, settings) => multiSimilarity(embeddings, labels, settings),
});

/** Multi-Similarity on distances for the registry of losses. */
export const hyperbolicMultiSimilarityLoss = metricLoss({
  about: 'Multi-Similarity on hyperbolic distances (inner products at curvature 0), without pair mining',
  settings: { alpha: alphaIs(1), beta: betaIs(5) },
  build: ({ embeddings, labels, curvature }, settings) =>
    hyperbolicMultiSimilarity(embeddings, labels, curvature, settings),
});
