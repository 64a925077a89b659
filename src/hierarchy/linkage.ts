/**
 * Agglomerative clustering of any dissimilarities by the nearest-neighbour chain (Murtagh 1983), O(N²) time,
 * with the updates of Lance and Williams (1967): the dendrogram that SciPy's `linkage` gives, ties aside.
 */
import { UsageError } from '../errors.js';
import type { Dissimilarities } from './dissimilarity.js';
import type { Tree } from './tree.js';

/** How far two clusters are from each other: the nearest pair, the mean pair, the farthest pair, or Ward's increase. */
export type Linkage = 'single' | 'average' | 'complete' | 'ward';

/** Merges in rising order of height; merge k makes node N + k. */
export interface Merges {
  /** Number of items, N. */
  readonly count: number;
  /** The two nodes of each merge, the lower number first, `[N - 1, 2]`. */
  readonly pairs: Int32Array;
  /** Dissimilarity of the two, `[N - 1]`. */
  readonly heights: Float64Array;
}

/** Dissimilarity of cluster k to the union of i and j, from those to i and to j. */
type Update = (ik: number, jk: number, ij: number, ni: number, nj: number, nk: number) => number;

const UPDATES: Readonly<Record<Linkage, Update>> = {
  single: (ik, jk) => Math.min(ik, jk),
  complete: (ik, jk) => Math.max(ik, jk),
  average: (ik, jk, _ij, ni, nj) => (ni * ik + nj * jk) / (ni + nj),
  ward: (ik, jk, ij, ni, nj, nk) =>
    Math.sqrt(Math.max(0, ((ni + nk) * ik * ik + (nj + nk) * jk * jk - nk * ij * ij) / (ni + nj + nk))),
};

/** Clusters the items. Throws `UsageError` without items or for a dissimilarity that is not a number of at least 0. */
export function linkage({ count, values }: Dissimilarities, kind: Linkage = 'average'): Merges {
  if (count < 1) throw new UsageError('There is nothing to cluster. Give at least one item.');
  if (!values.every((value) => value >= 0))
    throw new UsageError('Dissimilarities must be numbers of at least 0 to be clustered.');
  const update = UPDATES[kind];
  const d = values.slice();
  // Row i of the triangle begins at offset[i] + i + 1.
  const offset = Float64Array.from({ length: count }, (_, i) => i * count - (i * (i + 1)) / 2 - i - 1);
  const at = (i: number, j: number) => (i < j ? offset[i] + j : offset[j] + i);
  const size = new Int32Array(count).fill(1);
  const found: { a: number; b: number; height: number }[] = [];
  const chain: number[] = [];
  let first = 0;
  while (found.length < count - 1) {
    if (chain.length === 0) {
      while (size[first] === 0) first++;
      chain.push(first);
    }
    const end = chain[chain.length - 1];
    // The cluster before the end wins ties, so that the chain comes to its end.
    let nearest = chain.length > 1 ? chain[chain.length - 2] : -1;
    let least = nearest < 0 ? Number.POSITIVE_INFINITY : d[at(end, nearest)];
    for (let other = 0; other < count; other++) {
      if (size[other] === 0 || other === end) continue;
      const value = d[at(end, other)];
      if (value < least || nearest < 0) [least, nearest] = [value, other];
    }
    if (chain.length < 2 || nearest !== chain[chain.length - 2]) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    found.push({ a: end, b: nearest, height: least });
    // The union takes the place of one of the two.
    const [ni, nj] = [size[end], size[nearest]];
    for (let other = 0; other < count; other++) {
      if (size[other] === 0 || other === end || other === nearest) continue;
      const place = at(nearest, other);
      d[place] = update(d[at(end, other)], d[place], least, ni, nj, size[other]);
    }
    size[end] = 0;
    size[nearest] = ni + nj;
  }
  return numbered(count, found);
}

/** Merges in rising order, with clusters numbered by the merge that made them. */
function numbered(count: number, found: { a: number; b: number; height: number }[]): Merges {
  found.sort((x, y) => x.height - y.height);
  const pairs = new Int32Array(2 * found.length);
  const up = Int32Array.from({ length: 2 * count - 1 }, (_, node) => node);
  const clusterOf = (item: number) => {
    let node = item;
    while (up[node] !== node) node = up[node] = up[up[node]];
    return node;
  };
  found.forEach(({ a, b }, k) => {
    const [x, y] = [clusterOf(a), clusterOf(b)];
    pairs[2 * k] = Math.min(x, y);
    pairs[2 * k + 1] = Math.max(x, y);
    up[x] = up[y] = count + k;
  });
  return { count, pairs, heights: Float64Array.from(found, ({ height }) => height) };
}

/**
 * Merges as a binary tree. A node lies half its merge's height above the leaves, so that the path between two
 * leaves is as long as the height at which they met (their cophenetic distance).
 */
export function dendrogram({ count, pairs, heights }: Merges): Tree {
  const nodes = 2 * count - 1;
  const parent = new Int32Array(nodes).fill(-1);
  const length = new Float64Array(nodes);
  heights.forEach((height, k) => {
    for (const node of pairs.subarray(2 * k, 2 * k + 2)) {
      parent[node] = count + k;
      length[node] = Math.max(0, height - (node < count ? 0 : heights[node - count])) / 2;
    }
  });
  return { leaves: count, parent, length };
}
