/**
 * Proxy Anchor loss (Kim et al., CVPR 2020, equation 4), as HIER's official code applies it: on the cosine of the
 * embeddings' ball coordinates with one free Euclidean proxy a class. No hyperbolic distance enters.
 */
import { add, div, logSumExp, mul, oneWhere, reduceMax, sub, sum, type Tensor } from '../graph/index.js';
import type { Initializer } from '../nn/index.js';
import { metricLoss } from './metricLoss.js';
import { cosines, LEFT_OUT, ownClass } from './similarities.js';

/** Settings of the loss. */
export interface ProxyAnchorOptions {
  /** Scale α of the similarities. */
  readonly alpha?: number;
  /** Margin δ. */
  readonly margin?: number;
}

/**
 * The loss, a scalar.
 * @param x embeddings `[B, d]`
 * @param labels class of each `[B]`, int32, in [0, C)
 * @param proxies `[C, d]`; their length does not matter
 */
export function proxyAnchor(
  x: Tensor,
  labels: Tensor,
  proxies: Tensor,
  { alpha = 32, margin = 0.1 }: ProxyAnchorOptions = {},
): Tensor {
  const classes = proxies.shape[0];
  const cosine = cosines(x, proxies);
  const own = oneWhere(ownClass(labels, classes), x.dtype);
  const present = sum(reduceMax(own, { axes: [0] }));

  // Added rather than chosen by Where: that takes several times as long over a batch and thousands of classes.
  const over = { axes: [0], withZero: true };
  const pull = logSumExp(add(mul(sub(cosine, margin), -alpha), mul(sub(1, own), LEFT_OUT)), over);
  const push = logSumExp(add(mul(add(cosine, margin), alpha), mul(own, LEFT_OUT)), over);
  return add(div(sum(pull), present), mul(sum(push), 1 / classes));
}

/** First values of the class proxies: Kaiming normal with fan-out, std √(2/C) (official code). */
export function proxyAnchorInitial(classes: number): Initializer {
  return { kind: 'normal', std: Math.sqrt(2 / classes) };
}

/** Scale and margin of the two losses with one proxy a class. */
export const PROXY_SETTINGS = {
  alpha: { default: 32, above: 0, about: 'sharpness of the loss, above 0' },
  margin: { default: 0.1, least: 0, most: 2, about: 'cosine margin, 0 to 2' },
} as const;

/** Proxy Anchor for the table of losses. */
export const proxyAnchorLoss = metricLoss({
  about: 'Proxy Anchor on cosine similarities',
  settings: PROXY_SETTINGS,
  proxies: (classes) => ({ count: classes, initial: proxyAnchorInitial(classes) }),
  build: ({ embeddings, labels, proxies }, settings) => proxyAnchor(embeddings, labels, proxies!, settings),
});
