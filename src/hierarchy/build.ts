/**
 * Builds a hierarchy over points in one of three ways: from the learned ancestors by the distances that the loss
 * uses (`lca`), from the parent map of the paper's figure (`ancestors`), or from the points alone (`linkage`,
 * the baseline). Where points come from, and what their names are, is not known here.
 */

import { UsageError } from '../errors.js';
import { checkedRows } from '../retrieval/checkedRows.js';
import { rowDistance } from '../retrieval/distances.js';
import { rowAt } from '../rows.js';
import { ancestorTree } from './ancestors.js';
import { lcaDissimilarities, type Points, pairDistances, proxyDistances } from './dissimilarity.js';
import { dendrogram, type Linkage, linkage } from './linkage.js';
import { collapse } from './reshape.js';
import type { Tree } from './tree.js';

/** The ways to build a tree. */
export type Construction = 'lca' | 'ancestors' | 'linkage';

/** Names of the constructions. */
export const CONSTRUCTIONS: readonly Construction[] = ['lca', 'ancestors', 'linkage'];

/** Options of {@link buildTree}. */
export interface BuildOptions {
  /** The leaves: images, or means of classes. */
  readonly points: Points;
  /** Hierarchical proxies in the same space, `[P, d]`; not needed for `linkage`. */
  readonly proxies?: Float32Array | undefined;
  /** Default `lca`. */
  readonly construction?: Construction;
  /** How clusters are compared in `lca` and `linkage`. Default average. */
  readonly by?: Linkage;
}

/** A tree and what its nodes are. */
export interface BuiltTree {
  readonly construction: Construction;
  readonly tree: Tree;
  /** The proxy that stands at each node; -1 at leaves, and at all nodes of `linkage`. */
  readonly proxyOf: Int32Array;
  /** The node that a proxy stands at, or the next one above it; empty for `lca` and `linkage`. */
  readonly nodeOfProxy: Int32Array;
}

/** Builds a tree. Throws `UsageError` when there are no proxies but they are needed, or too many points. */
export function buildTree({
  points,
  proxies,
  construction = 'lca',
  by = 'average',
}: BuildOptions): BuiltTree {
  if (construction === 'linkage') {
    const tree = dendrogram(linkage(pairDistances(points), by));
    const proxyOf = new Int32Array(tree.parent.length).fill(-1);
    return { construction, tree, proxyOf, nodeOfProxy: new Int32Array(0) };
  }
  if (!proxies?.length)
    throw new UsageError(
      `The construction "${construction}" needs hierarchical proxies; without any, use "linkage".`,
    );
  return construction === 'lca' ? lcaTree(points, proxies, by) : figureTree(points, proxies);
}

/** Distance of every point to the origin: hyperbolic, or the Euclidean norm in a flat space. */
export function normsOf(points: Points): Float64Array {
  const set = checkedRows(points, 'points');
  const metric = points.metric === 'cosine' ? 'euclidean' : points.metric;
  const origin = checkedRows({ values: new Float32Array(points.dim), dim: points.dim }, 'origins');
  const distance = rowDistance(metric, points.curvature, set, origin);
  return Float64Array.from({ length: set.count }, (_, i) => distance(i, 0));
}

/** A tree as it is shown, and where the nodes of the built one went. */
export interface ShownTree extends BuiltTree {
  /** For every node of the built tree, the node of this one that stands for it. */
  readonly to: Int32Array;
}

/**
 * The tree as it is shown: in an `lca` tree, merges at the same proxy one above the other are one node. Other
 * trees are as they are.
 */
export function shownTree(built: BuiltTree): ShownTree {
  const { tree, proxyOf, construction } = built;
  if (construction !== 'lca') return { ...built, to: Int32Array.from(tree.parent.keys()) };
  const shown = collapse(tree, (node) => proxyOf[node] !== proxyOf[tree.parent[node]]);
  return { ...built, tree: shown.tree, proxyOf: shown.from.map((node) => proxyOf[node]), to: shown.to };
}

function lcaTree(points: Points, proxies: Float32Array, by: Linkage): BuiltTree {
  const count = proxies.length / points.dim;
  const toProxies = proxyDistances(points, proxies);
  const merges = linkage(lcaDissimilarities(toProxies, count), by);
  const { pairs, heights } = merges;
  // The ancestor of a set is the proxy whose farthest member is nearest, as it is for a pair.
  const farthest: Float64Array[] = [];
  const proxyOf = new Int32Array(merges.count + heights.length).fill(-1);
  const rowOf = (node: number) =>
    node < merges.count ? rowAt({ values: toProxies, dim: count }, node) : farthest[node - merges.count];
  heights.forEach((_, k) => {
    const [a, b] = [rowOf(pairs[2 * k]), rowOf(pairs[2 * k + 1])];
    const row = a.map((value, proxy) => Math.max(value, b[proxy]));
    farthest[k] = row;
    proxyOf[merges.count + k] = row.indexOf(Math.min(...row));
  });
  return { construction: 'lca', tree: dendrogram(merges), proxyOf, nodeOfProxy: new Int32Array(0) };
}

function figureTree(points: Points, proxies: Float32Array): BuiltTree {
  if (points.metric !== 'hyperbolic')
    throw new UsageError(
      'The construction "ancestors" asks who is more central, and without curvature all points are equally far out. Use "lca" or "linkage".',
    );
  const ofProxies = { ...points, values: proxies };
  const leafNorms = normsOf(points);
  const { tree, from, to } = ancestorTree({
    proxyNorms: normsOf(ofProxies),
    betweenProxies: proxyDistances(ofProxies, proxies),
    leafNorms,
    toProxies: proxyDistances(points, proxies),
  });
  const leaves = leafNorms.length;
  return {
    construction: 'ancestors',
    tree,
    proxyOf: from.map((node) => (node < leaves ? -1 : node - leaves)),
    nodeOfProxy: to.slice(leaves),
  };
}
