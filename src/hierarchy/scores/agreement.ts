/**
 * How a tree agrees with a taxonomy, or with distances, pair by pair and triple by triple: Dasgupta's cost,
 * cophenetic correlation, triplet agreement, distortion. Purity stands apart.
 */
import { UsageError } from '../../errors.js';
import { randomStream } from '../../random.js';
import { between, type Dissimilarities } from '../dissimilarity.js';
import { commonAncestor, forEachPair, leafOrder, rootDistances, type Tree } from '../tree.js';

/**
 * Dasgupta's cost (2016): the sum over pairs of leaves of their similarity times the number of leaves under
 * their deepest common ancestor. Lower is better. Every pair counts once; HypHC's code counts it twice.
 */
export function dasguptaCost(tree: Tree, similarity: (i: number, j: number) => number): number {
  const { counts } = leafOrder(tree);
  let cost = 0;
  forEachPair(tree, (i, j, ancestor) => {
    cost += similarity(i, j) * counts[ancestor];
  });
  return cost;
}

/** Dasgupta's cost over the cost of a tree without inner nodes: 1 says nothing was ordered. NaN when all is unlike. */
export function relativeDasguptaCost(tree: Tree, similarity: (i: number, j: number) => number): number {
  let flat = 0;
  for (let i = 0; i < tree.leaves; i++) for (let j = i + 1; j < tree.leaves; j++) flat += similarity(i, j);
  return dasguptaCost(tree, similarity) / (flat * tree.leaves);
}

/** Pearson correlation, over all pairs of leaves, of path lengths in the tree and other distances (Sokal, Rohlf 1962). */
export function copheneticCorrelation(tree: Tree, distances: Dissimilarities): number {
  const toRoot = rootDistances(tree);
  // Two passes, so that large means cost no digits.
  let [n, meanX, meanY] = [0, 0, 0];
  forEachPair(tree, (i, j, ancestor) => {
    n++;
    meanX += toRoot[i] + toRoot[j] - 2 * toRoot[ancestor];
    meanY += between(distances, i, j);
  });
  meanX /= n;
  meanY /= n;
  let [xy, xx, yy] = [0, 0, 0];
  forEachPair(tree, (i, j, ancestor) => {
    const x = toRoot[i] + toRoot[j] - 2 * toRoot[ancestor] - meanX;
    const y = between(distances, i, j) - meanY;
    xy += x * y;
    xx += x * x;
    yy += y * y;
  });
  return xy / Math.sqrt(xx * yy);
}

/** Options of {@link tripletAgreement}. */
export interface TripletOptions {
  /** Triples that are drawn; all of them when there are no more. Default 20,000. */
  readonly most?: number;
  /** Seed of the draws. Default 0. */
  readonly seed?: number;
}

/**
 * Of the triples of leaves of which the reference puts two closer together than the third, the share that the
 * tree puts so too. A binary tree at random reaches 1/3; a tree that joins all three at once does not agree.
 *
 * @param leafOf the leaf of the reference that each leaf of the tree is
 * @returns a fraction; NaN when the reference tells no triple apart
 */
export function tripletAgreement(
  tree: Tree,
  reference: Tree,
  leafOf: ArrayLike<number>,
  { most = 20_000, seed = 0 }: TripletOptions = {},
): number {
  const { leaves } = tree;
  if (leafOf.length !== leaves)
    throw new UsageError(`${leafOf.length} leaves of the reference were given for ${leaves} leaves.`);
  let [told, agreed] = [0, 0];
  const visit = (i: number, j: number, k: number) => {
    const expected = oddOneOut(reference, leafOf[i], leafOf[j], leafOf[k]);
    if (expected < 0) return;
    told++;
    if (oddOneOut(tree, i, j, k) === expected) agreed++;
  };
  if ((leaves * (leaves - 1) * (leaves - 2)) / 6 <= most) {
    for (let i = 0; i < leaves; i++)
      for (let j = i + 1; j < leaves; j++) for (let k = j + 1; k < leaves; k++) visit(i, j, k);
  } else {
    const random = randomStream(seed, 'triplet agreement');
    for (let draw = 0; draw < most; draw++) {
      const [i, j] = [random.integer(leaves), random.integer(leaves)];
      const k = random.integer(leaves);
      if (i !== j && j !== k && i !== k) visit(i, j, k);
    }
  }
  return agreed / told;
}

/** Which of three leaves (0, 1 or 2) is farthest from the other two; -1 when all meet at one node. */
function oddOneOut(tree: Tree, a: number, b: number, c: number): number {
  const [ab, ac, bc] = [commonAncestor(tree, a, b), commonAncestor(tree, a, c), commonAncestor(tree, b, c)];
  if (ab === ac && ac === bc) return -1;
  if (ac === bc) return 2; // the two that are equal are the higher ones
  return ab === bc ? 1 : 0;
}

/** How distances stretch the paths of a tree. */
export interface Distortion {
  /** Mean of |s d / t - 1| over the pairs, after the best scale s (in that sense the mean of t / d). */
  readonly average: number;
  /** Largest d / t times largest t / d: 1 for distances proportional to the paths. */
  readonly worst: number;
}

/** Distortion of path lengths t by distances d; pairs with t or d of 0 are left out. */
export function distortion(tree: Tree, distances: Dissimilarities): Distortion {
  const toRoot = rootDistances(tree);
  const pairs: [t: number, d: number][] = [];
  forEachPair(tree, (i, j, ancestor) => {
    const t = toRoot[i] + toRoot[j] - 2 * toRoot[ancestor];
    const d = between(distances, i, j);
    if (t > 0 && d > 0) pairs.push([t, d]);
  });
  let [up, down, scale] = [0, 0, 0];
  for (const [t, d] of pairs) {
    up = Math.max(up, d / t);
    down = Math.max(down, t / d);
    scale += t / d / pairs.length;
  }
  const average = pairs.reduce((sum, [t, d]) => sum + Math.abs((scale * d) / t - 1), 0) / pairs.length;
  return { average, worst: up * down };
}
