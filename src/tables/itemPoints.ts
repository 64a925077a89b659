/**
 * Items with their points for trees that are not of a run: the vectors of a file, of a list, of a folder of fragments or of a
 * table, and what is known of the items. No tree is built here.
 */
import { openTable } from '../engines/open.js';
import { DataError, UsageError } from '../errors.js';
import type { ItemSpaces, Points } from '../hierarchy/index.js';
import { hasVectorFormat } from '../io/vectors.js';
import { readItemFile } from '../items/describe.js';
import { listedVectors } from '../items/listedVectors.js';
import { joinValues } from '../rows.js';
import { fromTheMean } from '../runs/tree/features.js';
import type { ItemFacts } from '../store/store.js';
import { shownTable } from '../store/tableUri.js';
import { listFile } from './listed.js';
import { openVectorRows } from './ofVectors.js';
import type { SourceOptions } from './source.js';

/** What is known of an item of a tree. */
export type DescribedItem = Pick<ItemFacts, 'id' | 'path' | 'label' | 'metadata'>;

/** Items with their points. */
export interface ItemPoints {
  /** The file or table, as it was named. */
  readonly source: string;
  readonly items: readonly DescribedItem[];
  readonly points: Points;
  /** Names of the columns that say more of them. */
  readonly metadata: readonly string[];
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** How a file of vectors is read; fields as in the options of `indexTable`. */
export interface VectorSourceOptions {
  readonly items?: SourceOptions['items'] | undefined;
  /** The classes: a file with a column `label`, or a tensor or column of the file of vectors. */
  readonly labels?: string | undefined;
  readonly features?: SourceOptions['features'] | undefined;
  readonly metric?: SourceOptions['metric'] | undefined;
  readonly curvature?: SourceOptions['curvature'] | undefined;
  /** What the list, or `items`, is written in where it is not UTF-8. */
  readonly encoding?: string | undefined;
}

/** The vectors of a file, a list or a folder of fragments. Throws as `indexTable` does for such a source. */
export async function pointsOfVectors(
  source: string,
  options: VectorSourceOptions = {},
): Promise<ItemPoints> {
  const { metric: wanted, curvature: given } = options;
  const rows = await readVectorItems(source, options);
  const curvature = given ?? rows.curvature ?? 0;
  const metric = wanted ?? (curvature > 0 ? 'hyperbolic' : 'cosine');
  if (metric === 'hyperbolic' && given === undefined && rows.curvature === undefined)
    throw new UsageError(
      `The curvature that ${source} was made with is not known. Give it with --curvature.`,
    );
  const { values, dim, items, metadata, notes } = rows;
  return { source, items, points: { values, dim, metric, curvature }, metadata, notes };
}

async function readVectorItems(source: string, options: VectorSourceOptions) {
  const { items, labels, features, encoding } = options;
  if (listFile(source) !== undefined && !hasVectorFormat(source)) return listItems(source, options);
  const rows = await openVectorRows(source, { items, labels, features, encoding, keep: 0 });
  return { ...rows, values: rows.values ?? joinValues(rows.items.map((_, row) => rows.vectorAt(row))) };
}

/** A list whose rows hold their vectors, and all else that is known of the items. */
async function listItems(source: string, { items, labels, encoding }: VectorSourceOptions) {
  const path = listFile(source)!;
  if (items !== undefined)
    throw new UsageError(`--items is for files of vectors; ${source} says itself what its rows are.`);
  const vectors = listedVectors(path, encoding);
  if (!vectors)
    throw new DataError(
      `${source} is a list without vectors. Where it lists images, name the network that embeds them: npx hier tree ${source} --model mobilenet.onnx (or hub:OWNER/NAME). Vectors stand in one column, such as "embedding" with [0.1, 0.2, …], or in numbered ones, such as e0, e1, ….`,
    );
  const file = await readItemFile(path, {
    encoding,
    ...(labels === undefined ? {} : { roles: { label: labels } }),
  });
  const { values, dim, columns } = vectors;
  const metadata = file.metadata.filter((name) => !columns.includes(name));
  return { values, dim, items: file.items, metadata, notes: file.notes, curvature: undefined };
}

/** The items of a table with their vectors, by id. Throws UsageError when there is no table or it has no items. */
export async function pointsOfTable(table: string): Promise<ItemPoints> {
  const store = await openTable(table);
  try {
    const { space, metadata } = store.manifest;
    const { metric, curvature, dim } = space;
    const found: { item: DescribedItem; vector: Float32Array }[] = [];
    for await (const batch of store.scan({ vectors: true }))
      for (const { vector, ...item } of batch) found.push({ item, vector: vector.slice() });
    if (found.length === 0)
      throw new UsageError(
        `The table ${shownTable(table)} has no items, so there is nothing to build a tree over.`,
      );
    found.sort((a, b) => (a.item.id < b.item.id ? -1 : 1));
    const values = joinValues(found.map(({ vector }) => vector));
    return {
      source: shownTable(table),
      items: found.map(({ item }) => item),
      points: { values, dim, metric, curvature },
      metadata,
      notes: [],
    };
  } finally {
    await store.close();
  }
}

/** The spaces that trees of plain vectors are built in: as they are and, where cosines count, from their mean. */
export const spacesOf = ({ points, items }: Pick<ItemPoints, 'points' | 'items'>): ItemSpaces => ({
  points,
  features: fromTheMean(points, items),
});
