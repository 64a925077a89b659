/**
 * Trees from parent maps in any order, and trees with nodes taken out: what lies between a list of parents or a
 * dendrogram and the form of a `Tree`.
 */
import { UsageError } from '../errors.js';
import { childrenOf, type Tree } from './tree.js';

/** A tree with the origin of its nodes. */
export interface Reshaped {
  readonly tree: Tree;
  /** For every node of the new tree, the node it was before. */
  readonly from: Int32Array;
  /** For every node as it was before: itself, or the next node above it that stayed, as it is numbered now. */
  readonly to: Int32Array;
}

/** Options of {@link arrange}. */
export interface ParentMap {
  /** Number of leaves; they are nodes 0 … leaves - 1. */
  readonly leaves: number;
  /** Parent of every node, in any order; -1 for the one root. */
  readonly parent: ArrayLike<number>;
  /** Length of the edge to the parent. Default 1 each. */
  readonly length?: ArrayLike<number>;
  /** Which inner nodes may stay. Default all. */
  readonly keep?: (node: number) => boolean;
  /** Keep inner nodes with a single child too, so that depths and heights are those given. Default false. */
  readonly keepChains?: boolean;
}

/**
 * A parent map as a tree. Inner nodes without leaves are dropped. Those with one child left, and those that are
 * not to be kept, give their children to the next node above; edge lengths add up.
 * @throws UsageError when there is no leaf, not exactly one root, or a circle
 */
export function arrange({
  leaves,
  parent,
  length,
  keep = () => true,
  keepChains = false,
}: ParentMap): Reshaped {
  const nodes = parent.length;
  if (!(leaves >= 1 && leaves <= nodes)) throw new UsageError('This is not a tree: it has no leaves.');
  const order = bottomUp(parent);
  const root = order[nodes - 1];
  if (root < leaves && nodes > 1) throw new UsageError(`This is not a tree: its root is the leaf ${root}.`);

  const under = Array.from(parent).find((above) => above >= 0 && above < leaves);
  if (under !== undefined) throw new UsageError(`This is not a tree: the leaf ${under} has a child.`);
  const stays = new Uint8Array(nodes).fill(1, 0, leaves);
  for (const node of order) if (stays[node] && parent[node] >= 0) stays[parent[node]] = 1; // holds a leaf
  for (let node = leaves; node < nodes; node++) if (node !== root && !keep(node)) stays[node] = 0;
  const above = (node: number) => {
    let up = parent[node];
    while (up >= 0 && !stays[up]) up = parent[up];
    return up;
  };
  if (!keepChains) {
    const children = new Int32Array(nodes);
    for (const node of order) if (stays[node] && node !== root) children[above(node)]++;
    const single = Int32Array.from(order).filter((node) => node >= leaves && children[node] === 1);
    for (const node of single) if (node !== root || leaves > 1) stays[node] = 0;
  }

  const inner = order.filter((node) => node >= leaves && stays[node]);
  const from = new Int32Array(leaves + inner.length);
  for (let leaf = 0; leaf < leaves; leaf++) from[leaf] = leaf;
  from.set(inner, leaves);
  const place = new Int32Array(nodes).fill(-1);
  from.forEach((old, now) => {
    place[old] = now;
  });
  const top = from.length - 1;
  const upward = (node: number) => {
    const up = above(node);
    return up < 0 ? -1 : place[up];
  };
  const edge = (node: number) => {
    let sum = 0;
    for (let up = node; up >= 0 && (up === node || !stays[up]); up = parent[up])
      sum += length ? length[up] : 1;
    return sum;
  };
  return {
    tree: {
      leaves,
      parent: from.map(upward),
      length: Float64Array.from(from, (old, now) => (now === top ? 0 : edge(old))),
    },
    from,
    to: Int32Array.from(place, (now, old) => {
      if (now >= 0) return now;
      const up = upward(old);
      return up < 0 ? top : up;
    }),
  };
}

/** A tree without the inner nodes that are not to be kept; the root stays. */
export function collapse({ leaves, parent, length }: Tree, keep: (node: number) => boolean): Reshaped {
  return arrange({ leaves, parent, length, keep });
}

/** All nodes, children before parents; in the order given where it is such. */
function bottomUp(parent: ArrayLike<number>): Int32Array {
  const nodes = parent.length;
  const list = Int32Array.from(parent);
  const roots = list.filter((above) => above < 0).length;
  if (roots !== 1) throw new UsageError(`This is not a tree: it has ${roots} roots instead of one.`);
  if (list.some((above) => above >= nodes))
    throw new UsageError('This is not a tree: a parent is not one of its nodes.');
  if (list.every((above, node) => above > node || node === nodes - 1)) return Int32Array.from(list.keys());
  const { starts, items } = childrenOf({ parent: list });
  const order = new Int32Array(nodes);
  order[0] = list.indexOf(-1);
  let write = 1;
  for (let read = 0; read < write; read++)
    for (let at = starts[order[read]]; at < starts[order[read] + 1]; at++) order[write++] = items[at];
  if (write < nodes) throw new UsageError('This is not a tree: some nodes are their own ancestors.');
  return order.reverse();
}
