/**
 * A taxonomy: a tree of named terms whose leaves are classes, and the two usual similarities of classes in it.
 * It is what a discovered tree is held against; nothing here is learned. Reading one from a file is not done here.
 */
import { DataError } from '../errors.js';
import { arrange } from './reshape.js';
import { commonAncestor, depthsOf, heightsOf, type Tree } from './tree.js';

/** A taxonomy of classes. */
export interface TermTree {
  /** Its leaves are classes; edges have length 1. */
  readonly tree: Tree;
  /** Name of every node. */
  readonly names: readonly string[];
  /** Edges to the farthest leaf below every node. */
  readonly heights: Int32Array;
  /** Edges to the root. */
  readonly depths: Int32Array;
  /** Names of the levels between root and classes, coarse to fine. */
  readonly levels: readonly string[];
}

/** Groups of classes as a data set knows them, from the coarsest level to the finest above the class. */
export interface LevelTerms {
  /** Names of the levels, coarse to fine. */
  readonly levels: readonly string[];
  /** `terms[level][label]`: the group that the class belongs to on that level. */
  readonly terms: readonly (readonly string[])[];
}

/** Name of a root that was added above several. */
const EVERYTHING = '(all)';

/**
 * The tree of parent–child pairs of names.
 * @param source what they come from, for messages
 * @param levels names of depths 1, 2, …; default "depth 1" and so on
 * @throws DataError when a child has two parents, or is its own ancestor
 */
export function termTree(
  pairs: readonly (readonly [parent: string, child: string])[],
  source: string,
  levels?: readonly string[],
): TermTree {
  if (pairs.length === 0) throw new DataError(`${source} names no terms.`);
  const above = new Map<string, string>();
  for (const [parent, child] of pairs) {
    const other = above.get(child);
    if (other !== undefined && other !== parent)
      throw new DataError(
        `${source}: "${child}" is under "${other}" and under "${parent}". A taxonomy here is a tree: each term has one parent.`,
      );
    above.set(child, parent);
  }
  const parents = new Set(above.values());
  const leaves = [...above.keys()].filter((name) => !parents.has(name));
  const roots = [...parents].filter((name) => !above.has(name));
  if (roots.length === 0 || leaves.length === 0)
    throw new DataError(`${source} is not a tree: its terms are their own ancestors.`);
  const given = [...leaves, ...parents, ...(roots.length > 1 ? [EVERYTHING] : [])];
  const number = new Map(given.map((name, node) => [name, node]));
  const parent = given.map((name) => {
    const up = above.get(name);
    if (up !== undefined) return number.get(up)!;
    return roots.length > 1 && name !== EVERYTHING ? given.length - 1 : -1;
  });
  let arranged: ReturnType<typeof arrange>;
  try {
    arranged = arrange({ leaves: leaves.length, parent, keepChains: true });
  } catch (cause) {
    throw new DataError(`${source} is not a tree: some of its terms are their own ancestors.`, { cause });
  }
  const { tree, from } = arranged;
  const depths = depthsOf(tree);
  const deepest = depths.reduce((most, depth) => Math.max(most, depth), 0);
  return {
    tree,
    names: Array.from(from, (node) => given[node]),
    heights: heightsOf(tree),
    depths,
    levels: Array.from({ length: Math.max(0, deepest - 1) }, (_, i) => levels?.[i] ?? `depth ${i + 1}`),
  };
}

/** The taxonomy of a data set as a tree, over all its classes. Terms are named `level/term` when levels share names. */
export function datasetTerms(
  { levels, terms }: LevelTerms,
  classes: readonly string[],
  source: string,
): TermTree {
  const used = new Map<string, string>(classes.map((name) => [name, 'class']));
  const nameOf = (level: number, term: string) => {
    const owner = used.get(term);
    if (owner === undefined) used.set(term, levels[level]);
    return used.get(term) === levels[level] ? term : `${levels[level]}/${term}`;
  };
  const root = nameOf(-1, EVERYTHING);
  const pairs = classes.flatMap((name, label) => {
    const path = [root, ...levels.map((_, level) => nameOf(level, terms[level][label])), name];
    return path.slice(1).map((child, i) => [path[i], child] as const);
  });
  return termTree(pairs, source, levels);
}

/**
 * The leaf of each class. A class is found by its name, or by the number its name begins with (`001.Albatross` is
 * found as `1`), as in CUB-200-2011.
 * @throws DataError when some are not found
 */
export function leavesOfClasses(
  { tree, names }: TermTree,
  classes: readonly string[],
  source: string,
): Int32Array {
  const leaves = new Map(names.slice(0, tree.leaves).map((name, leaf) => [name, leaf]));
  const found = Int32Array.from(classes, (name) => {
    const digits = /^0*(\d+)(?=$|\.)/.exec(name)?.[1];
    return leaves.get(name) ?? (digits === undefined ? undefined : leaves.get(digits)) ?? -1;
  });
  const missing = classes.filter((_, i) => found[i] < 0);
  if (missing.length > 0)
    throw new DataError(
      `${missing.length} of ${classes.length} classes are not among the ${tree.leaves} leaves of ${source}: ${missing.slice(0, 5).join(', ')}${missing.length > 5 ? ', …' : ''}. Its leaves are named like "${names[0]}".`,
    );
  return found;
}

/** The term of each leaf on a level (0 is the coarsest): a node, the leaf itself where it lies higher up. */
export function termsOnLevel(
  { tree, depths }: TermTree,
  leaves: ArrayLike<number>,
  level: number,
): Int32Array {
  return Int32Array.from(leaves, (leaf) => {
    let node = leaf;
    while (depths[node] > level + 1) node = tree.parent[node];
    return node;
  });
}

/**
 * LCA height distance (Deng et al. 2010; Bertinetto et al. 2020): height of the deepest common ancestor over the
 * height of the tree, 0 for a leaf with itself, 1 for leaves that only the root joins.
 */
export function lcaHeight({ tree, heights }: TermTree, a: number, b: number): number {
  const root = tree.parent.length - 1;
  return heights[root] === 0 ? 0 : heights[commonAncestor(tree, a, b)] / heights[root];
}

/** Wu–Palmer similarity, 2 depth(LCA) / (depth a + depth b), with the root at depth 1. */
export function wuPalmer({ tree, depths }: TermTree, a: number, b: number): number {
  return (2 * (depths[commonAncestor(tree, a, b)] + 1)) / (depths[a] + depths[b] + 2);
}
