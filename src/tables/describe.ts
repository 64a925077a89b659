/**
 * Items for a table from files: names, classes and further columns of vectors (CSV or JSON Lines), and the node of
 * each item. It reads text; vectors and images are others' business.
 */
import { dirname, extname, resolve } from 'node:path';
import { listedFiles } from '../disk/index.js';
import { DataError } from '../errors.js';
import { isMissing } from '../io/missing.js';
import { jsonLines, readRows } from '../io/readRows.js';
import { readTextFile } from '../io/text.js';
import {
  type ColumnValues,
  columnNames,
  columnText,
  columnValues,
  own,
  typeOfColumn,
} from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import type { ItemFacts } from '../store/store.js';

/** Facts of an item that are known before it is embedded. */
export type ItemDescription = Omit<ItemFacts, 'hash'>;

/** Columns that mean something; all others are metadata. */
const KNOWN = ['id', 'path', 'label', 'node', 'x', 'y'];

/** Paths that are written in one of several ways. */
const UNPLAIN = /[^ -[\]-~]/;

/** Columns of a list of images that say which level of a taxonomy they are. */
const TAXONOMY = 'taxonomy.';

/** Items as a file describes them, and the names of the further columns. */
export interface ItemFile {
  readonly items: readonly ItemDescription[];
  readonly metadata: readonly string[];
  /** Types of those columns that are not text. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** The columns of the file. */
  readonly columns: readonly string[];
  /** The columns `split`, where there is one, by row. */
  readonly splits: readonly (string | null)[];
  /** What a reader should know: columns that are left out, or that may have been meant as known ones. */
  readonly notes: readonly string[];
}

/**
 * Reads a file of items: column `id` (default the row's number, of a list of images its path), and path, label, node, x and
 * y where there are. All others are metadata: in JSON Lines with the types of their values, in CSV as text.
 * @throws DataError, with both lines, for an id that is there twice
 */
export function readItemFile(file: string, { byPath = false }: { readonly byPath?: boolean } = {}): ItemFile {
  const { columns, rows, notes = [] } = readRows(file);
  const others = columns.filter((name) => !KNOWN.includes(name));
  const names = columnNames(others.map(levelOf));
  const metadata = others.map((name) => names.get(levelOf(name))!);
  const root = dirname(resolve(file));
  const find = listedFiles(root);
  const items = rows.map(({ line, values }, row): ItemDescription => {
    const text = (name: string) => own(values, name) || null;
    const path = text('path');
    return {
      id: text('id') ?? (byPath && path !== null ? path.replaceAll('\\', '/') : String(row)),
      // What is plain ASCII with / is where it says, or nowhere: a million paths are not looked for.
      path: path === null ? null : UNPLAIN.test(path) ? find(path).path : resolve(root, path),
      label: isMissing(text('label') ?? '') ? null : text('label'),
      node: text('node'),
      place: placeOf(values, `${file}, line ${line}`),
      metadata: Object.fromEntries(others.map((name, i) => [metadata[i], text(name)])),
    };
  });
  refuseRepeats(
    file,
    items.map(({ id }, i) => ({ id, line: rows[i].line })),
  );
  const splits = rows.map(({ values }) => own(values, 'split') || null);
  const typed = typesOf(file, others);
  const types = Object.fromEntries(
    others.flatMap((name, i) => (typed.has(name) ? [[metadata[i], typed.get(name)!]] : [])),
  );
  return {
    ...{ items: typedItems(items, metadata, types), metadata, types, columns, splits },
    notes: [...notes, ...likeKnown(file, columns)],
  };
}

/** What others call the known columns, in small letters without signs between them. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ id: 'id', itemid: 'id', imageid: 'id' },
  ...{ path: 'path', file: 'path', filename: 'path', filepath: 'path', imagepath: 'path', imgpath: 'path' },
  ...{ label: 'label', class: 'label', classname: 'label', category: 'label', target: 'label' },
  ...{ node: 'node', nodeid: 'node' },
};

/** Notes on columns that are kept as further ones and may have been meant as known ones. */
export function likeKnown(file: string, columns: readonly string[]): string[] {
  return columns.flatMap((name) => {
    const plain = name.toLowerCase().replace(/[\s_.-]/g, '');
    const known = Object.hasOwn(ALIASES, plain) ? ALIASES[plain] : undefined;
    return known === undefined || columns.includes(known)
      ? []
      : [`${file}: "${name}" is kept as a further column. To have it as the ${known}, name it "${known}".`];
  });
}

/** Throws DataError when two rows have one id. */
function refuseRepeats(file: string, rows: readonly { readonly id: string; readonly line: number }[]): void {
  const seen = new Map<string, number>();
  for (const { id, line } of rows) {
    const earlier = seen.get(id);
    if (earlier !== undefined)
      throw new DataError(
        `${file}: lines ${earlier} and ${line} both have the id "${id}". Give every row an id of its own.`,
      );
    seen.set(id, line);
  }
}

/** A column's name in a table: that of a level of the taxonomy without what marks it as one. */
const levelOf = (name: string) => (name.startsWith(TAXONOMY) ? name.slice(TAXONOMY.length) : name);

/** Items whose values have the types of their columns. */
function typedItems(
  items: readonly ItemDescription[],
  metadata: readonly string[],
  types: ItemFile['types'],
): readonly ItemDescription[] {
  if (Object.keys(types).length === 0) return items;
  return items.map((item) => ({
    ...item,
    metadata: columnValues({ metadata, types }, (name) => columnText(item.metadata, name)),
  }));
}

/** Types of columns of a JSON Lines file that are not text. */
function typesOf(file: string, names: readonly string[]): ReadonlyMap<string, ColumnType> {
  if (extname(file).toLowerCase() === '.csv' || names.length === 0) return new Map();
  const lines = jsonLines(file, readTextFile(file));
  return new Map(
    names.flatMap((name) => {
      const type = typeOfColumn(lines.map(({ value }) => own(value as ColumnValues, name)));
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

/** Where items hang in the tree, and their places on the map, from a file with the columns id, node, x and y. */
export interface ItemPlace {
  readonly node: string | null;
  readonly place: ItemDescription['place'];
}

/** Reads such a file. Throws DataError without a column `id`, for a row without one, and for two rows of one id. */
export function readItemPlaces(file: string): ReadonlyMap<string, ItemPlace> {
  const { columns, rows } = readRows(file);
  if (!columns.includes('id'))
    throw new DataError(`${file} has no column "id". It needs the columns id and node, or id, x and y.`);
  const ids = rows.map(({ line, values }) => {
    const id = own(values, 'id');
    if (!id) throw new DataError(`${file}, line ${line}: no value for "id".`);
    return { id, line };
  });
  refuseRepeats(file, ids);
  return new Map(
    rows.map(({ line, values }, i) => [
      ids[i].id,
      { node: own(values, 'node') || null, place: placeOf(values, `${file}, line ${line}`) },
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

function placeOf(values: Readonly<Record<string, string>>, where: string): ItemDescription['place'] {
  const [x, y] = [own(values, 'x'), own(values, 'y')];
  if (!x && !y) return null;
  const place = [Number(x), Number(y)] as const;
  if (!x || !y || !place.every(Number.isFinite) || Math.hypot(...place) > 1)
    throw new DataError(
      `${where}: (${x}, ${y}) is not a place in the unit disk. If x and y are something else, such as pixels, give those columns other names or leave them out.`,
    );
  return place;
}
