/**
 * A rooted tree over leaves as flat arrays, and what can be asked of any such tree. Learned hierarchies,
 * dendrograms and taxonomies are all of this form. What a node means (classes, proxies, names) is not known here.
 */
import { UsageError } from '../errors.js';

/**
 * A rooted tree. Nodes 0 … leaves - 1 are the leaves, the others inner nodes. A child comes before its parent,
 * and the root is the last node, so a loop over the nodes goes from the leaves up.
 */
export interface Tree {
  /** Number of leaves, N. */
  readonly leaves: number;
  /** Parent of every node; -1 for the root. */
  readonly parent: Int32Array;
  /** Length of the edge to the parent, at least 0; 0 for the root. */
  readonly length: Float64Array;
}

/** Lists of nodes, one after another: list i is `items[starts[i] … starts[i + 1] - 1]`. */
export interface NodeLists {
  readonly starts: Int32Array;
  readonly items: Int32Array;
}

/** Leaves in an order in which those under any node stand together. */
export interface LeafOrder {
  /** Leaf at each place, `[N]`. */
  readonly order: Int32Array;
  /** Place of the first leaf under each node. */
  readonly first: Int32Array;
  /** Number of leaves under each node; 1 for a leaf. */
  readonly counts: Int32Array;
}

/** Throws `UsageError` unless the arrays are a tree as {@link Tree} says. */
export function checkTree({ leaves, parent, length }: Tree): void {
  const nodes = parent.length;
  const fail = (what: string) => new UsageError(`This is not a tree: ${what}.`);
  if (!(Number.isInteger(leaves) && leaves >= 1 && leaves <= nodes))
    throw fail(`${leaves} leaves among ${nodes} nodes`);
  if (length.length !== nodes) throw fail(`${length.length} edge lengths for ${nodes} nodes`);
  if (parent[nodes - 1] !== -1) throw fail('the last node must be the root, with parent -1');
  const inner = new Uint8Array(nodes);
  for (let node = 0; node < nodes - 1; node++) {
    const above = parent[node];
    if (!(above > node && above < nodes))
      throw fail(`the parent of node ${node} is ${above}; it must come later`);
    if (above < leaves) throw fail(`node ${node} is under the leaf ${above}`);
    inner[above] = 1;
  }
  for (let node = 0; node < nodes; node++)
    if (!(length[node] >= 0)) throw fail(`the edge above node ${node} has length ${length[node]}`);
  const bare = inner.indexOf(0, leaves);
  if (bare >= 0) throw fail(`inner node ${bare} has no children`);
}

/** The children of every node, in ascending order. */
export function childrenOf({ parent }: Pick<Tree, 'parent'>): NodeLists {
  const starts = new Int32Array(parent.length + 1);
  for (const above of parent) if (above >= 0) starts[above + 1]++;
  for (let node = 0; node < parent.length; node++) starts[node + 1] += starts[node];
  const next = starts.slice();
  const items = new Int32Array(Math.max(0, parent.length - 1));
  parent.forEach((above, node) => {
    if (above >= 0) items[next[above]++] = node;
  });
  return { starts, items };
}

/** Number of edges between every node and the root. */
export function depthsOf({ parent }: Pick<Tree, 'parent'>): Int32Array {
  const depths = new Int32Array(parent.length);
  for (let node = parent.length - 2; node >= 0; node--) depths[node] = depths[parent[node]] + 1;
  return depths;
}

/** Number of edges to the farthest leaf below every node; 0 for a leaf (Deng et al. 2010). */
export function heightsOf({ parent }: Pick<Tree, 'parent'>): Int32Array {
  const heights = new Int32Array(parent.length);
  for (let node = 0; node < parent.length - 1; node++)
    heights[parent[node]] = Math.max(heights[parent[node]], heights[node] + 1);
  return heights;
}

/** Sum of edge lengths between every node and the root. */
export function rootDistances({ parent, length }: Tree): Float64Array {
  const distances = new Float64Array(parent.length);
  for (let node = parent.length - 2; node >= 0; node--)
    distances[node] = distances[parent[node]] + length[node];
  return distances;
}

/** Leaves from left to right. */
export function leafOrder({ leaves, parent }: Tree): LeafOrder {
  const nodes = parent.length;
  const counts = new Int32Array(nodes).fill(1, 0, leaves);
  for (let node = 0; node < nodes - 1; node++) counts[parent[node]] += counts[node];
  const first = new Int32Array(nodes);
  const used = new Int32Array(nodes);
  for (let node = nodes - 2; node >= 0; node--) {
    const above = parent[node];
    used[above] += counts[node];
    first[node] = first[above] + counts[above] - used[above];
  }
  const order = new Int32Array(leaves);
  for (let leaf = 0; leaf < leaves; leaf++) order[first[leaf]] = leaf;
  return { order, first, counts };
}

/** The leaves under a node. */
export function membersOf({ order, first, counts }: LeafOrder, node: number): Int32Array {
  return order.subarray(first[node], first[node] + counts[node]);
}

/** The deepest node above (or equal to) both. */
export function commonAncestor({ parent }: Pick<Tree, 'parent'>, a: number, b: number): number {
  while (a !== b)
    if (a < b) a = parent[a];
    else b = parent[b];
  return a;
}

/** Calls `visit` once for every unordered pair of leaves, with their deepest common ancestor; N² / 2 calls. */
export function forEachPair(tree: Tree, visit: (i: number, j: number, ancestor: number) => void): void {
  const { starts, items } = childrenOf(tree);
  const leaves = leafOrder(tree);
  for (let node = tree.leaves; node < tree.parent.length; node++)
    for (let right = starts[node] + 1; right < starts[node + 1]; right++)
      for (let left = starts[node]; left < right; left++)
        for (const i of membersOf(leaves, items[left]))
          for (const j of membersOf(leaves, items[right])) visit(i, j, node);
}

/** Path length between two leaves through the tree, for all pairs: `[N, N]`, row after row. */
export function pathLengths(tree: Tree): Float64Array {
  const { leaves } = tree;
  const toRoot = rootDistances(tree);
  const lengths = new Float64Array(leaves * leaves);
  forEachPair(tree, (i, j, ancestor) => {
    lengths[i * leaves + j] = lengths[j * leaves + i] = toRoot[i] + toRoot[j] - 2 * toRoot[ancestor];
  });
  return lengths;
}
