/**
 * Items for a table from files: names, classes and further columns of vectors (CSV or JSON Lines), and the node of
 * each item. It reads text; vectors and images are others' business.
 */
import { dirname, resolve } from 'node:path';
import { DataError } from '../errors.js';
import { readRows } from '../io/readRows.js';
import type { ItemFacts } from '../store/store.js';

/** Facts of an item that are known before it is embedded. */
export type ItemDescription = Omit<ItemFacts, 'hash'>;

/** Columns that mean something; all others are metadata. */
const KNOWN = ['id', 'path', 'label', 'node', 'x', 'y'];

/** Items as a file describes them, and the names of the further columns. */
export interface ItemFile {
  readonly items: readonly ItemDescription[];
  readonly metadata: readonly string[];
}

/** Reads a file of items: column `id` (default the row's number), and path, label, node, x and y where there are. */
export function readItemFile(file: string): ItemFile {
  const { columns, rows } = readRows(file);
  const metadata = columns.filter((name) => !KNOWN.includes(name));
  const items = rows.map(({ line, values }, row): ItemDescription => {
    const text = (name: string) => (values[name] ? values[name] : null);
    return {
      id: text('id') ?? String(row),
      path: values.path ? resolve(dirname(file), values.path) : null,
      label: text('label'),
      node: text('node'),
      place: placeOf(values, `${file}, line ${line}`),
      metadata: Object.fromEntries(metadata.map((name) => [name, text(name)])),
    };
  });
  return { items, metadata };
}

/** Where items hang in the tree, and their places on the map, from a file with the columns id, node, x and y. */
export interface ItemPlace {
  readonly node: string | null;
  readonly place: ItemDescription['place'];
}

/** Reads such a file. Throws DataError without a column `id`. */
export function readItemPlaces(file: string): ReadonlyMap<string, ItemPlace> {
  const { columns, rows } = readRows(file);
  if (!columns.includes('id'))
    throw new DataError(`${file} has no column "id". It needs the columns id and node, or id, x and y.`);
  return new Map(
    rows.map(({ line, values }) => [
      values.id,
      { node: values.node || null, place: placeOf(values, `${file}, line ${line}`) },
    ]),
  );
}

/** Items with the node and place that a file gives them; what it does not name stays as it is. */
export function withPlaces<T extends ItemDescription>(
  items: readonly T[],
  placings: ReadonlyMap<string, ItemPlace>,
): T[] {
  return items.map((item) => {
    const found = placings.get(item.id);
    return found ? { ...item, node: found.node ?? item.node, place: found.place ?? item.place } : item;
  });
}

function placeOf({ x, y }: Readonly<Record<string, string>>, where: string): ItemDescription['place'] {
  if (!x && !y) return null;
  const place = [Number(x), Number(y)] as const;
  if (!x || !y || !place.every(Number.isFinite) || Math.hypot(...place) > 1)
    throw new DataError(`${where}: (${x}, ${y}) is not a place in the unit disk.`);
  return place;
}
