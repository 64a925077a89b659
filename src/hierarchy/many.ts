/**
 * A tree over more leaves than all pairs of which can be kept: centres of clusters first, a tree over these, and every leaf
 * under its centre. Memory grows with the leaves, not with their pairs. What is lost is the order within a cluster.
 */
import { nearestNeighbours } from '../retrieval/index.js';
import { joinValues, rowAt, takeRows } from '../rows.js';
import { type BuiltTree, buildTree, type TreeSources } from './build.js';
import { clusterCentres } from './clusterCentres.js';
import { type Construction, factsOf } from './constructions.js';
import type { Points } from './dissimilarity.js';
import { centreOfItems } from './leaves.js';
import { arrange } from './reshape.js';

/** Up to this many leaves a tree is over the leaves themselves. */
export const MOST_LEAVES = 4_000;
/** Clusters above it. */
const CENTRES = 1_000;

/** Options of {@link buildTreeOfMany}. */
export interface ManyOptions {
  /** Leaves up to which all pairs are compared. Default {@link MOST_LEAVES}. */
  readonly most?: number;
  /** Clusters above it. Default 1,000. */
  readonly centres?: number;
  readonly seed?: number;
}

/** A tree over any number of leaves; by centres of clusters when there are more than `most`. Throws as `buildTree`. */
export async function buildTreeOfMany(
  sources: TreeSources,
  construction: Construction,
  { most = MOST_LEAVES, centres: clusterCount = CENTRES, seed = 0 }: ManyOptions = {},
): Promise<BuiltTree> {
  const { points, features, proxies } = sources;
  const count = points.values.length / points.dim;
  if (count <= most) return buildTree({ ...sources, construction });
  const { space } = factsOf(construction);
  const of = space === 'features' ? features : points;
  const clusters = await clustersOf(of ?? points, clusterCount, seed);
  const centres = (set: Points): Points => ({
    ...set,
    values: joinValues(clusters.map((rows) => centreOfItems({ ...set, ...takeRows(set, rows) }))),
  });
  const above = buildTree({
    points: centres(points),
    proxies,
    features: features && centres(features),
    sets: sources.sets && { items: clusters, points, features },
    construction,
  });
  return withLeaves(above, clusters, count);
}

/** Rows of the points by the cluster that they are in; clusters without rows are left out. */
async function clustersOf(points: Points, count: number, seed: number): Promise<number[][]> {
  const rows = points.metric === 'cosine' ? directions(points) : points;
  const centres = await clusterCentres(rows, { count, seed });
  const { indices } = await nearestNeighbours({
    queries: rows.values,
    gallery: centres,
    dim: rows.dim,
    k: 1,
    metric: 'euclidean',
  });
  const clusters: number[][] = Array.from({ length: count }, () => []);
  indices.forEach((centre, row) => {
    clusters[centre].push(row);
  });
  return clusters.filter((list) => list.length > 0);
}

function directions({ values, dim }: Points) {
  const unit = values.slice();
  for (let row = 0; row < values.length / dim; row++) {
    const one = rowAt({ values: unit, dim }, row);
    let square = 0;
    for (const value of one) square += value * value;
    if (square > 0) for (let k = 0; k < dim; k++) one[k] /= Math.sqrt(square);
  }
  return { values: unit, dim };
}

/** The tree over clusters with their rows below them; a cluster of one row is that leaf. */
function withLeaves(above: BuiltTree, clusters: readonly (readonly number[])[], leaves: number): BuiltTree {
  const { tree, proxyOf, nodeOfProxy } = above;
  const nodes = tree.parent.length;
  const parent = new Int32Array(leaves + nodes);
  const length = new Float64Array(leaves + nodes);
  for (let node = 0; node < nodes; node++) {
    parent[leaves + node] = tree.parent[node] < 0 ? -1 : leaves + tree.parent[node];
    length[leaves + node] = tree.length[node];
  }
  clusters.forEach((rows, cluster) => {
    for (const row of rows) parent[row] = leaves + cluster;
  });
  const arranged = arrange({ leaves, parent, length });
  return {
    construction: above.construction,
    tree: arranged.tree,
    proxyOf: arranged.from.map((node) => (node < leaves ? -1 : proxyOf[node - leaves])),
    nodeOfProxy: nodeOfProxy.map((node) => arranged.to[leaves + node]),
  };
}
