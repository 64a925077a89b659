/**
 * Dendrogram purity (Heller and Ghahramani 2005; Kobren et al. 2017): the mean, over all pairs of leaves of one
 * term, of the share of that term among the leaves under their deepest common ancestor. Exact. 1 when every term
 * is a subtree. Pairs between terms do not count, and leaves without a term (-1) only fill nodes up.
 */
import { UsageError } from '../../errors.js';
import { childrenOf, leafOrder, membersOf, type Tree } from '../tree.js';

/**
 * Purity of a tree.
 * @param terms the term of each leaf, a whole number from 0, or -1 for none
 * @returns a fraction; NaN when no term has two leaves
 */
export function dendrogramPurity(tree: Tree, terms: ArrayLike<number>): number {
  checkTerms(tree, terms);
  const { starts, items } = childrenOf(tree);
  const { counts } = leafOrder(tree);
  // Leaves of each term under a node. A node takes over its child's largest table, so N log N entries move.
  const tables: (Map<number, number> | undefined)[] = [];
  for (let leaf = 0; leaf < tree.leaves; leaf++)
    tables[leaf] = new Map(terms[leaf] < 0 ? [] : [[terms[leaf], 1]]);
  let [sum, total] = [0, 0];
  for (let node = tree.leaves; node < tree.parent.length; node++) {
    const children = Array.from(items.subarray(starts[node], starts[node + 1]));
    const under = children.map((child) => tables[child]!).sort((a, b) => b.size - a.size);
    for (const child of children) tables[child] = undefined;
    const [table, ...others] = under;
    const pairs = new Map<number, number>();
    for (const other of others)
      for (const [term, count] of other) {
        const before = table.get(term) ?? 0;
        if (before > 0) pairs.set(term, (pairs.get(term) ?? 0) + before * count);
        table.set(term, before + count);
      }
    for (const [term, count] of pairs) {
      sum += (count * table.get(term)!) / counts[node];
      total += count;
    }
    tables[node] = table;
  }
  return sum / total;
}

/** The pairs that purity is a mean of, gathered by the units that are resampled: classes, as a rule. */
export interface PairUnits {
  /** Number of units. */
  readonly units: number;
  /** The two units of each entry, a ≤ b. */
  readonly a: Int32Array;
  readonly b: Int32Array;
  /** Pairs of leaves in each entry. */
  readonly pairs: Float64Array;
  /** Entry of two units of one term; a ≤ b. */
  readonly entry: (a: number, b: number) => number;
}

/**
 * Entries for all pairs of leaves of one term.
 * @param units the unit of each leaf, whole numbers from 0; leaves of one unit have one term
 */
export function pairUnits(terms: ArrayLike<number>, units: ArrayLike<number>): PairUnits {
  const count = Array.from(units).reduce((most, unit) => Math.max(most, unit + 1), 0);
  const termOf = new Int32Array(count).fill(-1);
  const size = new Int32Array(count);
  for (let leaf = 0; leaf < units.length; leaf++) {
    const unit = units[leaf];
    if (size[unit]++ > 0 && termOf[unit] !== terms[leaf])
      throw new UsageError(`Unit ${unit} has leaves of the terms ${termOf[unit]} and ${terms[leaf]}.`);
    termOf[unit] = terms[leaf];
  }
  const byTerm = new Map<number, number[]>();
  termOf.forEach((term, unit) => {
    if (term < 0) return;
    byTerm.set(term, [...(byTerm.get(term) ?? []), unit]);
  });
  const place = new Int32Array(count);
  const base = new Map<number, number>();
  const [a, b, pairs]: number[][] = [[], [], []];
  for (const [term, members] of byTerm) {
    base.set(term, a.length);
    members.forEach((unit, i) => {
      place[unit] = i;
      for (let j = 0; j <= i; j++) {
        const other = members[j];
        a.push(other);
        b.push(unit);
        pairs.push(i === j ? (size[unit] * (size[unit] - 1)) / 2 : size[unit] * size[other]);
      }
    });
  }
  return {
    units: count,
    a: Int32Array.from(a),
    b: Int32Array.from(b),
    pairs: Float64Array.from(pairs),
    entry: (x, y) => {
      const [low, high] = place[x] < place[y] ? [place[x], place[y]] : [place[y], place[x]];
      return base.get(termOf[x])! + (high * (high + 1)) / 2 + low;
    },
  };
}

/** Sum of the purities of the pairs of each entry; their total over the total of pairs is the tree's purity. */
export function purityByUnits(
  tree: Tree,
  terms: ArrayLike<number>,
  units: ArrayLike<number>,
  { pairs, entry }: PairUnits,
): Float64Array {
  checkTerms(tree, terms);
  const sums = new Float64Array(pairs.length);
  const { starts, items } = childrenOf(tree);
  const leaves = leafOrder(tree);
  const count = new Int32Array(Array.from(terms).reduce((most, term) => Math.max(most, term + 1), 0));
  for (let node = tree.leaves; node < tree.parent.length; node++) {
    const members = membersOf(leaves, node);
    for (const leaf of members) if (terms[leaf] >= 0) count[terms[leaf]]++;
    for (let right = starts[node] + 1; right < starts[node + 1]; right++)
      for (let left = starts[node]; left < right; left++)
        for (const i of membersOf(leaves, items[left])) {
          if (terms[i] < 0) continue;
          for (const j of membersOf(leaves, items[right]))
            if (terms[i] === terms[j]) sums[entry(units[i], units[j])] += count[terms[i]] / members.length;
        }
    for (const leaf of members) if (terms[leaf] >= 0) count[terms[leaf]] = 0;
  }
  return sums;
}

function checkTerms({ leaves }: Tree, terms: ArrayLike<number>): void {
  if (terms.length !== leaves)
    throw new UsageError(`${terms.length} terms were given for ${leaves} leaves. Give one a leaf.`);
}
