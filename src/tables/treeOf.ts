/**
 * The tree over the vectors of a file, a folder of fragments, or a table: plain vectors of any model, with what is known of
 * their items as names. Trees of runs are made elsewhere.
 */
import { openTable } from '../engines/open.js';
import { UsageError } from '../errors.js';
import type { HierarchyDocument, Points } from '../hierarchy/index.js';
import { joinValues } from '../rows.js';
import { treeDocument } from '../runs/tree/build.js';
import { type TreeOfItems, type TreeShape, treeOfItems } from '../runs/tree/ofItems.js';
import type { ItemFacts } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { openVectorRows } from './ofVectors.js';
import type { SourceOptions } from './source.js';
import { columnWords, mostFrequent } from './treeWords.js';

/** A tree over items that are not of a run. */
export interface ItemsTree extends TreeOfItems {
  /** The file or table, as it was named. */
  readonly source: string;
  readonly items: readonly Pick<ItemFacts, 'id' | 'path' | 'label'>[];
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** How a tree over vectors is made; fields as in the options of `indexTable`. */
export interface VectorTreeOptions extends TreeShape {
  readonly items?: SourceOptions['items'] | undefined;
  readonly features?: SourceOptions['features'] | undefined;
  readonly metric?: SourceOptions['metric'] | undefined;
  readonly curvature?: SourceOptions['curvature'] | undefined;
}

type Described = Pick<ItemFacts, 'id' | 'path' | 'label' | 'metadata'>;

/** The tree over a file of vectors or a folder of fragments. Throws as `indexTable` does for such a source. */
export async function treeOfVectors(source: string, options: VectorTreeOptions = {}): Promise<ItemsTree> {
  const { items: file, features, metric: wanted, curvature: given, ...shape } = options;
  const rows = await openVectorRows(source, { items: file, features, keep: 0 });
  const curvature = given ?? rows.curvature ?? 0;
  const metric = wanted ?? (curvature > 0 ? 'hyperbolic' : 'cosine');
  if (metric === 'hyperbolic' && given === undefined && rows.curvature === undefined)
    throw new UsageError(
      `The curvature that ${source} was made with is not known. Give it with --curvature.`,
    );
  const values = rows.values ?? joinValues(rows.items.map((_, row) => rows.vectorAt(row)));
  return treeOfPoints(
    source,
    { values, dim: rows.dim, metric, curvature },
    { items: rows.items, metadata: rows.metadata, notes: rows.notes, shape },
  );
}

/** The tree over the items of a table, by its vectors. Throws UsageError when there is no table or it has no items. */
export async function treeOfTable(table: string, shape: TreeShape = {}): Promise<ItemsTree> {
  const store = await openTable(table);
  try {
    const { space, metadata } = store.manifest;
    const { metric, curvature, dim } = space;
    const found: { item: Described; vector: Float32Array }[] = [];
    for await (const batch of store.scan({ vectors: true }))
      for (const { vector, ...item } of batch) found.push({ item, vector: vector.slice() });
    if (found.length === 0)
      throw new UsageError(
        `The table ${shownTable(table)} has no items, so there is nothing to build a tree over.`,
      );
    found.sort((a, b) => (a.item.id < b.item.id ? -1 : 1));
    const values = joinValues(found.map(({ vector }) => vector));
    const items = found.map(({ item }) => item);
    return await treeOfPoints(
      shownTable(table),
      { values, dim, metric, curvature },
      { items, metadata, notes: [], shape },
    );
  } finally {
    await store.close();
  }
}

/** The tree as a document, for files and for tables. */
export const itemsTreeDocument = (tree: ItemsTree): HierarchyDocument => treeDocument(tree);

async function treeOfPoints(
  source: string,
  points: Points,
  {
    items,
    metadata,
    notes: told,
    shape,
  }: {
    readonly items: readonly Described[];
    readonly metadata: readonly string[];
    readonly notes: readonly string[];
    readonly shape: TreeShape;
  },
): Promise<ItemsTree> {
  const notes = [...told];
  const { kinds, texts, titles } = columnWords(items, metadata);
  const tree = await treeOfItems({
    ...shape,
    spaces: { points },
    items,
    texts,
    titles,
    termsOf: ({ items: rows }) =>
      kinds.map(({ name, terms }) => ({ name, terms: rows.map((list) => mostFrequent(list, terms)) })),
    onNote: (note) => notes.push(note),
  });
  return { ...tree, source, items, notes };
}
