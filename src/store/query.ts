/**
 * Search as people ask for it: by an item's id or by a vector, within a part of the tree, results gathered under
 * the nodes of the tree from coarse to fine.
 */
import { UsageError } from '../errors.js';
import type { Filter, Hit, Store } from './store.js';
import { readText } from './textFiles.js';
import { lineage, type NodeTree, parseTree, subtree, TREE_FILE } from './tree.js';

/** A question. */
export interface Question {
  /** What to search for: an item of the table, which is left out of the results, or a vector. */
  readonly query: { readonly id: string } | { readonly vector: Float32Array };
  /** Results. Default 10. */
  readonly k?: number;
  readonly filter?: Filter;
  /** Only items at or below this node. */
  readonly within?: string;
  /** Leave the approximate index aside. */
  readonly exact?: boolean;
}

/** The tree of a table; null when it has none. */
export async function treeOf(store: Store): Promise<NodeTree | null> {
  const text = await readText(store, TREE_FILE);
  return text === null ? null : parseTree(text);
}

/**
 * The nearest items, nearest first; null when the item asked for is not in the table.
 * @throws UsageError when there is no such node, or no tree; DataError for a vector that cannot be in the table
 */
export function ask(
  store: Store,
  tree: NodeTree | null,
  question: Question & { readonly query: { readonly vector: Float32Array } },
): Promise<Hit[]>;
export function ask(store: Store, tree: NodeTree | null, question: Question): Promise<Hit[] | null>;
export async function ask(store: Store, tree: NodeTree | null, question: Question): Promise<Hit[] | null> {
  const { query, k = 10, within, exact } = question;
  const filter = within === undefined ? question.filter : below(tree, within, question.filter);
  const options = { ...(filter ? { filter } : {}), ...(exact === undefined ? {} : { exact }) };
  if ('vector' in query) return store.search(query.vector, { k, ...options });
  const vector = await store.vector(query.id);
  if (!vector) return null;
  const hits = await store.search(vector, { k: k + 1, ...options });
  return hits.filter(({ id }) => id !== query.id).slice(0, k);
}

function below(tree: NodeTree | null, node: string, filter: Filter = {}): Filter {
  if (!tree)
    throw new UsageError(
      `The table has no tree, so nothing lies within "${node}". Index it again with --tree.`,
    );
  const inside = subtree(tree, node);
  const asked = filter.nodes && new Set(filter.nodes);
  return { ...filter, nodes: asked ? inside.filter((id) => asked.has(id)) : inside };
}

/** Results under a node. */
export interface Group {
  /** The node; null for results that hang from no node of the tree. */
  readonly node: string | null;
  /** Results at or below the node. */
  readonly count: number;
  /** Distance of the nearest of them. */
  readonly nearest: number;
  /** Results that hang from the node itself, nearest first. */
  readonly results: readonly Hit[];
  /** Finer groups, the one with the nearest result first. */
  readonly groups: readonly Group[];
}

/** Results gathered by the tree: from the root down, nodes with nothing but one finer group left out. */
export function groupHits(hits: readonly Hit[], tree: NodeTree | null): Group[] {
  const own = new Map<string | null, Hit[]>();
  const children = new Map<string | null, Set<string>>();
  for (const hit of hits) {
    const path = tree ? lineage(tree, hit.node) : hit.node === null ? [] : [hit.node];
    const node = path[0] ?? null;
    own.set(node, [...(own.get(node) ?? []), hit]);
    path.forEach((id, i) => {
      const parent = path[i + 1] ?? null;
      children.set(parent, (children.get(parent) ?? new Set()).add(id));
    });
  }
  const build = (node: string | null): Group => {
    const results = own.get(node) ?? [];
    const groups = (node === null ? [] : [...(children.get(node) ?? [])]).map(build).sort(byNearest);
    if (results.length === 0 && groups.length === 1) return groups[0];
    const nearest = Math.min(
      ...results.map(({ distance }) => distance),
      ...groups.map((group) => group.nearest),
    );
    const count = results.length + groups.reduce((sum, group) => sum + group.count, 0);
    return { node, count, nearest, results, groups };
  };
  const roots: (string | null)[] = [...(children.get(null) ?? [])];
  if (own.has(null)) roots.push(null);
  return roots.map(build).sort(byNearest);
}

const byNearest = (a: Group, b: Group) => a.nearest - b.nearest;
