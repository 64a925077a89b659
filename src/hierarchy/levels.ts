/**
 * A tree cut into a few levels that people can read. Of the inner nodes, those stay that stand out most: their members
 * times the length of the edge above them, summed, is the largest possible with so many on any way from the root to a leaf
 * (the excess of mass, by which HDBSCAN chooses clusters, over several levels). A node that holds nearly all of what is
 * above it is folded into that.
 */
import { collapse, type Reshaped } from './reshape.js';
import { leafOrder, rootDistances, type Tree } from './tree.js';

/** How many levels of inner nodes a tree is shown with, below its root: a number, or all that were built. */
export type Levels = number | 'all';

/** A child with this share of its parent's members says nothing that the parent does not. */
const DOMINANT = 0.9;
/** Children a node has on average in a tree of the default number of levels. */
const BRANCHES = 3;
/**
 * Edges shorter than this share of the way from the root to its lowest inner node are chance: what is above and below them is
 * one node. The leaves' own edges do not count, since items of one class may be far apart, and what is far for them is near
 * for classes.
 */
const SHORTEST = 0.02;
/** Most levels by default. */
const MOST_LEVELS = 8;
/** Times that what was folded is given to other nodes. */
const ROUNDS = 4;

/** Levels for some number of leaves: with about three children a node they reach all of them. */
export function defaultLevels(leaves: number): number {
  const depth = Math.ceil(Math.log(Math.max(2, leaves)) / Math.log(BRANCHES) - 1e-9);
  return Math.min(MOST_LEVELS, Math.max(1, depth));
}

/** The tree with at most `levels` inner nodes between its root and any leaf; nodes with next to no edge above them are left out. */
export function cutLevels(tree: Tree, levels: number): Reshaped {
  const { counts } = leafOrder(tree);
  const folded = new Uint8Array(tree.parent.length);
  for (let round = 0; ; round++) {
    const stays = standingOut(tree, counts, levels, folded);
    const found = foldDominant(tree, counts, stays, folded);
    if (found === 0 || round === ROUNDS) return collapse(tree, (node) => stays[node] === 1 && !folded[node]);
  }
}

/** The nodes that stay, 1 or 0 for each. */
function standingOut(tree: Tree, counts: Int32Array, levels: number, folded: Uint8Array): Uint8Array {
  const { leaves, parent, length } = tree;
  const nodes = parent.length;
  const root = nodes - 1;
  const row = levels + 1;
  // best[node, l]: the most that the nodes at and below one can sum up to with l of them on any way down.
  const best = new Float64Array(nodes * row);
  const below = new Float64Array(nodes * row);
  const shortest =
    SHORTEST *
    rootDistances(tree)
      .subarray(leaves)
      .reduce((most, distance) => Math.max(most, distance), 0);
  const gain = (node: number) => (folded[node] ? 0 : counts[node] * Math.max(0, length[node] - shortest));
  for (let node = 0; node < root; node++)
    for (let left = 0; left <= levels; left++) {
      const at = node * row + left;
      const kept = node < leaves || left === 0 ? 0 : gain(node) + below[at - 1];
      best[at] = Math.max(kept, below[at]);
      below[parent[node] * row + left] += best[at];
    }
  const stays = new Uint8Array(nodes);
  const left = new Int32Array(nodes);
  left[root] = levels;
  stays[root] = 1;
  for (let node = root - 1; node >= leaves; node--) {
    left[node] = left[parent[node]];
    const at = node * row + left[node];
    if (left[node] === 0 || gain(node) === 0 || gain(node) + below[at - 1] <= below[at]) continue;
    stays[node] = 1;
    left[node]--;
  }
  return stays;
}

/** Marks nodes that hold nearly all of the next node above that stays, from the root down. Returns how many. */
function foldDominant(
  { leaves, parent }: Tree,
  counts: Int32Array,
  stays: Uint8Array,
  folded: Uint8Array,
): number {
  let found = 0;
  for (let node = parent.length - 2; node >= leaves; node--) {
    if (!stays[node]) continue;
    let up = parent[node];
    while (!stays[up] || folded[up]) up = parent[up];
    if (counts[node] < DOMINANT * counts[up]) continue;
    folded[node] = 1;
    found++;
  }
  return found;
}
