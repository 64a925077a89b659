/**
 * The tree of a table, as search and the explorer need it: named nodes with parents, from which items hang by their
 * `node`. How a tree is found in embeddings is not part of this.
 */
import { z } from 'zod';
import { DataError, shortened, suggestion, UsageError } from '../errors.js';
import { repeatedName, saidTwice } from '../json.js';

/** A node of a tree. */
export interface TreeNode {
  readonly id: string;
  /** Its parent; null for a root. */
  readonly parent: string | null;
  /** What to call it. */
  readonly name: string;
  /** Place on the 2-d map, in the unit disk; null when it has none. */
  readonly place: readonly [x: number, y: number] | null;
}

/** Nodes by id. */
export type NodeTree = ReadonlyMap<string, TreeNode>;

/** Name of the file that a table keeps its tree in. */
export const TREE_FILE = 'tree';
/** Name of the file in which a table keeps why it has this tree, in a sentence; empty where that is not known. */
export const TREE_CHOICE_FILE = 'tree-choice';

const name = z.union([z.string(), z.int()]).transform(String);
const schema = z.object({
  leaves: z.array(z.string()).optional(),
  nodes: z.array(
    z.object({
      id: name,
      parent: name.nullish(),
      name: name.nullish(),
      label: z.string().nullish(),
      place: z.tuple([z.number(), z.number()]).nullish(),
    }),
  ),
});

/**
 * A tree from JSON: `{"nodes": [{"id", "parent", "name"?, "place"?}]}`, parent null or absent for a root; documents
 * of `hier tree --export json` are of this form. Throws DataError that names `from` when it is not such a tree.
 */
export function parseTree(text: string, from = 'The tree of the table'): NodeTree {
  const parsed = parse(text, from);
  const tree = new Map<string, TreeNode>();
  for (const { id, parent = null, name: called, label, place = null } of parsed.nodes) {
    if (tree.has(id)) throw new DataError(`${from} is not a tree: the node "${id}" is there twice.`);
    tree.set(id, { id, parent, name: called ?? label ?? id, place });
  }
  for (const { id, parent } of tree.values())
    if (parent !== null && !tree.has(parent))
      throw new DataError(`${from} is not a tree: the parent "${parent}" of "${id}" is not there.`);
  const sound = new Set<string>();
  for (const start of tree.keys()) {
    const path = new Set<string>();
    for (let id: string | null = start; id !== null && !sound.has(id); id = tree.get(id)!.parent) {
      if (path.has(id)) throw new DataError(`${from} is not a tree: "${id}" is its own ancestor.`);
      path.add(id);
    }
    for (const id of path) sound.add(id);
  }
  return tree;
}

/** The nodes that are leaves of a document of `hier tree --export json`, by the names of classes or items. */
export function leafNodes(text: string, from: string): ReadonlyMap<string, string> {
  const { leaves = [], nodes } = parse(text, from);
  return new Map(leaves.slice(0, nodes.length).map((leaf, i) => [leaf, nodes[i].id]));
}

