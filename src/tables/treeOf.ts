/**
 * The tree over the vectors of a file, a list, a folder of fragments, or a table, and over the images of a list by any network: with
 * what is known of the items as names. It is scored by columns that order classes, or by a taxonomy. Trees of runs are made elsewhere.
 */
import { UsageError } from '../errors.js';
import type { HierarchyDocument } from '../hierarchy/index.js';
import type { Collection } from '../runs/collection.js';
import type { ProgressReporter } from '../runs/progress.js';
import type { Run } from '../runs/run.js';
import { type RunTree, treeDocument, treeOfCollection } from '../runs/tree/build.js';
import { kindOf, type TreeOfItems, type TreeShape, treeOfItems } from '../runs/tree/ofItems.js';
import { taxonomyOf } from '../runs/tree/score.js';
import { type RunTreeScores, requireClasses, scoreTreeOfSpaces } from '../runs/tree/scoreSpaces.js';
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

async function treeOfPoints(
  found: ItemPoints,
  { leaves, construction, levels }: TreeShape,
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
}

/**
 * The tree of a run, or of any network, over the images of a list, which need no classes; its other columns make names. Images that
 * cannot be had are left out, which is told.
 */
export async function treeOfList(run: Run, list: string, options: ListTreeOptions = {}): Promise<RunTree> {
  const { collection, failures, file, notes } = await readList(list, {
    source: list,
    columns: {},
    progress: options.progress,
  });
  const count = collection.items.length - failures.length;
  const items = file.items.slice(0, count);
  const readable: Collection = { ...collection, items: collection.items.slice(0, count) };
  const tree = await treeOfCollection(
    run,
    readable,
    options,
    wordsOfItems({ items, metadata: file.metadata }),
  );
  return { ...tree, notes: [...file.notes, ...notes, ...tree.notes] };
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
  const ordered = taxonomyOfColumns(items, metadata, classes);
  if (taxonomy === undefined && leaves === 'classes' && ordered.levels.length === 0)
    throw new UsageError(
      `${source} has no column that puts its classes into groups, so there is no taxonomy to score against. Add one (each class in one group), name a taxonomy, such as --score kinship.csv with the columns parent and child, or score items by class with --leaves images.`,
    );
  const terms = taxonomyOf(plain, taxonomy, leaves, { classes, taxonomy: ordered });
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
