/**
 * Proxy-NCA (Movshovitz-Attias et al., ICCV 2017) in the form of HIER's official code: scale and margin of Proxy
 * Anchor, but the sums run over the classes of each sample instead of over the samples of each class.
 */
import { add, logSumExp, mean, mul, sub, type Tensor, where } from '../graph/index.js';
import { metricLoss } from './metricLoss.js';
import { PROXY_SETTINGS, type ProxyAnchorOptions, proxyAnchorInitial } from './proxyAnchor.js';
import { cosines, LEFT_OUT, ownClass } from './similarities.js';

/**
 * The loss, a scalar: mean over samples of ln(1 + e^(−α(s_own − δ))) + ln(1 + Σ_others e^(α(s + δ))), with s the
 * cosines with the proxies.
 * @param x embeddings `[B, d]`
 * @param labels class of each `[B]`, int32, in [0, C)
 * @param proxies `[C, d]`; their length does not matter
 */
export function proxyNca(
  x: Tensor,
  labels: Tensor,
  proxies: Tensor,
  { alpha = 32, margin = 0.1 }: ProxyAnchorOptions = {},
): Tensor {
  const cosine = cosines(x, proxies);
  const own = ownClass(labels, proxies.shape[0]);
  const over = { axes: [1], withZero: true };
  const pull = logSumExp(where(own, mul(sub(cosine, margin), -alpha), LEFT_OUT), over);
  const push = logSumExp(where(own, LEFT_OUT, mul(add(cosine, margin), alpha)), over);
  return mean(add(pull, push));
}

/** Proxy-NCA for the registry of losses. */
export const proxyNcaLoss = metricLoss({
  about: 'Proxy-NCA on cosine similarities',
  settings: PROXY_SETTINGS,
  proxies: (classes) => ({ count: classes, initial: proxyAnchorInitial(classes) }),
  build: ({ embeddings, labels, proxies }, settings) => proxyNca(embeddings, labels, proxies!, settings),
});
