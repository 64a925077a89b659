/**
 * A collection as retrieval is measured on it: which items are queries and which are the gallery, and the class of each
 * as a number. Worked out once here; what is measured is for others to say.
 */
import type { LabelledEmbeddings } from '../retrieval/index.js';
import { type Rows, takeRows } from '../rows.js';
import type { Collection } from './collection.js';

/** Queries and gallery of a collection, as indices into its items. */
export interface Sides {
  readonly queries: readonly number[];
  readonly gallery: readonly number[];
  /** Whether they are two lists, as in In-Shop; else every item is searched for among all the others. */
  readonly areApart: boolean;
}

/** Who is searched for, and among whom. */
export function sidesOf({ items, queries }: Pick<Collection, 'items' | 'queries'>): Sides {
  const all = [...items.keys()];
  if (!queries) return { queries: all, gallery: all, areApart: false };
  const asked = new Set(queries);
  return { queries, gallery: all.filter((item) => !asked.has(item)), areApart: true };
}

/** Numbers of the items' classes in order of first appearance; an item without a class is alone with itself, below 0. */
export function classNumbers({ items }: Pick<Collection, 'items'>): number[] {
  const numbers = new Map<string, number>();
  return items.map(({ label }, item) => {
    if (label === null) return -1 - item;
    if (!numbers.has(label)) numbers.set(label, numbers.size);
    return numbers.get(label)!;
  });
}

/** Embedded queries with their classes, and the gallery where it is another list: what `evaluateRetrieval` takes. */
export function labelledSides(
  embedded: Rows,
  collection: Pick<Collection, 'items' | 'queries'>,
): LabelledEmbeddings & { readonly gallery?: LabelledEmbeddings } {
  const labels = classNumbers(collection);
  const { queries, gallery, areApart } = sidesOf(collection);
  if (!areApart) return { embeddings: embedded.values, labels };
  const pick = (rows: readonly number[]): LabelledEmbeddings => ({
    embeddings: takeRows(embedded, rows).values,
    labels: rows.map((row) => labels[row]),
  });
  return { ...pick(queries), gallery: pick(gallery) };
}
