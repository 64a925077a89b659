/**
 * The tree of a collection: nodes by index, what is above and below them, how many items they hold and where they
 * stand in the disk. A collection without a tree gets one of two levels from its classes, which explains nothing
 * about similarity (`isGiven` false).
 */
import type { TreeAnswer } from '../../src/server/protocol/schemas.js';
import { centreOf } from '../disk/centre.js';
import type { Point } from '../disk/moebius.js';
import { isPlaced, type Points } from './points.js';

/** A node as the service gives it. */
export type TreeNode = TreeAnswer['nodes'][number];

/** A tree. */
export interface Tree {
  /** Whether the collection has it; false for one that is made of the classes. */
  readonly isGiven: boolean;
  readonly ids: readonly string[];
  /** Names as they are shown. */
  readonly names: readonly string[];
  /** Parent of each node, -1 for a root. */
  readonly parent: Int32Array;
  /** Children of each node, those with most items first. */
  readonly children: readonly (readonly number[])[];
  readonly roots: readonly number[];
  /** Items at and below each node. */
  readonly count: Int32Array;
  /** Those of them that are shown at the moment; {@link placeNodes} counts them. */
  readonly shown: Int32Array;
  /** Place of each node in the disk, NaN for one without items that are shown; {@link placeNodes} writes them. */
  readonly places: Point[];
  /** Places that nodes were given, null for those that stand at the centre of what is below them. */
  readonly givenPlaces: readonly (Point | null)[];
  /** Nodes such that parents come before their children. */
  readonly order: readonly number[];
  /** Node of each item, -1 for none. */
  readonly nodeOf: Int32Array;
  /** Indices of nodes by id. */
  readonly byId: ReadonlyMap<string, number>;
}

/** The tree of a collection; `given` null when it has none. */
export function buildTree(given: readonly TreeNode[] | null, points: Points): Tree {
  const nodes = given ?? nodesOfClasses(points);
  const byId = new Map(nodes.map(({ id }, i) => [id, i]));
  const parent = Int32Array.from(nodes, (node) =>
    node.parent === null ? -1 : (byId.get(node.parent) ?? -1),
  );
  const ids = given ? points.nodes : points.labels.map((_, i) => `class ${i}`);
  const nodeIndices = ids.map((id) => byId.get(id) ?? -1);
  const nodeOf = Int32Array.from(given ? points.node : points.label, (at) => nodeIndices[at] ?? -1);
  const order = topDown(parent);
  const count = new Int32Array(nodes.length);
  for (const node of nodeOf) if (node >= 0) count[node]++;
  for (const node of order.toReversed()) if (parent[node] >= 0) count[parent[node]] += count[node];
  const children: number[][] = nodes.map(() => []);
  const roots: number[] = [];
  for (const node of order) (parent[node] < 0 ? roots : children[parent[node]]).push(node);
  for (const list of [...children, roots]) list.sort((a, b) => count[b] - count[a]);
  const tree: Tree = {
    isGiven: given !== null,
    ids: nodes.map(({ id }) => id),
    names: displayNames(nodes, children, order, count),
    parent,
    children,
    roots,
    count,
    shown: new Int32Array(nodes.length),
    places: [],
    givenPlaces: nodes.map(({ place }) => place),
    order,
    nodeOf,
    byId,
  };
  placeNodes(tree, points);
  return tree;
}

function nodesOfClasses({ labels }: Points): TreeNode[] {
  const top = { id: 'all', parent: null, name: 'All', place: null };
  return [top, ...labels.map((name, i) => ({ id: `class ${i}`, parent: 'all', name, place: null }))];
}

/** Nodes such that parents come before their children. */
function topDown(parent: Int32Array): number[] {
  const below: number[][] = Array.from(parent, () => []);
  const order: number[] = [];
  for (const [node, up] of parent.entries()) (up < 0 ? order : below[up]).push(node);
  for (let i = 0; i < order.length; i++) for (const child of below[order[i]]) order.push(child);
  return order;
}

/**
 * Puts the nodes where they were given, else at the centre of the items as shown now, or of the nodes, below them, and
 * counts the items that are shown.
 */
export function placeNodes(tree: Tree, points: Points): void {
  const { givenPlaces, children, order, places, nodeOf, parent, shown } = tree;
  const items: [number, number, number][][] = givenPlaces.map(() => []);
  shown.fill(0);
  nodeOf.forEach((node, i) => {
    if (node < 0 || !isPlaced(points, i)) return;
    items[node].push([points.x[i], points.y[i], 1]);
    shown[node]++;
  });
  const weights: number[] = [];
  for (const node of order.toReversed()) {
    const parts = [...items[node]];
    for (const child of children[node]) parts.push([...places[child], weights[child]]);
    weights[node] = parts.reduce((sum, [, , weight]) => sum + weight, 0);
    if (parent[node] >= 0) shown[parent[node]] += shown[node];
    places[node] = givenPlaces[node] ?? (weights[node] > 0 ? centreOf(parts) : [Number.NaN, Number.NaN]);
  }
}

/** Names to show: an inner node whose name is only a number is called after the two largest leaves below it. */
function displayNames(
  nodes: readonly TreeNode[],
  children: readonly (readonly number[])[],
  order: readonly number[],
  count: Int32Array,
): string[] {
  const largest: number[][] = [];
  for (const node of order.toReversed()) {
    const leaves = children[node].length === 0 ? [node] : children[node].flatMap((child) => largest[child]);
    largest[node] = leaves.sort((a, b) => count[b] - count[a]).slice(0, 2);
  }
  return nodes.map(({ name }, node) => {
    const isBare = /^\W*[a-z]?\d+$/i.test(name);
    if (!isBare || children[node].length === 0) return name;
    return `${largest[node].map((leaf) => nodes[leaf].name).join(', ')} …`;
  });
}

/** A node and what is above it, up to its root. */
export function lineage({ parent }: Pick<Tree, 'parent'>, node: number): number[] {
  const path: number[] = [];
  for (let at = node; at >= 0; at = parent[at]) path.push(at);
  return path;
}

/** The path from one node to another over the deepest node above both; null when there is none. */
export function pathBetween(
  tree: Tree,
  a: number,
  b: number,
): { up: number[]; top: number; down: number[] } | null {
  const [from, to] = [lineage(tree, a), lineage(tree, b)];
  const above = new Set(from);
  const top = to.find((node) => above.has(node));
  if (top === undefined) return null;
  return { up: from.slice(0, from.indexOf(top)), top, down: to.slice(0, to.indexOf(top)).reverse() };
}

/** For each node, 1 when it is at or below one, else 0. */
export function subtreeMask({ children, parent }: Tree, node: number): Uint8Array {
  const found = new Uint8Array(parent.length);
  const stack = [node];
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    found[at] = 1;
    for (const child of children[at]) stack.push(child);
  }
  return found;
}
