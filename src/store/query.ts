/**
 * Search as people ask for it: by an item's id or by a vector, within a part of the tree, results gathered under
 * the nodes of the tree from coarse to fine.
 */
import { UsageError } from '../errors.js';
import { distanceAt, type Similarity, similarityAt, similarityOf } from './similarity.js';
import type { Filter, Hit, Store } from './store.js';
import type { NothingFound } from './text/nothingFound.js';
import { searchText, type TextAnswer, type TextHit, withText } from './text/searchText.js';
import { readText } from './textFiles.js';
import { type NodeTree, parseTree, spanned, subtree, TREE_FILE } from './tree.js';

/** A question. */
export interface Question {
  /** What to search for: an item of the table, which is left out of the results, or a vector. */
  readonly query: { readonly id: string } | { readonly vector: Float32Array };
  /** Results. Default 10. */
  readonly k?: number;
  readonly filter?: Filter;
  /** Only items that have all words of this text in their columns, class or id. */
  readonly text?: string;
  /** Only items at or below this node. */
  readonly within?: string;
  /**
   * Leave out what is not similar enough: `true` for the cut-off that the table has learned, a number for the least similarity.
   * Default false.
   */
  readonly cutoff?: boolean | number;
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
  const { query, k = 10, within, exact, cutoff = false } = question;
  const inside = within === undefined ? question.filter : below(tree, within, question.filter);
  const filter = question.text === undefined ? inside : await withText(store, question.text, inside);
  const options = { ...(filter ? { filter } : {}), ...(exact === undefined ? {} : { exact }) };
  const read = (hits: readonly Hit[]) => asSimilar(store, hits, cutoff);
  if ('vector' in query) return read(await store.search(query.vector, { k, ...options }));
  const vector = await store.vector(query.id);
  if (!vector) return null;
  const hits = await store.search(vector, { k: k + 1, ...options });
  return read(hits.filter(({ id }) => id !== query.id).slice(0, k));
}

/** A question by text alone. */
export interface TextQuestion {
  readonly text: string;
  /** Results. Default 10. */
  readonly k?: number | undefined;
  readonly filter?: Filter | undefined;
  /** Only items at or below this node. */
  readonly within?: string | undefined;
  /** Ids of what was found that are told, at most. Default 0. */
  readonly ids?: number | undefined;
}

/**
 * The items that have all words of a text, the best first.
 * @throws UsageError when there is no such node, or no tree, for a text without words, and for one of more than 1,000 characters
 */
export async function askText(
  store: Store,
  tree: NodeTree | null,
  question: TextQuestion,
): Promise<readonly TextHit[]> {
  return (await answerText(store, tree, question)).results;
}

/** As {@link askText}, and what else there is to tell: how many there are, and where there are none, why. */
export async function answerText(
  store: Store,
  tree: NodeTree | null,
  { text, filter, within, ...how }: TextQuestion,
): Promise<TextAnswer> {
  return searchText(store, text, {
    ...how,
    filter: within === undefined ? filter : below(tree, within, filter),
  });
}

/** Why no item at all takes part in a question with a text; undefined where some do. Throws as {@link askText}. */
export async function whyNone(
  store: Store,
  tree: NodeTree | null,
  question: TextQuestion,
): Promise<NothingFound | undefined> {
  return (await answerText(store, tree, { ...question, k: 0 })).nothing;
}

/** Hits with their similarities, without those beyond the cut-off. */
async function asSimilar(store: Store, hits: readonly Hit[], cutoff: boolean | number): Promise<Hit[]> {
  if (hits.length === 0 && cutoff === false) return [];
  const similarity = await similarityOf(store);
  const most = limitOf(similarity, cutoff);
  return hits.flatMap((hit) =>
    hit.distance <= most ? [{ ...hit, similarity: similarityAt(hit.distance, similarity) }] : [],
  );
}

/** The largest distance that counts as similar. Throws UsageError where none was learned, and for what is no similarity. */
function limitOf(similarity: Similarity, cutoff: boolean | number): number {
  if (cutoff === false || cutoff === 0) return Number.POSITIVE_INFINITY;
  if (cutoff === true) {
    if (similarity.cutoff) return similarity.cutoff.distance;
    throw new UsageError(
      'The table has not learned from where on nothing is similar enough: too few of its items have classes, or it was made by an earlier version. Give a similarity from 0 to 1.',
    );
  }
  if (cutoff > 0 && cutoff <= 1) return distanceAt(cutoff, similarity);
  throw new UsageError(`The cut-off ${cutoff} is not a similarity. Give a number from 0 to 1.`);
}

