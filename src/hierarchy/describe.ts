/**
 * A tree as nodes that a person can read: members, depth, distance to the origin, exemplars, and a label made of
 * the members' terms or names. Labels describe; they take no part in how a tree is built or scored.
 */
import { type BuiltTree, type Construction, normsOf } from './build.js';
import type { Points } from './dissimilarity.js';
import type { Leaves } from './leaves.js';
import { childrenOf, depthsOf, leafOrder, membersOf } from './tree.js';

/** One node. */
export interface HierarchyNode {
  readonly id: number;
  /** Null for the root. */
  readonly parent: number | null;
  /** Ids; empty for a leaf. */
  readonly children: readonly number[];
  /** The leaves under it, as indices into the hierarchy's `leaves`. */
  readonly members: readonly number[];
  /** Edges to the root. */
  readonly depth: number;
  /** Length of the edge to the parent. */
  readonly length: number;
  /** Distance to the origin of the leaf's point or the node's proxy; null where no proxy stands there. */
  readonly norm: number | null;
  /** The hierarchical proxy that stands there, by index. */
  readonly proxy: number | null;
  readonly label: string;
  /** Images that show what it is about, as indices of items, the most central first. */
  readonly exemplars: readonly number[];
}

/** A hierarchy. */
export interface Hierarchy {
  readonly construction: Construction;
  /** Name of each leaf; leaf i is node i. */
  readonly leaves: readonly string[];
  /** Children come before parents; the root is the last. */
  readonly nodes: readonly HierarchyNode[];
}

/** What leaves are called on one level of a taxonomy. */
export interface LabelLevel {
  readonly name: string;
  /** Term of each leaf. */
  readonly terms: readonly string[];
}

/** Options of {@link describeTree}. */
export interface DescribeOptions {
  readonly built: BuiltTree;
  readonly leaves: Leaves;
  /** `[P, d]`, where there are any. */
  readonly proxies?: Float32Array | undefined;
  /** Levels to take labels from, coarse to fine. Without any, labels are names of leaves. */
  readonly levels?: readonly LabelLevel[];
  /** Exemplars a node. Default 4. */
  readonly exemplars?: number;
}

/** The share of its members that a term must cover to be a node's label. */
const COVERS = 0.6;

/** Describes all nodes of a tree. */
export function describeTree({
  built: { tree, proxyOf, construction },
  leaves,
  proxies,
  levels = [],
  exemplars: most = 4,
}: DescribeOptions): Hierarchy {
  const { starts, items } = childrenOf(tree);
  const depths = depthsOf(tree);
  const order = leafOrder(tree);
  const leafNorms = normsOf(leaves.points);
  const proxyNorms = proxies?.length ? normsOf({ ...leaves.points, values: proxies }) : undefined;
  const nodes = Array.from(tree.parent, (above, id): HierarchyNode => {
    const members = Array.from(membersOf(order, id));
    const isLeaf = id < tree.leaves;
    const proxy = proxyOf[id] >= 0 ? proxyOf[id] : null;
    const central = isLeaf ? members : mostCentral(leaves.points, members);
    return {
      id,
      parent: above < 0 ? null : above,
      children: Array.from(items.subarray(starts[id], starts[id + 1])),
      members,
      depth: depths[id],
      length: tree.length[id],
      norm: isLeaf ? leafNorms[id] : proxy !== null && proxyNorms ? proxyNorms[proxy] : null,
      proxy,
      label: isLeaf ? leaves.names[id] : labelOf(members, central, leaves.names, levels),
      exemplars: isLeaf
        ? leaves.items[id].slice(0, most)
        : central.slice(0, most).map((leaf) => leaves.items[leaf][0]),
    };
  });
  return { construction, leaves: leaves.names, nodes };
}

/** Members from the one nearest to their mean outward. */
function mostCentral({ values, dim }: Points, members: readonly number[]): number[] {
  const mean = new Float64Array(dim);
  for (const leaf of members)
    for (let k = 0; k < dim; k++) mean[k] += values[leaf * dim + k] / members.length;
  const gaps = members.map((leaf) => {
    let gap = 0;
    for (let k = 0; k < dim; k++) gap += (values[leaf * dim + k] - mean[k]) ** 2;
    return { leaf, gap };
  });
  return gaps.sort((a, b) => a.gap - b.gap || a.leaf - b.leaf).map(({ leaf }) => leaf);
}

/** The finest term that covers most members, else the two largest coarse ones, else names of central members. */
function labelOf(
  members: readonly number[],
  central: readonly number[],
  names: readonly string[],
  levels: readonly LabelLevel[],
): string {
  for (const { terms } of [...levels].reverse()) {
    const [[term, count]] = counted(members.map((leaf) => terms[leaf]));
    const share = count / members.length;
    if (share >= COVERS) return share === 1 ? term : `${term} ${Math.round(100 * share)} %`;
  }
  if (levels.length > 0) {
    const found = counted(members.map((leaf) => levels[0].terms[leaf]));
    const named = found
      .slice(0, 2)
      .map(([term, count]) => `${term} ${Math.round((100 * count) / members.length)} %`);
    return `${named.join(', ')}${found.length > 2 ? ', …' : ''}`;
  }
  const shown = central.slice(0, 3).map((leaf) => names[leaf]);
  return `${shown.join(', ')}${members.length > 3 ? ', …' : ''}`;
}

/** Texts with their number, the most frequent first. */
function counted(texts: readonly string[]): [text: string, count: number][] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
}
