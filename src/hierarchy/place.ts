/** Where new points belong in a tree that was built without them. The tree stays as it is. */
import { UsageError } from '../errors.js';
import { checkedRows } from '../retrieval/checkedRows.js';
import { rowDistance } from '../retrieval/distances.js';
import { nearestInside } from './ancestors.js';
import { type BuiltTree, normsOf } from './build.js';
import { needsProxies } from './constructions.js';
import { type Points, proxyDistances } from './dissimilarity.js';
import { leafOrder, membersOf } from './tree.js';

/** Where a point belongs. */
export interface Placement {
  /** The node it would be a child of, or the leaf it coincides with. */
  readonly node: number;
  /** Nodes from the root to `node`. */
  readonly path: readonly number[];
  /** The leaf nearest to it in the space of the embeddings. */
  readonly nearest: number;
  /** Distance to that leaf. */
  readonly distance: number;
}

/** Options of {@link placeInTree}. */
export interface PlaceOptions {
  readonly built: BuiltTree;
  /** The points of its leaves. */
  readonly points: Points;
  /** The proxies it was built with. */
  readonly proxies?: Float32Array | undefined;
  /** New points of the same space, `[M, d]`. */
  readonly added: Float32Array;
}

/**
 * Places new points. In an `ancestors` tree a point goes under the nearest proxy that is not farther out. In trees of
 * average linkage of these points it starts at the leaf least dissimilar to it and rises until the node is at least as high
 * as the point's mean dissimilarity to the leaves under it. In all others it goes beside the leaf nearest to it.
 */
export function placeInTree({ built, points, proxies, added }: PlaceOptions): Placement[] {
  const { construction, tree } = built;
  const { dim, metric, curvature } = points;
  const leaves = checkedRows(points, 'points');
  const news = checkedRows({ values: added, dim }, 'new points');
  if (leaves.count !== tree.leaves)
    throw new UsageError(`${leaves.count} points were given for a tree of ${tree.leaves} leaves.`);
  if (needsProxies(construction) && !proxies?.length)
    throw new UsageError(`The tree was built with proxies; give them to place points in it.`);
  const distance = rowDistance(metric, curvature, news, leaves);
  const places = construction === 'ancestors' ? underProxies(built, points, proxies!, added) : undefined;
  const lca = construction === 'lca' ? lcaTo(points, proxies!, added) : undefined;
  const order = leafOrder(tree);
  const heights = levelsAbove(built);
  return Array.from({ length: news.count }, (_, row) => {
    let nearest = 0;
    for (let leaf = 1; leaf < leaves.count; leaf++)
      if (distance(row, leaf) < distance(row, nearest)) nearest = leaf;
    const node =
      places?.[row] ??
      besideNearest(built, nearest) ??
      rise(built, order, heights, lca ? (leaf) => lca(row, leaf) : (leaf) => distance(row, leaf));
    return { node, path: pathTo(built, node), nearest, distance: distance(row, nearest) };
  });
}

/** The node above the nearest leaf, in trees whose heights are not mean distances of these points. */
function besideNearest({ construction, tree }: BuiltTree, nearest: number): number | undefined {
  if (construction === 'lca' || construction === 'linkage') return undefined;
  return tree.parent[nearest] < 0 ? nearest : tree.parent[nearest];
}

function rise(
  { tree }: BuiltTree,
  order: ReturnType<typeof leafOrder>,
  heights: Float64Array,
  dissimilarity: (leaf: number) => number,
): number {
  const values = Float64Array.from({ length: tree.leaves }, (_, leaf) => dissimilarity(leaf));
  let node = values.indexOf(Math.min(...values));
  for (; tree.parent[node] >= 0; node = tree.parent[node]) {
    const members = membersOf(order, node);
    const mean = members.reduce((sum, leaf) => sum + values[leaf], 0) / members.length;
    if (mean <= heights[node]) break;
  }
  return node;
}

/** The height at which the leaves under each node of a dendrogram met; 0 for a leaf. */
function levelsAbove({ tree }: BuiltTree): Float64Array {
  const heights = new Float64Array(tree.parent.length);
  for (let node = 0; node < tree.parent.length - 1; node++)
    heights[tree.parent[node]] = Math.max(heights[tree.parent[node]], heights[node] + 2 * tree.length[node]);
  return heights;
}

function underProxies(
  built: BuiltTree,
  points: Points,
  proxies: Float32Array,
  added: Float32Array,
): number[] {
  const proxyNorms = normsOf({ ...points, values: proxies });
  const count = proxyNorms.length;
  const centre = proxyNorms.indexOf(Math.min(...proxyNorms));
  const distances = proxyDistances({ ...points, values: added }, proxies);
  return Array.from(normsOf({ ...points, values: added }), (norm, row) => {
    const proxy = nearestInside(norm, proxyNorms, (k) => distances[row * count + k], centre);
    return built.nodeOfProxy[proxy];
  });
}

/** LCA dissimilarity of new points to leaves. */
function lcaTo(
  points: Points,
  proxies: Float32Array,
  added: Float32Array,
): (row: number, leaf: number) => number {
  const count = proxies.length / points.dim;
  const [mine, theirs] = [
    proxyDistances({ ...points, values: added }, proxies),
    proxyDistances(points, proxies),
  ];
  return (row, leaf) => {
    let best = Number.POSITIVE_INFINITY;
    for (let k = 0; k < count; k++)
      best = Math.min(best, Math.max(mine[row * count + k], theirs[leaf * count + k]));
    return best;
  };
}

function pathTo({ tree }: BuiltTree, node: number): number[] {
  const path: number[] = [];
  for (let up = node; up >= 0; up = tree.parent[up]) path.push(up);
  return path.reverse();
}