function below(tree: NodeTree | null, node: string, filter: Filter = {}): Filter {
  if (!tree)
    throw new UsageError(
      `The table has no tree, so nothing lies within "${node}". Index it again with --tree.`,
    );
  const inside = insideOf(tree, node);
  const asked = filter.nodes && new Set(filter.nodes);
  return { ...filter, nodes: asked ? inside.filter((id) => asked.has(id)) : inside };
}

/** Nodes whose parts of a tree are kept at a time. */
const MOST_PARTS = 8;
const parts = new WeakMap<NodeTree, Map<string, readonly string[]>>();

/** The nodes at or below a node: the same list for the same node, so that engines can keep what they make of it. */
function insideOf(tree: NodeTree, node: string): readonly string[] {
  const known = parts.get(tree) ?? new Map<string, readonly string[]>();
  parts.set(tree, known);
  const inside = known.get(node) ?? subtree(tree, node);
  known.delete(node); // now the one asked for last
  known.set(node, inside);
  if (known.size > MOST_PARTS) known.delete(known.keys().next().value!);
  return inside;
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

/** Groups within groups, at most: what lies deeper is gathered in the deepest. JSON goes no deeper than some thousands. */
const DEEPEST = 200;

/**
 * Results gathered by the tree: from the root down, nodes with nothing but one finer group left out. However deep the tree
 * is, no function calls itself, and groups lie within at most 200 others.
 *
 * @param hits nearest first
 */
export function groupHits(hits: readonly Hit[], tree: NodeTree | null): Group[] {
  const own = new Map<string | null, Hit[]>();
  /** Of each node the first hit at or below it: what comes first of equal distances. */
  const firsts = new Map<string | null, number>();
  for (const [i, hit] of hits.entries()) {
    const node = hit.node !== null && (tree === null || tree.has(hit.node)) ? hit.node : null;
    const results = own.get(node);
    if (results) results.push(hit);
    else {
      own.set(node, [hit]);
      firsts.set(node, i);
    }
  }
  const nodes = [...own.keys()].filter((node) => node !== null);
  const below = tree ? spanned(tree, nodes) : new Map([[null, nodes]]);
  const roots = below.get(null) ?? [];
  const order = [...roots];
  for (let i = 0; i < order.length; i++) for (const child of below.get(order[i]) ?? []) order.push(child);
  const made = new Map<string | null, Group>();
  const sorted = (some: readonly string[]) => [...some].sort(byNearest).map((node) => made.get(node)!);
  const byNearest = (a: string, b: string) =>
    made.get(a)!.nearest - made.get(b)!.nearest || firsts.get(a)! - firsts.get(b)!;
  const groupOf = (node: string | null, finer: readonly string[]): Group => {
    const results = own.get(node) ?? [];
    const groups = sorted(finer);
    const nearest = Math.min(
      ...[results[0]?.distance, groups[0]?.nearest].filter((one) => one !== undefined),
    );
    const count = results.length + groups.reduce((sum, group) => sum + group.count, 0);
    return { node, count, nearest, results, groups };
  };
  for (const node of order.toReversed()) {
    const finer = below.get(node) ?? []; // what lies below a node has been made before the node
    const first = [node, ...finer].map((one) => firsts.get(one) ?? Number.POSITIVE_INFINITY);
    firsts.set(node, Math.min(...first));
    made.set(node, groupOf(node, finer));
  }
  const groups = sorted(roots);
  if (own.has(null)) groups.push(groupOf(null, []));
  return flattened(groups.sort((a, b) => a.nearest - b.nearest));
}

/** Groups whose deepest hold all that lies below them. */
function flattened(groups: Group[]): Group[] {
  let level = groups;
  for (let depth = 1; depth < DEEPEST && level.length > 0; depth++)
    level = level.flatMap((group) => group.groups as Group[]);
  for (const group of level as unknown as { results: Hit[]; groups: Group[] }[]) {
    const below: Group[] = [...group.groups];
    const results = [...group.results];
    for (let one = below.pop(); one; one = below.pop()) {
      for (const hit of one.results) results.push(hit);
      below.push(...one.groups);
    }
    group.results = results.sort((a, b) => a.distance - b.distance);
    group.groups = [];
  }
  return groups;
}
