/**
 * Proxy Anchor loss (Kim et al., CVPR 2020, equation 4), as HIER's official code applies it: on the cosine of the
 * embeddings' ball coordinates with one free Euclidean proxy a class. No hyperbolic distance enters.
 */
import {
  add,
  div,
  equal,
  gemm,
  l2Normalize,
  logSumExp,
  mul,
  oneWhere,
  range,
  reduceMax,
  reshape,
  sub,
  sum,
  type Tensor,
  where,
} from '../graph/index.js';
import type { Initializer } from '../nn/index.js';

/** Settings of the loss. */
export interface ProxyAnchorOptions {
  /** Scale α of the similarities. */
  readonly alpha?: number;
  /** Margin δ. */
  readonly margin?: number;
}

/** An exponent that means "not in this sum": e to it is 0 in every float type. */
const LEFT_OUT = -1e9;

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
  const [b, classes] = [x.shape[0], proxies.shape[0]];
  const cosine = gemm(l2Normalize(x), l2Normalize(proxies), { transB: true });
  const own = equal(reshape(labels, [b, 1]), reshape(range(classes), [1, classes]));
  const present = sum(reduceMax(oneWhere(own, x.dtype), { axes: [0] }));

  const over = { axes: [0], withZero: true };
  const pull = logSumExp(where(own, mul(sub(cosine, margin), -alpha), LEFT_OUT), over);
  const push = logSumExp(where(own, LEFT_OUT, mul(add(cosine, margin), alpha)), over);
  return add(div(sum(pull), present), mul(sum(push), 1 / classes));
}

/** First values of the class proxies: Kaiming normal with fan-out, std √(2/C) (official code). */
export function proxyAnchorInitial(classes: number): Initializer {
  return { kind: 'normal', std: Math.sqrt(2 / classes) };
}
