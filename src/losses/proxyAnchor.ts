/**
 * Proxy Anchor loss (Kim et al., CVPR 2020, equation 4), as HIER's official code applies it: on the cosine of the
 * embeddings' ball coordinates with one free Euclidean proxy a class. No hyperbolic distance enters.
 */
import {
  add,
  constant,
  customGradient,
  div,
  gather,
  gemm,
  l2Normalize,
  logSumExp,
  mul,
  oneWhere,
  reciprocal,
  reshape,
  scatterElements,
  stopGradient,
  sub,
  sum,
  type Tensor,
} from '../graph/index.js';
import type { Initializer } from '../nn/index.js';
import { metricLoss } from './metricLoss.js';
import { LEFT_OUT, sameClass } from './similarities.js';

/** Options of {@link proxyAnchor} and of Proxy-NCA. */
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
  const [points, centres] = [l2Normalize(x), l2Normalize(proxies)];
  const bias = constant(alpha * margin, [classes], x.dtype);
  const exponents = gemm(mul(points, alpha), centres, { transB: true, bias });
  const push = logSumExp(leaveOutOwn(exponents, labels), { axes: [0], withZero: true });

  // Only B of the B × C similarities pull: each sample has the sum of its class, which counts once.
  const own = sum(mul(points, gather(centres, labels)), { axes: [1] });
  const together = oneWhere(sameClass(labels), x.dtype);
  const ofClass = add(mul(sub(reshape(own, [1, -1]), margin), -alpha), mul(sub(1, together), LEFT_OUT));
  const share = reciprocal(sum(together, { axes: [1] }));
  const pull = mul(logSumExp(ofClass, { axes: [1], withZero: true }), share);
  return add(div(sum(pull), sum(share)), mul(sum(push), 1 / classes));
}

/** Exponents `[B, C]` without those of each sample's own class; they get no gradient, since e to them is 0. */
function leaveOutOwn(exponents: Tensor, labels: Tensor): Tensor {
  const places = reshape(labels, [-1, 1]);
  const none = constant(LEFT_OUT, places.shape, exponents.dtype);
  return customGradient(scatterElements(stopGradient(exponents), places, none, 1), [exponents], ([g]) => [
    g!,
  ]);
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

/** Proxy Anchor for the registry of losses. */
export const proxyAnchorLoss = metricLoss({
  about: 'Proxy Anchor on cosine similarities',
  settings: PROXY_SETTINGS,
  proxies: (classes) => ({ count: classes, initial: proxyAnchorInitial(classes) }),
  build: ({ embeddings, labels, proxies }, settings) => proxyAnchor(embeddings, labels, proxies!, settings),
});