function parse(text: string, from: string): z.infer<typeof schema> {
  try {
    const tree = schema.parse(JSON.parse(text));
    const twice = repeatedName(text);
    if (twice === undefined) return tree;
    throw new DataError(`${from} is not a tree: ${saidTwice(twice)}.`);
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${from} is not a tree: expected {"nodes": [{"id": …, "parent": …}, …]}.`, { cause });
  }
}

/** The tree as JSON that {@link parseTree} reads. */
export function treeText(tree: NodeTree): string {
  return JSON.stringify({ nodes: [...tree.values()] });
}

/** The node and its ancestors, up to the root; empty for a node that is not there. */
export function lineage(tree: NodeTree, node: string | null): string[] {
  const path: string[] = [];
  for (
    let at = node === null ? undefined : tree.get(node);
    at;
    at = at.parent === null ? undefined : tree.get(at.parent)
  )
    path.push(at.id);
  return path;
}

/** The node and all below it. Throws UsageError when it is not there. */
export function subtree(tree: NodeTree, node: string): string[] {
  if (!tree.has(node))
    throw new UsageError(
      `The tree has no node "${shortened(node)}".${suggestion(node, tree.size > 20_000 ? [] : tree.keys())}`,
    );
  const { order, places, sizes } = preorderOf(tree);
  const from = places.get(node)!;
  return order.slice(from, from + sizes[from]);
}

/** The nodes of a tree, each before all below it, so that what lies below a node stands in one piece behind it. */
interface Preorder {
  readonly order: readonly string[];
  /** Place of each node in the order. */
  readonly places: ReadonlyMap<string, number>;
  /** Nodes at or below that of each place. */
  readonly sizes: Int32Array;
  /** Places of the parents, -1 for none. */
  readonly parents: Int32Array;
  /** Places of ancestors further up, so that there are few steps from a node to any of them (skew-binary jump pointers). */
  readonly jumps: Int32Array;
}

/** Trees do not change, so the order of each is found once. */
const preorders = new WeakMap<NodeTree, Preorder>();

function preorderOf(tree: NodeTree): Preorder {
  const known = preorders.get(tree);
  if (known) return known;
  const children = new Map<string | null, string[]>();
  for (const { id, parent } of tree.values()) {
    const own = children.get(parent);
    if (own) own.push(id);
    else children.set(parent, [id]);
  }
  const order: string[] = [];
  const waiting = [...(children.get(null) ?? [])].reverse();
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    order.push(id);
    const below = children.get(id) ?? [];
    for (let i = below.length - 1; i >= 0; i--) waiting.push(below[i]);
  }
  const places = new Map(order.map((id, place) => [id, place]));
  const sizes = new Int32Array(order.length).fill(1);
  const [parents, jumps, depths] = [0, 0, 0].map(() => new Int32Array(order.length).fill(-1));
  for (const [place, id] of order.entries()) {
    const { parent } = tree.get(id)!;
    if (parent === null) continue;
    const above = places.get(parent)!;
    const jump = jumps[above];
    parents[place] = above;
    depths[place] = depths[above] + 1;
    const isEven = jump >= 0 && jumps[jump] >= 0;
    jumps[place] =
      isEven && depths[above] - depths[jump] === depths[jump] - depths[jumps[jump]] ? jumps[jump] : above;
  }
  for (let place = order.length - 1; place > 0; place--)
    if (parents[place] >= 0) sizes[parents[place]] += sizes[place];
  const found = { order, places, sizes, parents, jumps };
  preorders.set(tree, found);
  return found;
}

/**
 * The part of a tree that some of its nodes span: for each node, or null for the roots, those next below it, of the nodes that
 * are given and of those where the ways to them part. What lies in between on a way is left out, so deep trees cost no more.
 */
export function spanned(tree: NodeTree, nodes: Iterable<string>): Map<string | null, string[]> {
  const { order, places, sizes, parents, jumps } = preorderOf(tree);
  const isAbove = (a: number, b: number) => a <= b && b < a + sizes[a];
  /** The deepest place that is above or equal to both; -1 for none. */
  const meeting = (a: number, b: number) => {
    let at = a;
    while (at >= 0 && !isAbove(at, b))
      at = jumps[at] >= 0 && !isAbove(jumps[at], b) ? jumps[at] : parents[at];
    return at;
  };
  const below = new Map<string | null, string[]>();
  const link = (child: number, parent: number) => {
    const id = parent < 0 ? null : order[parent];
    const own = below.get(id);
    if (own) own.push(order[child]);
    else below.set(id, [order[child]]);
  };
  /** A way from a root down: all of it that has been found so far. */
  const way: number[] = [];
  const up = () => link(way.pop()!, way.at(-1) ?? -1);
  const wanted = new Set(Array.from(nodes, (id) => places.get(id)!));
  for (const place of [...wanted].sort((a, b) => a - b)) {
    const last = way.at(-1);
    const meet = last === undefined ? -1 : meeting(last, place);
    while (way.length > 1 && way[way.length - 2] >= meet) up();
    if (way.length > 0 && way.at(-1) !== meet) {
      link(way.pop()!, meet);
      if (meet >= 0) way.push(meet);
    }
    way.push(place);
  }
  while (way.length > 0) up();
  return below;
}

/** How two nodes are related. */
export interface Relation {
  /** The deepest node above or equal to both; null when they have none. */
  readonly ancestor: string | null;
  /** From the first node up to the ancestor, both included; up to its root without one. */
  readonly from: readonly string[];
  /** From the second node up to the ancestor, both included. */
  readonly to: readonly string[];
}

/** The path from two nodes to their common ancestor. */
export function relate(tree: NodeTree, a: string | null, b: string | null): Relation {
  const [from, to] = [lineage(tree, a), lineage(tree, b)];
  const above = new Set(from);
  const ancestor = to.find((id) => above.has(id)) ?? null;
  const cut = (path: string[]) => (ancestor === null ? path : path.slice(0, path.indexOf(ancestor) + 1));
  return { ancestor, from: cut(from), to: cut(to) };
}
