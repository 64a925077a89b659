/**
 * The tree that the items of a table hang from: one in a file, or that of the run itself over the items that it brings.
 */
import { existsSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import { toJson } from '../hierarchy/index.js';
import { readTextFile } from '../io/text.js';
import { rowAt } from '../rows.js';
import type { Collection, Split } from '../runs/collection.js';
import type { ProgressReporter } from '../runs/progress.js';
import type { EmbeddedCollection, Run } from '../runs/run.js';
import { treeDocument, treeOfCollection } from '../runs/tree/build.js';
import { readableOf } from '../runs/tree/readable.js';
import { DamagedFile } from '../store/keptFiles.js';
import type { Store } from '../store/store.js';
import { keepText, readText } from '../store/textFiles.js';
import { leafNodes, parseTree, TREE_CHOICE_FILE, TREE_FILE, treeText } from '../store/tree.js';
import type { ItemPoints } from './itemPoints.js';
import { type ItemsWithColumns, wordsOfItems } from './itemWords.js';
import { itemsTreeDocument, treeOfPoints } from './treeOf.js';

/** Which tree a table is to have, and over which images a run makes it. */
export interface TreeChoice {
  /** For a run: which images. Default: its own data. */
  readonly images?: string;
  /** For a run. Default: the test classes of its own data, all of other data. */
  readonly split?: Split;
  /**
   * A file with a tree (JSON). Items hang from the leaf of their id or their class, where it names its leaves. Default:
   * that of the run; false for none.
   */
  readonly tree?: string | false;
}

/** A tree as a table takes it. */
export interface TableTree {
  /** As it is kept with the table. */
  readonly text: string;
  /** Its nodes that are leaves, by the names of classes or items. */
  readonly leaves: ReadonlyMap<string, string>;
  /** Whether a run brought it, or a file. */
  readonly kind: 'own' | 'given';
  /** Why it is this tree, in a sentence; absent where that is not known. */
  readonly why?: string;
}

/** Throws DataError that names `from` when a text is not a tree. */
function tableTreeOf(text: string, from: string, kind: TableTree['kind']): TableTree {
  return { text: treeText(parseTree(text, from)), leaves: leafNodes(text, from), kind };
}

/** Most items that a tree is made over by itself: it is embedded for it once more, and leaves that are items take time. */
const MOST = { inClasses: 20_000, withoutClasses: 5000 };

/** File of a table that says what its own tree was made over; empty when the tree is another. */
export const ORIGIN_FILE = 'tree-origin';

const originOf = ({ images, split }: TreeChoice) =>
  JSON.stringify({ images: images ?? null, split: split ?? null });

/**
 * Whether a run is to bring its tree: to a new table, and to one whose tree it has brought over the same images. In
 * any other table it would take the place of a tree that other items hang from. Where the record of it is damaged, the tree
 * is made again.
 */
export async function wantsOwnTree(store: Store | null, options: TreeChoice): Promise<boolean> {
  if (options.tree !== undefined) return false;
  if (!store) return true;
  try {
    return (await readText(store, ORIGIN_FILE)) === originOf(options);
  } catch (error) {
    if (error instanceof DamagedFile) return true; // as its way out says
    throw error;
  }
}

/** The tree of a file. Throws UsageError when there is none, DataError when it is not a tree. */
export function treeFile(path: string): TableTree {
  if (!existsSync(path)) throw new UsageError(`There is no file ${path}.`);
  return tableTreeOf(readTextFile(path), path, 'given');
}

/** A tree that a run has made, and what it was made over. */
export interface OwnTree {
  /** Undefined when there is none. */
  readonly tree: TableTree | undefined;
  /** The embeddings of all items, where they were made for it. */
  readonly embedded: TreeEmbeddings | undefined;
}

/** Embeddings of all items, and how many of them were made now. */
export interface TreeEmbeddings extends EmbeddedCollection {
  readonly made: number;
}

/** How a run makes its tree. */
interface OwnTreeOptions {
  /** What the columns of the items say, for the names of groups: a description an item of the collection. */
  readonly described: ItemsWithColumns;
  /** Embeddings by row that need not be made. */
  readonly known?: ReadonlyMap<number, Float32Array> | undefined;
  readonly progress?: ProgressReporter | undefined;
  readonly onNote: (note: string) => void;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The tree of a run over the items of a collection that can be read; none, with a note why, when there are too many or it
 * fails. Throws what the signal was aborted with.
 */
export async function ownTree(
  run: Run,
  collection: Collection,
  { described, known = new Map(), progress, onNote, signal }: OwnTreeOptions,
): Promise<OwnTree> {
  const { items } = collection;
  if (areTooMany(items, run.folder, onNote)) return { tree: undefined, embedded: undefined };
  let embedded: TreeEmbeddings | undefined;
  try {
    const onProgress = progress?.(`embedding with ${run.folder}`);
    let made = 0;
    const counting = (done: number, total: number) => {
      made = done;
      onProgress?.(done, total);
    };
    const how = { onBad: 'skip', onNote, signal, onProgress: counting } as const;
    embedded =
      known.size > 0
        ? await completed(run, { collection, known }, how)
        : { ...(await run.embeddings(collection, how)), made: 0 };
    embedded = { ...embedded, made };
    const readable = readableOf(run, collection, embedded);
    const words = wordsOfItems({
      items: readable.rows.map((row) => described.items[row]),
      metadata: described.metadata,
    });
    const tree = await treeOfCollection(readable.run, readable.collection, { progress }, words);
    signal?.throwIfAborted();
    onNote(tree.choice.sentence);
    const { length } = readable.collection.items;
    if (length < items.length)
      onNote(`The tree was made over ${length} of ${items.length} items: the others could not be read.`);
    const own = tableTreeOf(toJson(treeDocument(tree)), `The tree of ${run.folder}`, 'own');
    return { tree: { ...own, why: tree.choice.sentence }, embedded };
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    onNote(`No tree was made: ${error.message}`);
    return { tree: undefined, embedded };
  }
}

/**
 * The tree over vectors of any model; undefined, with a note why, when there are too many or it fails, or when the table holds
 * items that the source does not have: these would be left hanging from a tree that is gone.
 */
export async function ownTreeOfVectors(
  found: Omit<ItemPoints, 'points'> & { points(): ItemPoints['points'] },
  { existing, onNote }: { readonly existing: Store | undefined; readonly onNote: (note: string) => void },
): Promise<TableTree | undefined> {
  const { source, items } = found;
  if (existing && (await existing.hashes(items.map(({ id }) => id))).size < (await existing.count())) {
    onNote(
      `The tree of the table stays as it was, since the table holds items that ${source} has not; new items do not hang from it.`,
    );
    return undefined;
  }
  if (items.length < 2 || areTooMany(items, source, onNote)) return undefined;
  try {
    const tree = await treeOfPoints({ ...found, points: found.points() });
    for (const note of [...tree.notes, tree.choice.sentence]) onNote(note);
    const own = tableTreeOf(toJson(itemsTreeDocument(tree)), `The tree of ${source}`, 'own');
    return { ...own, why: tree.choice.sentence };
  } catch (error) {
    if (!(error instanceof DataError || error instanceof UsageError)) throw error;
    onNote(`No tree was made: ${error.message}`);
    return undefined;
  }
}

/** Whether there are more items than a tree is made over by itself, which is told. */
function areTooMany(
  items: readonly { readonly label: string | null }[],
  source: string,
  onNote: (note: string) => void,
): boolean {
  const most = items.every(({ label }) => label !== null) ? MOST.inClasses : MOST.withoutClasses;
  if (items.length <= most) return false;
  onNote(
    `No tree was made: there are more than ${most} items. Make one with: npx hier tree ${source} --export json --out tree.json, and give it with --tree.`,
  );
  return true;
}

/** The embeddings of a collection of which some are known. */
async function completed(
  run: Run,
  {
    collection,
    known,
  }: { readonly collection: Collection; readonly known: NonNullable<OwnTreeOptions['known']> },
  how: Parameters<Run['embeddings']>[1],
): Promise<TreeEmbeddings> {
  const { items } = collection;
  const { embeddingSize: dim, curvature } = run.info;
  const rows = [...items.keys()].filter((row) => !known.has(row));
  const values = new Float32Array(items.length * dim);
  for (const [row, vector] of known) values.set(vector, row * dim);
  const { queries: _, ...rest } = collection;
  const some =
    rows.length > 0 ? await run.embeddings({ ...rest, items: rows.map((row) => items[row]) }, how) : null;
  rows.forEach((row, i) => {
    values.set(rowAt(some!, i), row * dim);
  });
  const skipped = (some?.skipped ?? []).map(({ index, reason }) => ({ index: rows[index], reason }));
  return { values, dim, metric: run.metric, curvature, skipped, made: 0 };
}

/** Keeps the tree of a source with a table. */
export async function keepTree(
  store: Store,
  { text, kind, why = '' }: TableTree,
  options: TreeChoice,
): Promise<void> {
  await keepText(store, TREE_FILE, text);
  await keepText(store, TREE_CHOICE_FILE, why);
  await keepText(store, ORIGIN_FILE, kind === 'own' ? originOf(options) : '');
}
