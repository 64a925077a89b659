/**
 * Builds a hierarchy over points: from the learned ancestors by the distances that the loss uses (`lca`), from the parent
 * map of the paper's figure (`ancestors`), or by linkage of the embeddings, or of the features as they came. Which of
 * them is best, where points come from, and what their names are, is not known here.
 */

import { UsageError } from '../errors.js';
import { checkedRows } from '../retrieval/checkedRows.js';
import { rowDistance } from '../retrieval/distances.js';
import { rowAt } from '../rows.js';
import { ancestorTree } from './ancestors.js';
import { chamferDistances, type LeafItems } from './chamfer.js';
import { CONSTRUCTIONS, type Construction, factsOf } from './constructions.js';
import {
  type Dissimilarities,
  lcaDissimilarities,
  type Points,
  pairDistances,
  proxyDistances,
} from './dissimilarity.js';
import { cutLevels, type Levels } from './levels.js';
import { dendrogram, type Linkage, linkage } from './linkage.js';
import { collapse, type Reshaped } from './reshape.js';
import type { Tree } from './tree.js';

/** What a tree is built from. */
export interface TreeSources {
  /** The leaves: images, or means of classes. */
  readonly points: Points;
  /** Hierarchical proxies in the same space, `[P, d]`; needed by `lca` and `ancestors`. */
  readonly proxies?: Float32Array | undefined;
  /** The same leaves by the features as they came; needed by the constructions that begin with `features`. */
  readonly features?: Points | undefined;
  /** The items of the leaves, in both spaces, where leaves are sets: needed by `chamfer` and `features-chamfer`. */
  readonly sets?:
    | {
        readonly items: LeafItems['items'];
        readonly points: Points;
        readonly features?: Points | undefined;
      }
    | undefined;
}

/** Options of {@link buildTree}. */
export interface BuildOptions extends TreeSources {
  /** Default `lca`. */
  readonly construction?: Construction;
  /** How clusters are compared in `lca` and `linkage`, in place of the mean. */
  readonly by?: Linkage;
}

/** A tree and what its nodes are. */
export interface BuiltTree {
  readonly construction: Construction;
  readonly tree: Tree;
  /** The proxy that stands at each node; -1 at leaves, and at all nodes of trees without proxies. */
  readonly proxyOf: Int32Array;
  /** The node that a proxy stands at, or the next one above it; empty for all but `ancestors`. */
  readonly nodeOfProxy: Int32Array;
}

/** The constructions that can be built from some sources. */
export function possibleConstructions({ points, proxies, features, sets }: TreeSources): Construction[] {
  return CONSTRUCTIONS.filter((name) => {
    const facts = factsOf(name);
    if (facts.proxies) return !!proxies?.length && (name === 'lca' || points.metric === 'hyperbolic');
    if (facts.sets && !sets) return false;
    return facts.space === 'embeddings' || (facts.sets ? !!sets?.features : !!features);
  });
}

/** Builds a tree. Throws `UsageError` when what it is built from is missing, or there are too many points. */
export function buildTree({ construction = 'lca', by, ...sources }: BuildOptions): BuiltTree {
  const facts = factsOf(construction);
  const { points, proxies } = sources;
  if (facts.proxies) {
    if (!proxies?.length)
      throw new UsageError(
        `The construction "${construction}" needs hierarchical proxies; without any, use "linkage".`,
      );
    return construction === 'lca' ? lcaTree(points, proxies, by ?? 'average') : figureTree(points, proxies);
  }
  const kind = by ?? facts.by!;
  const distances = leafDistances(construction, sources);
  const tree = dendrogram(
    linkage(kind === 'ward' ? chords(distances, metricOf(facts, sources)) : distances, kind),
  );
  const proxyOf = new Int32Array(tree.parent.length).fill(-1);
  return { construction, tree, proxyOf, nodeOfProxy: new Int32Array(0) };
}

/** The distances of leaves that a construction without proxies clusters. Throws UsageError when its sources are missing. */
export function leafDistances(
  construction: Construction,
  { points, features, sets }: TreeSources,
): Dissimilarities {
  const { space, sets: asSets } = factsOf(construction);
  if (asSets) {
    const items = space === 'embeddings' ? sets?.points : sets?.features;
    if (!sets || !items)
      throw new UsageError(
        `The construction "${construction}" compares classes as sets of ${space}, and there are none here.`,
      );
    return chamferDistances({ points: items, items: sets.items });
  }
  if (space === 'embeddings') return pairDistances(points);
  if (!features)
    throw new UsageError(
      `The construction "${construction}" needs features from before the training, and there are none here: the run was not trained on vectors or a pretrained network. Use "linkage".`,
    );
  return pairDistances(features);
}

/** Ward's increase is of Euclidean distances: of directions, their chords. */
function chords(distances: Dissimilarities, metric: Points['metric']): Dissimilarities {
  if (metric !== 'cosine') return distances;
  return { ...distances, values: distances.values.map((value) => Math.sqrt(2 * value)) };
}

function metricOf(
  { space }: { readonly space: 'embeddings' | 'features' },
  { points, features }: TreeSources,
) {
  return (space === 'features' ? (features ?? points) : points).metric;
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
 * The tree as it is shown: in an `lca` tree, merges at the same proxy one above the other are one node; with `levels` the
 * tree is cut into so many. Without, other trees are as they are.
 */
export function shownTree(
  built: BuiltTree,
  { levels }: { readonly levels?: Levels | undefined } = {},
): ShownTree {
  const { tree, proxyOf, construction } = built;
  const whole: Reshaped = {
    tree,
    from: Int32Array.from(tree.parent.keys()),
    to: Int32Array.from(tree.parent.keys()),
  };
  const joined =
    construction === 'lca' ? collapse(tree, (node) => proxyOf[node] !== proxyOf[tree.parent[node]]) : whole;
  const cut = levels === undefined || levels === 'all' ? undefined : cutLevels(joined.tree, levels);
  const from = cut ? cut.from.map((node) => joined.from[node]) : joined.from;
  const to = cut ? joined.to.map((node) => cut.to[node]) : joined.to;
  return { ...built, tree: (cut ?? joined).tree, proxyOf: from.map((node) => proxyOf[node]), to };
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
