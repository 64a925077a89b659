/**
 * SoftTriple (Qian et al., ICCV 2019): a soft-max over classes with K centres each, where a sample's similarity
 * to a class is a soft maximum over its centres; and a regularizer that draws a class's centres together. With
 * `pull` 0 it is the form of HIER's official code, which has no regularizer.
 */
import {
  add,
  clip,
  constant,
  GraphError,
  gather,
  l2Normalize,
  logSumExp,
  matmul,
  mean,
  mul,
  oneWhere,
  reshape,
  softmax,
  sqrt,
  sub,
  sum,
  swapLast,
  type Tensor,
} from '../graph/index.js';
import type { Initializer } from '../nn/index.js';
import { metricLoss } from './metricLoss.js';
import { cosines, ownClass } from './similarities.js';

/** Options of {@link softTriple}. */
export interface SoftTripleOptions {
  /** K, centres of each class. */
  readonly centres?: number;
  /** λ, scale of the similarities in the soft-max over classes. */
  readonly scale?: number;
  /** γ, temperature of the soft maximum over a class's centres. */
  readonly temperature?: number;
  /** δ, taken off the similarity to the own class. */
  readonly margin?: number;
  /** τ, weight of the regularizer; 0 leaves it out. */
  readonly pull?: number;
}

/** Under the root of the regularizer, so that equal centres have a finite gradient. */
const ROOT_OFFSET = 1e-5;

/**
 * The loss, a scalar.
 * @param x embeddings `[B, d]`; their length does not matter
 * @param labels class of each `[B]`, int32, in [0, C)
 * @param centres `[C·K, d]`, those of one class one after the other; their length does not matter
 */
export function softTriple(
  x: Tensor,
  labels: Tensor,
  centres: Tensor,
  { centres: k = 10, scale = 20, temperature = 0.1, margin = 0.01, pull = 0.2 }: SoftTripleOptions = {},
): Tensor {
  const [b, classes] = [x.shape[0], centres.shape[0] / k];
  if (!Number.isInteger(classes))
    throw new GraphError(
      `softTriple: ${centres.shape[0]} centres were given; expected a multiple of ${k}, the centres a class`,
    );
  const similar = reshape(cosines(x, centres), [b, classes, k]);
  const share = softmax(mul(similar, 1 / temperature));
  const toClass = sum(mul(share, similar), { axes: [2] });
  const own = oneWhere(ownClass(labels, classes), x.dtype);
  const logits = mul(sub(toClass, mul(own, margin)), scale);
  const ownLogit = sum(mul(logits, own), { axes: [1] });
  const loss = mean(sub(logSumExp(logits, { axes: [1] }), ownLogit));
  return pull > 0 && k > 1 ? add(loss, mul(spread(centres, classes, k), pull)) : loss;
}

/** Mean distance of two centres of a class, halved: Σ √(2 + 1e-5 − 2⟨w, w'⟩) over pairs / (C K (K − 1)). */
function spread(centres: Tensor, classes: number, k: number): Tensor {
  const unit = reshape(l2Normalize(centres), [classes, k, -1]);
  const products = reshape(matmul(unit, swapLast(unit)), [classes, k * k]);
  const pairs: number[] = [];
  for (let i = 0; i < k; i++) for (let j = i + 1; j < k; j++) pairs.push(i * k + j);
  const columns = gather(swapLast(products), constant(pairs, [pairs.length], 'int32'));
  // Rounding may take the product of equal centres above 1.
  const squares = clip(sub(2 + ROOT_OFFSET, mul(columns, 2)), ROOT_OFFSET / 10, Number.POSITIVE_INFINITY);
  return mul(sum(sqrt(squares)), 1 / (classes * k * (k - 1)));
}

/** First values of the centres: Kaiming uniform with a = √5, bound 1/√(C·K) (original code). */
export function softTripleInitial(classes: number, centres: number): Initializer {
  return { kind: 'uniform', bound: 1 / Math.sqrt(classes * centres) };
}

/** SoftTriple for the registry of losses. */
export const softTripleLoss = metricLoss({
  about: 'SoftTriple, several centres a class',
  settings: {
    centres: { default: 10, whole: true, least: 1, most: 1000, about: 'K, centres of each class' },
    scale: { default: 20, above: 0, about: 'λ, scale of the similarities to the classes, above 0' },
    temperature: { default: 0.1, above: 0, about: "γ of the soft maximum over a class's centres, above 0" },
    margin: { default: 0.01, least: 0, most: 2, about: 'δ, taken off the cosine with the own class, 0 to 2' },
    pull: {
      default: 0.2,
      least: 0,
      about: "τ, weight of the regularizer that draws a class's centres together; 0 leaves it out",
    },
  },
  proxies: (classes, { centres }) => ({
    count: classes * centres,
    initial: softTripleInitial(classes, centres),
  }),
  build: ({ embeddings, labels, proxies }, settings) => softTriple(embeddings, labels, proxies!, settings),
});
