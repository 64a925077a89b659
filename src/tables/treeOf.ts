/**
 * The tree over the vectors of a file, a folder of fragments, or a table: plain vectors of any model, with what is known of
 * their items as names. Trees of runs are made elsewhere.
 */
import { openTable } from '../engines/open.js';
import { UsageError } from '../errors.js';
import type { HierarchyDocument, LabelLevel, Points } from '../hierarchy/index.js';
import { joinValues } from '../rows.js';
import { treeDocument } from '../runs/tree/build.js';
import { type TreeOfItems, type TreeShape, treeOfItems } from '../runs/tree/ofItems.js';
import { columnText } from '../store/columns.js';
import type { ItemFacts } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { openVectorRows } from './ofVectors.js';
import type { SourceOptions } from './source.js';

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
  const { kinds, texts } = columnsOf(items, metadata);
  const tree = await treeOfItems({
    ...shape,
    spaces: { points },
    items,
    texts,
    termsOf: ({ items: rows }) =>
      kinds.map(({ name, terms }) => ({ name, terms: rows.map((list) => mostFrequent(list, terms)) })),
    onNote: (note) => notes.push(note),
  });
  return { ...tree, source, items, notes };
}

/** A column of fewer values than this share of the items says what kind of thing an item is; others are texts. */
const KINDS = 0.5;

/** What columns say: those with few values as levels, coarse to fine; the words of the others. */
function columnsOf(
  items: readonly Described[],
  metadata: readonly string[],
): { readonly kinds: readonly LabelLevel[]; readonly texts: readonly string[][] } {
  const columns = metadata.map((name) => {
    const terms = items.map((item) => columnText(item.metadata, name) ?? '');
    return { name, terms, values: new Set(terms.filter((term) => term !== '')).size };
  });
  const isText = ({ terms }: LabelLevel) => terms.some((term) => /\p{L}{2}/u.test(term));
  const kinds = columns.filter((one) => isText(one) && one.values > 1 && one.values <= KINDS * items.length);
  const others = columns.filter((one) => isText(one) && !kinds.includes(one));
  return {
    kinds: kinds.sort((a, b) => a.values - b.values),
    texts: items.map((_, row) => others.map(({ terms }) => terms[row])),
  };
}

/** The value that most rows of a leaf have; empty where none has any. */
function mostFrequent(rows: readonly number[], terms: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(terms[row], (counts.get(terms[row]) ?? 0) + 1);
  return [...counts].reduce((best, one) => (one[1] > best[1] ? one : best))[0];
}
