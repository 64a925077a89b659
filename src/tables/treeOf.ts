/**
 * The tree over the vectors of a file, a list, a folder of fragments, or a table, and over the images of a list by any network: with
 * what is known of the items as names. It is scored by columns that order classes, or by a taxonomy. Trees of runs are made elsewhere.
 */
import { HierError, UsageError } from '../errors.js';
import type { HierarchyDocument } from '../hierarchy/index.js';
import { type Failure, failuresOfList, tellFailures } from '../items/failures.js';
import type { Collection } from '../runs/collection.js';
import type { ProgressReporter } from '../runs/progress.js';
import type { Run } from '../runs/run.js';
import { type RunTree, treeDocument, treeOfCollection } from '../runs/tree/build.js';
import {
  kindOf,
  type LeafKind,
  type TreeOfItems,
  type TreeShape,
  treeOfItems,
} from '../runs/tree/ofItems.js';
import { embedReadable } from '../runs/tree/readable.js';
import { type ScoreCollectionOptions, scoreTreeOfCollection, taxonomyOf } from '../runs/tree/score.js';
import { type RunTreeScores, requireClasses, scoreTreeOfSpaces } from '../runs/tree/scoreSpaces.js';
import { counted } from '../shown.js';
import type { ItemFacts } from '../store/store.js';
import {
  type ItemPoints,
  pointsOfTable,
  pointsOfVectors,
  spacesOf,
  type VectorSourceOptions,
} from './itemPoints.js';
import { wordsOfItems } from './itemWords.js';
import { readList } from './listed.js';
import { taxonomyOfColumns } from './treeWords.js';

