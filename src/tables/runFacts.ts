/**
 * What is known of a run's items beside their class: the columns of the list that they come from, the levels of its
 * taxonomy, and what a file of items says. Nothing is embedded here.
 */
import { extname } from 'node:path';
import { statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import {
  type ItemDescription,
  type ItemFile,
  type ItemFileOptions,
  readItemFile,
} from '../items/describe.js';
import type { Collection } from '../runs/collection.js';
import type { Run } from '../runs/run.js';
import { columnNames } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import { isWebAddress } from '../store/webAddress.js';
import type { ToldFacts } from './facts.js';
import { listFile } from './listed.js';

/** Items with all their facts. */
export interface RunItems {
  readonly items: readonly ItemDescription[];
  readonly metadata: readonly string[];
  readonly types: Readonly<Record<string, ColumnType>>;
  readonly told: ToldFacts;
}

/** What the items of a run are described by. */
export interface RunItemsOptions {
  /** The images that were asked for; undefined for the run's own. */
  readonly images: string | undefined;
  /** What a list of images says, where it was read already. */
  readonly listed: ItemFile | undefined;
  /** A file of items. */
  readonly items: string | undefined;
  /** How columns of lists are taken. */
  readonly columns: Pick<ItemFileOptions, 'roles' | 'known' | 'encoding'>;
  readonly onNote: (note: string) => void;
}

/** The items of a collection with their facts. Throws DataError for a file of items that does not fit. */
export async function itemsOfRun(
  run: Run,
  collection: Collection,
  options: RunItemsOptions,
): Promise<RunItems> {
  const { items: file, columns, onNote } = options;
  const listed = options.listed ?? (await listOf(run, collection, options));
  const base = collection.items.map(
    ({ id, path, label }): ItemDescription => ({
      ...{ id, path: collection.vectors ? null : path, label, node: null, place: null },
      metadata: {},
    }),
  );
  listed?.notes.forEach(onNote);
  const described = listed ? withFile(base, matched(collection, listed), listed) : plain(base);
  const levelled = withLevels(described, collection);
  const told: ToldFacts = {
    path: !collection.vectors,
    label: base.some(({ label }) => label !== null),
    node: listed?.columns.includes('node') ?? false,
    place: listed?.columns.includes('x') ?? false,
    metadata: new Set(levelled.metadata),
  };
  return file === undefined
    ? { ...levelled, told }
    : withItemFile({ ...levelled, told }, collection, { path: file, columns, onNote });
}

type Described = Omit<RunItems, 'told'>;

const plain = (items: readonly ItemDescription[]): Described => ({ items, metadata: [], types: {} });

/** The list that a collection comes from; undefined when it is another kind of data. */
async function listOf(
  run: Run,
  { source, vectors, dataset }: Collection,
  { images, columns }: Pick<RunItemsOptions, 'images' | 'columns'>,
): Promise<ItemFile | undefined> {
  if (images !== undefined) {
    const list = listFile(images);
    return list === undefined ? undefined : readItemFile(list, { ...columns, byPath: true });
  }
  if (!dataset) return undefined;
  const { path, labels } = run.recipe.data;
  const named = vectors ? labels : source === 'manifest' ? path : source;
  const list = listFile(named ?? undefined);
  return list === undefined ? undefined : readItemFile(list, { ...columns, byPath: !vectors });
}

/** The row of a list for each item of a collection: in the order of the data set, else by id. */
function matched({ items, dataset }: Collection, { items: rows }: ItemFile): (ItemDescription | undefined)[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const inOrder =
    dataset?.items.length === rows.length
      ? new Map(dataset.items.map(({ id }, row) => [id, rows[row]]))
      : new Map<string, ItemDescription>();
  return items.map(({ id }) => byId.get(id) ?? inOrder.get(id));
}

/** Items with the facts of the rows that describe them. Classes are those of the items, where they have any. */
function withFile(
  items: readonly ItemDescription[],
  rows: readonly (ItemDescription | undefined)[],
  { metadata, types }: ItemFile,
): Described {
  return {
    items: items.map((item, i) => {
      const row = rows[i];
      if (!row) return item;
      const { path, label, node, place } = row;
      return {
        ...item,
        // The address is what an item is known by; the file is a copy.
        path: path !== null && isWebAddress(path) ? path : item.path,
        label: item.label ?? label,
        node,
        place,
        metadata: { ...item.metadata, ...row.metadata },
      };
    }),
    metadata,
    types,
  };
}

/** Items with the levels of the taxonomy of their data, as far as a list has not named them. */
function withLevels({ items, metadata, types }: Described, { dataset }: Collection): Described {
  const { levels = [], terms = [] } = dataset?.taxonomy ?? {};
  const names = columnNames(levels);
  const columns = levels.flatMap((level, i) => {
    const name = names.get(level)!;
    return metadata.includes(name) ? [] : [{ name, terms: terms[i] }];
  });
  if (columns.length === 0) return { items, metadata, types };
  const number = new Map(dataset?.classes.map((name, label) => [name, label]));
  return {
    items: items.map((item) => ({
      ...item,
      metadata: {
        ...Object.fromEntries(
          columns.map(({ name, terms: own }) => [
            name,
            item.label === null ? null : (own[number.get(item.label)!] ?? null),
          ]),
        ),
        ...item.metadata,
      },
    })),
    metadata: [...columns.map(({ name }) => name), ...metadata],
    types,
  };
}

/** Items with what a file says of them: by row where they are vectors and it has a row for each, else by id. */
async function withItemFile(
  { items, metadata, types, told }: RunItems,
  { vectors }: Collection,
  { path, columns, onNote }: Pick<RunItemsOptions, 'columns' | 'onNote'> & { readonly path: string },
): Promise<RunItems> {
  if (!statSync(path, { throwIfNoEntry: false })) throw new DataError(`There is no file ${path}.`);
  const file = await readItemFile(path, { ...columns, byPath: !vectors });
  file.notes.forEach(onNote);
  const byRow = vectors !== undefined && file.items.length === items.length;
  if (!byRow && !file.columns.includes('id') && !file.columns.includes('path'))
    throw new DataError(
      `${path} has no column "id", so nobody can tell which items it speaks of. Give it the ids of the items${extname(path) === '.csv' ? ' in a column "id"' : ' as "id"'}.`,
    );
  const byId = new Map(file.items.map((row) => [row.id, row]));
  const rows = items.map((item, i) => (byRow ? file.items[i] : byId.get(item.id)));
  const found = rows.filter((row) => row !== undefined).length;
  if (found < file.items.length)
    onNote(`${path} describes ${file.items.length - found} items that are not among those indexed.`);
  const has = (column: string) => file.columns.includes(column);
  const added = file.metadata.filter((name) => !metadata.includes(name));
  return {
    items: items.map((item, i) => {
      const row = rows[i];
      if (!row) return item;
      return {
        ...item,
        id: byRow && has('id') ? row.id : item.id,
        label: has('label') ? (row.label ?? item.label) : item.label,
        node: row.node ?? item.node,
        place: row.place ?? item.place,
        metadata: { ...item.metadata, ...row.metadata },
      };
    }),
    metadata: [...metadata, ...added],
    types: { ...types, ...file.types },
    told: {
      ...told,
      label: told.label || has('label'),
      node: told.node || has('node'),
      place: told.place || has('x'),
      metadata: new Set([...told.metadata, ...added]),
    },
  };
}
