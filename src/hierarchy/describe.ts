/**
 * A tree as nodes that a person can read: members, depth, distance to the origin, exemplars, and a label. How labels are
 * made stands elsewhere; they take no part in how a tree is built or scored.
 */
import { type BuiltTree, normsOf } from './build.js';
import type { Construction } from './constructions.js';
import type { Points } from './dissimilarity.js';
import type { Leaves } from './leaves.js';
import { nodeNames } from './names/nodeNames.js';
import type { LabelLevel } from './names/terms.js';
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
  /** What leaves are called for people, where that is not their name: titles, of which several may be alike. */
  readonly titles?: readonly string[];
  /** Children come before parents; the root is the last. */
  readonly nodes: readonly HierarchyNode[];
}

/** Options of {@link describeTree}. */
export interface DescribeOptions {
  readonly built: BuiltTree;
  readonly leaves: Leaves;
  /** `[P, d]`, where there are any. */
  readonly proxies?: Float32Array | undefined;
  /** Levels to take labels from first, coarse to fine. */
  readonly levels?: readonly LabelLevel[];
  /** For each leaf titles and values of further columns of each of its items, for labels. */
  readonly texts?: readonly (readonly (readonly string[])[])[] | undefined;
  /** What leaves are called for people, where that is not their name. */
  readonly titles?: readonly string[] | undefined;
  /** Exemplars a node. Default 4. */
  readonly exemplars?: number;
}

/** Describes all nodes of a tree. */
export function describeTree({
  built: { tree, proxyOf, construction },
  leaves,
  proxies,
  levels = [],
  texts,
  titles,
  exemplars: most = 4,
}: DescribeOptions): Hierarchy {
  const children = childrenOf(tree);
  const { starts, items } = children;
  const depths = depthsOf(tree);
  const order = leafOrder(tree);
  const leafNorms = normsOf(leaves.points);
  const proxyNorms = proxies?.length ? normsOf({ ...leaves.points, values: proxies }) : undefined;
  const membersAt = Array.from(tree.parent, (_, id) => Array.from(membersOf(order, id)));
  const centralAt = membersAt.map((members, id) =>
    id < tree.leaves ? members : mostCentral(leaves.points, members),
  );
  const labels = nodeNames({
    parent: tree.parent,
    children,
    members: centralAt,
    leaves: leaves.names,
    titles,
    areClasses: leaves.items.some((items) => items.length > 1),
    levels,
    texts,
  });
  const nodes = Array.from(tree.parent, (above, id): HierarchyNode => {
    const members = membersAt[id];
    const isLeaf = id < tree.leaves;
    const proxy = proxyOf[id] >= 0 ? proxyOf[id] : null;
    const central = centralAt[id];
    return {
      id,
      parent: above < 0 ? null : above,
      children: Array.from(items.subarray(starts[id], starts[id + 1])),
      members,
      depth: depths[id],
      length: tree.length[id],
      norm: isLeaf ? leafNorms[id] : proxy !== null && proxyNorms ? proxyNorms[proxy] : null,
      proxy,
      label: labels[id],
      exemplars: isLeaf
        ? leaves.items[id].slice(0, most)
        : central.slice(0, most).map((leaf) => leaves.items[leaf][0]),
    };
  });
  return { construction, leaves: leaves.names, ...(titles ? { titles } : {}), nodes };
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
