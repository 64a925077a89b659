/**
 * A tree cut into a few levels that people can read. Of the inner nodes, those stay that stand out most: their members
 * times the length of the edge above them, summed, is the largest possible with so many on any way from the root to a leaf and
 * so many below any one (the excess of mass, by which HDBSCAN chooses clusters, over several levels). A node that holds
 * nearly all of what is above it is folded into that.
 */
import { collapse, type Reshaped } from './reshape.js';
import { leafOrder, rootDistances, type Tree } from './tree.js';

/** How many levels of inner nodes a tree is shown with, below its root: a number, or all that were built. */
export type Levels = number | 'all';

/** A child with this share of its parent's members says nothing that the parent does not: it is folded into that. */
const DOMINANT = 0.8;
/** Inner nodes below one at most, where those in between are there to stand for several. */
export const MOST_GROUPS = 12;
/** Children a node has on average in a tree of the default number of levels. */
const BRANCHES = 4;
/**
 * Edges shorter than this share of the way from the root to its lowest inner node are chance: what is above and below them is
 * one node. The leaves' own edges do not count, since items of one class may be far apart, and what is far for them is near
 * for classes.
 */
const SHORTEST = 0.02;
/** Most levels by default. */
const MOST_LEVELS = 5;
/** The square root of the leaves is this many times the members that a node must have; two are always enough in 100 leaves. */
const PART = 5;
/** Times that what was folded is given to other nodes. */
const ROUNDS = 60;

/** Levels for some number of leaves: with about four children a node they reach all of them; from 1 to 5. */
export function defaultLevels(leaves: number): number {
  const depth = Math.ceil(Math.log(Math.max(2, leaves)) / Math.log(BRANCHES) - 1e-9) - 1;
  return Math.min(MOST_LEVELS, Math.max(1, depth));
}

/**
 * The tree with at most `levels` inner nodes between its root and any leaf, and at most `groups` inner nodes below each. A node
 * with next to no edge above it is left out unless the bound needs it, and so is one of very few of many leaves. No node has a child that is an inner node with four fifths
 * or more of its members.
 */
export function cutLevels(tree: Tree, levels: number, groups: number = MOST_GROUPS): Reshaped {
  const { counts } = leafOrder(tree);
  const smallest = Math.max(2, Math.floor(Math.sqrt(tree.leaves) / PART));
  const folded = Uint8Array.from(counts, (count) => Number(count < smallest));
  for (let round = 0; ; round++) {
    const stays = standingOut(tree, { counts, levels, groups, folded });
    const found = foldDominant(tree, counts, stays, folded);
    if (found === 0 || round === ROUNDS) return collapse(tree, (node) => stays[node] === 1 && !folded[node]);
  }
}

interface Bounds {
  /** Leaves under each node. */
  readonly counts: Int32Array;
  readonly levels: number;
  readonly groups: number;
  /** Nodes that may not stay, 1 or 0 for each. */
  readonly folded: Uint8Array;
}

/** The nodes that stay, 1 or 0 for each. */
function standingOut(tree: Tree, { counts, levels, groups, folded }: Bounds): Uint8Array {
  const { leaves, parent } = tree;
  const nodes = parent.length;
  const inner = nodes - leaves;
  const row = groups + 1;
  const plane = (levels + 1) * row;
  const gainOf = gains(tree, counts);
  // below[node, l, g]: the most that the nodes below one can sum up to with l on any way down and g that are the first on theirs.
  const below = new Float64Array(inner * plane);
  // shares[node, l, g]: how many of the g that were given to it and those before it below one parent are its own.
  const shares = new Uint16Array(inner * plane);
  const best = new Float64Array(row);
  const joined = new Float64Array(row);
  const kept = (node: number, left: number) =>
    left === 0 || folded[node]
      ? Number.NEGATIVE_INFINITY
      : gainOf[node] + below[(node - leaves) * plane + (left - 1) * row + groups];
  for (let node = leaves; node < nodes - 1; node++)
    for (let left = 0; left <= levels; left++) {
      const own = (node - leaves) * plane + left * row;
      const above = (parent[node] - leaves) * plane + left * row;
      const whole = kept(node, left);
      for (let g = 0; g < row; g++) best[g] = g > 0 && whole > below[own + g] ? whole : below[own + g];
      for (let g = 0; g < row; g++) {
        let [most, share] = [-1, 0];
        for (let mine = 0; mine <= g; mine++) {
          const sum = below[above + g - mine] + best[mine];
          if (sum > most) [most, share] = [sum, mine];
        }
        joined[g] = most;
        shares[own + g] = share;
      }
      below.set(joined, above);
    }
  return traced(tree, {
    levels,
    groups,
    shares,
    isKept: (node, left, g) => {
      const own = (node - leaves) * plane + left * row;
      return g > 0 && kept(node, left) > below[own + g];
    },
  });
}

interface Found {
  readonly levels: number;
  readonly groups: number;
  readonly shares: Uint16Array;
  readonly isKept: (node: number, left: number, groups: number) => boolean;
}

/** Goes from the root down through what was found best. */
function traced({ leaves, parent }: Tree, { levels, groups, shares, isKept }: Found): Uint8Array {
  const nodes = parent.length;
  const row = groups + 1;
  const stays = new Uint8Array(nodes);
  const left = new Int32Array(nodes);
  /** What is still to be given to the children of a node, which come in reverse here, as shares were found. */
  const open = new Int32Array(nodes);
  stays[nodes - 1] = 1;
  left[nodes - 1] = levels;
  open[nodes - 1] = groups;
  for (let node = nodes - 2; node >= leaves; node--) {
    const up = parent[node];
    left[node] = left[up];
    const share = shares[(node - leaves) * (levels + 1) * row + left[node] * row + open[up]];
    open[up] -= share;
    open[node] = share;
    if (!isKept(node, left[node], share)) continue;
    stays[node] = 1;
    left[node]--;
    open[node] = groups;
  }
  return stays;
}

/** Members times the edge above, beyond what is chance. */
function gains(tree: Tree, counts: Int32Array): Float64Array {
  const shortest =
    SHORTEST *
    rootDistances(tree)
      .subarray(tree.leaves)
      .reduce((most, distance) => Math.max(most, distance), 0);
  return tree.length.map((length, node) => counts[node] * Math.max(0, length - shortest));
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