/** A tree over items that are not of a run. */
export interface ItemsTree extends TreeOfItems {
  /** The file or table, as it was named. */
  readonly source: string;
  readonly items: readonly Pick<ItemFacts, 'id' | 'path' | 'label'>[];
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** How a tree over vectors is made. */
export interface VectorTreeOptions extends TreeShape, VectorSourceOptions {}

/** The tree over a file of vectors, a list that holds some, or a folder of fragments. Throws as `indexTable` does for such a source. */
export async function treeOfVectors(source: string, options: VectorTreeOptions = {}): Promise<ItemsTree> {
  return treeOfPoints(await pointsOfVectors(source, options), options);
}

/** The tree over the items of a table, by its vectors. Throws UsageError when there is no table or it has no items. */
export async function treeOfTable(table: string, shape: TreeShape = {}): Promise<ItemsTree> {
  return treeOfPoints(await pointsOfTable(table), shape);
}

/** The tree as a document, for files and for tables. */
export const itemsTreeDocument = (tree: ItemsTree): HierarchyDocument => treeDocument(tree);

/** The tree over items with their points. */
export async function treeOfPoints(
  found: ItemPoints,
  { leaves, construction, levels }: TreeShape = {},
): Promise<ItemsTree> {
  const notes = [...found.notes];
  const tree = await treeOfItems({
    ...{ leaves, construction, levels },
    spaces: spacesOf(found),
    isPlain: true,
    items: found.items,
    ...wordsOfItems(found),
    onNote: (note) => notes.push(note),
  });
  return { ...tree, source: found.source, items: found.items, notes };
}

/** How a list is read for a tree. */
export interface ListTreeOptions extends TreeShape {
  readonly progress?: ProgressReporter | undefined;
  /** What the list is written in where it is not UTF-8. */
  readonly encoding?: string | undefined;
  /** Where images that cannot be had are listed (CSV). Default: beside the list, `items.failures.csv` for `items.csv`. */
  readonly failures?: string | undefined;
}

/**
 * The tree of a run, or of any network, over the images of a list, which need no classes; its other columns make names. Images that
 * cannot be had or read are left out, listed in a file, and told.
 * @throws DataError where none can be read; HierError for a file of failures that was named and cannot be written
 */
export async function treeOfList(run: Run, list: string, options: ListTreeOptions = {}): Promise<RunTree> {
  const { run: withPoints, collection, items, metadata, notes } = await openListed(run, list, options);
  const tree = await treeOfCollection(withPoints, collection, options, wordsOfItems({ items, metadata }));
  return { ...tree, notes: [...notes, ...tree.notes] };
}

/** Scores the tree of a run, or of any network, over the images of a list by the columns that order their classes. Throws as both do. */
export async function scoreTreeOfList(
  run: Run,
  list: string,
  options: ListTreeOptions & Omit<ScoreCollectionOptions, 'terms'> = {},
): Promise<RunTreeScores> {
  const { taxonomy, leaves: kind = 'classes' } = options;
  const termsOf = (items: ItemPoints['items'], metadata: readonly string[]) => {
    requireClasses({ source: list, split: 'all', items: items.map((item) => ({ ...item, path: '' })) });
    const classes = [...new Set(items.map(({ label }) => label!))];
    return taxonomyOfItems({ source: list }, { items, metadata, classes, taxonomy, kind });
  };
  const listed = await openListed(run, list, options, termsOf); // is asked before what takes long
  const { run: withPoints, collection, items, metadata, skipped, notes } = listed;
  const terms = termsOf(items, metadata);
  const scores = await scoreTreeOfCollection(withPoints, collection, { ...options, terms });
  return { ...scores, notes: [...notes, ...scores.notes], skipped };
}

/** The images of a list that can be had and read, with what it says of them; the others are listed and told. */
async function openListed(
  run: Run,
  list: string,
  { progress, encoding, failures }: ListTreeOptions,
  check: (items: ItemPoints['items'], metadata: readonly string[]) => unknown = () => undefined,
) {
  const found = await readList(list, { source: list, columns: { encoding }, progress });
  const { file } = found;
  check(file.items, file.metadata);
  const notes = [...file.notes];
  const onNote = (note: string) => notes.push(note);
  const count = found.collection.items.length - found.failures.length;
  const there: Collection = { ...found.collection, items: found.collection.items.slice(0, count) };
  const { rows, skipped, ...readable } = await embedReadable(run, there, { progress, onNote });
  const damaged = skipped.map(({ index, reason }): Failure => {
    const { id, path } = file.items[index];
    return { id, image: path ?? '', reason };
  });
  const all = [...found.failures, ...damaged];
  listFailures(all, list, { path: failures, onNote });
  return {
    ...readable,
    items: rows.map((row) => file.items[row]),
    metadata: file.metadata,
    skipped: all.map(({ image, reason }) => ({ path: image, reason })),
    notes,
  };
}

/** Lists failures where that was asked for, else beside the list of images where one may write. */
function listFailures(
  failures: readonly Failure[],
  list: string,
  { path, onNote }: { readonly path: string | undefined; readonly onNote: (note: string) => void },
): void {
  try {
    tellFailures(failures, { path: path ?? failuresOfList(list), source: list, onNote });
  } catch (error) {
    if (path !== undefined || !(error instanceof HierError)) throw error;
    const [first] = failures;
    if (first)
      onNote(
        `${counted(failures.length, 'image')} of ${list} could not be had; the first, "${first.id}": ${first.reason}. They could not be listed beside it: name a file with --failures.`,
      );
  }
}

/** What a taxonomy of items is taken from. */
interface OrderedItems {
  readonly items: ItemPoints['items'];
  readonly metadata: readonly string[];
  readonly classes: readonly string[];
  readonly taxonomy: string | undefined;
  readonly kind: LeafKind;
}

/** The taxonomy that was asked for, or that of the columns which order the classes. Throws UsageError where there is none. */
function taxonomyOfItems(
  { source }: Pick<Collection, 'source'>,
  { items, metadata, classes, taxonomy, kind }: OrderedItems,
) {
  const ordered = taxonomyOfColumns(items, metadata, classes);
  if (taxonomy === undefined && kind === 'classes' && ordered.levels.length === 0)
    throw new UsageError(
      `${source} has no column that puts its classes into groups, so there is no taxonomy to score against. Add one (each class in one group), name a taxonomy, such as --score kinship.csv with the columns parent and child, or score items by class with --leaves images.`,
    );
  return taxonomyOf({ source }, taxonomy, kind, { classes, taxonomy: ordered });
}

/** How trees of items are scored; see `scoreTreeOfRun`. */
export interface ItemsScoreOptions extends TreeShape {
  /** A file, or a taxonomy that comes with hier. Default: the columns that order the classes. */
  readonly taxonomy?: string | undefined;
  readonly draws?: number | undefined;
  readonly resamples?: number | undefined;
  readonly seed?: number | undefined;
}

/**
 * Scores the tree over a file of vectors or a table. Throws DataError where items have no class, UsageError where there is no
 * taxonomy to score by.
 */
export async function scoreTreeOfItems(
  found: ItemPoints,
  options: ItemsScoreOptions = {},
): Promise<RunTreeScores> {
  const { taxonomy, leaves = kindOf(found.items), construction, levels } = options;
  const { draws = 20, resamples = 1_000, seed = 0 } = options;
  const { source, points, items, metadata, notes } = found;
  const plain: Collection = {
    ...{ source, split: 'all', vectors: points },
    items: items.map(({ id, path, label }) => ({ id, path: path ?? id, label })),
  };
  requireClasses(plain);
  const classes = [...new Set(items.map(({ label }) => label!))];
  const terms = taxonomyOfItems(plain, { items, metadata, classes, taxonomy, kind: leaves });
  return scoreTreeOfSpaces({
    name: source,
    collection: plain,
    spaces: spacesOf(found),
    isPlain: true,
    taxonomy: terms,
    ...{ leaves, construction, levels, draws, resamples, seed, notes },
  });
}

export { type ItemPoints, pointsOfTable, pointsOfVectors } from './itemPoints.js';
