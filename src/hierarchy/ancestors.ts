/**
 * The parent map of the paper's figure, in the space of the embeddings: every hierarchical proxy is below the
 * nearest proxy that is more central, every leaf below the nearest proxy that is not farther out than itself
 * (HIER supplement, Figure 1, where the same rule is applied to two-dimensional UMAP coordinates).
 */
import { UsageError } from '../errors.js';
import { arrange, type Reshaped } from './reshape.js';

/** Proxies and leaves as distances; nothing but distances enters. */
export interface AncestorInput {
  /** Distance to the origin of each proxy, `[P]`. */
  readonly proxyNorms: ArrayLike<number>;
  /** Distances among the proxies, `[P, P]`, row after row. */
  readonly betweenProxies: ArrayLike<number>;
  /** Distance to the origin of each leaf, `[N]`. */
  readonly leafNorms: ArrayLike<number>;
  /** Distances of leaves to proxies, `[N, P]`, row after row. */
  readonly toProxies: ArrayLike<number>;
}

/** Parents of proxies and leaves, as proxy numbers. */
export interface AncestorMap {
  /** The proxy above each proxy; -1 for the most central, the root. */
  readonly ofProxies: Int32Array;
  /** The proxy above each leaf. */
  readonly ofLeaves: Int32Array;
}

/**
 * Points clipped to one sphere have norms that differ by rounding alone: a proxy counts as farther out than a
 * leaf only when it is so by more than this share.
 */
const SAME_NORM = 1e-4;

/** Parents by distance. Among proxies of one norm the earlier counts as more central. */
export function ancestorMap({
  proxyNorms,
  betweenProxies,
  leafNorms,
  toProxies,
}: AncestorInput): AncestorMap {
  const proxies = proxyNorms.length;
  if (proxies === 0) throw new UsageError('Ancestors need at least one hierarchical proxy.');
  const outward = Array.from(proxyNorms, (_, k) => k).sort((a, b) => proxyNorms[a] - proxyNorms[b] || a - b);
  const ofProxies = new Int32Array(proxies).fill(-1);
  outward.forEach((proxy, place) => {
    let least = Number.POSITIVE_INFINITY;
    for (const candidate of outward.slice(0, place)) {
      const distance = betweenProxies[proxy * proxies + candidate];
      if (distance < least) [least, ofProxies[proxy]] = [distance, candidate];
    }
  });
  const ofLeaves = Int32Array.from(leafNorms, (norm, leaf) =>
    nearestInside(norm, proxyNorms, (k) => toProxies[leaf * proxies + k], outward[0]),
  );
  return { ofProxies, ofLeaves };
}

/** The nearest proxy that is not farther out than `norm`; the most central one where all are. */
export function nearestInside(
  norm: number,
  proxyNorms: ArrayLike<number>,
  distanceTo: (proxy: number) => number,
  centre: number,
): number {
  let [found, least] = [centre, Number.POSITIVE_INFINITY];
  for (let k = 0; k < proxyNorms.length; k++) {
    if (proxyNorms[k] > norm * (1 + SAME_NORM)) continue;
    const distance = distanceTo(k);
    if (distance < least) [least, found] = [distance, k];
  }
  return found;
}

/** The tree of a parent map. Before it was arranged, node N + k was proxy k; edges are as long as distances. */
export function ancestorTree(input: AncestorInput): Reshaped {
  const { betweenProxies, leafNorms, toProxies, proxyNorms } = input;
  const { ofProxies, ofLeaves } = ancestorMap(input);
  const [leaves, proxies] = [leafNorms.length, proxyNorms.length];
  const parent = [...ofLeaves, ...ofProxies].map((proxy) => (proxy < 0 ? -1 : leaves + proxy));
  const length = parent.map((above, node) => {
    if (above < 0) return 0;
    const proxy = above - leaves;
    return node < leaves
      ? toProxies[node * proxies + proxy]
      : betweenProxies[(node - leaves) * proxies + proxy];
  });
  return arrange({ leaves, parent, length });
}
