/**
 * Items as a file describes them: which column is an item's id, picture, class, node and place, and which are further ones, each
 * with its type. How the file is read is decided elsewhere; pictures are opened by others.
 */
import { dirname, resolve } from 'node:path';
import { listedFiles } from '../disk/index.js';
import { DataError, shortened, suggestion, UsageError } from '../errors.js';
import { isMissing } from '../io/missing.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import { columnNames, columnValues, own } from '../store/columns.js';
import { type ColumnType, type Manifest, typeWords } from '../store/manifest.js';
import type { ItemFacts } from '../store/store.js';
import { isWebAddress } from '../store/webAddress.js';
import { textOfType } from './csvTypes.js';
import { placeOf, refuseRepeats } from './itemPlaces.js';
import { type ItemRows, likeKnown, readItemRows } from './itemRows.js';
import { TAXONOMY } from './knownColumns.js';

/** Facts of an item that are known before it is embedded. */
export type ItemDescription = Omit<ItemFacts, 'hash'>;

/** Paths that are written in one of several ways. */
const UNPLAIN = /[^ -[\]-~]/;

/** Items as a file describes them, and the names of the further columns. */
export interface ItemFile {
  readonly items: readonly ItemDescription[];
  readonly metadata: readonly string[];
  /** Types of those columns that are not text. */
  readonly types: Readonly<Record<string, ColumnType>>;
  /** The columns of the file, those that were named for another as that. */
  readonly columns: readonly string[];
  /** The columns `split`, where there is one, by row. */
  readonly splits: readonly (string | null)[];
  /** What a reader should know: columns that are left out, or that may have been meant as known ones. */
  readonly notes: readonly string[];
}

/** Columns that stand for others: `{ id: 'sku', label: 'category' }`. */
export type ColumnRoles = Readonly<Partial<Record<(typeof ROLES)[number], string>>>;

/** What a column can be named for. */
export const ROLES = ['id', 'image', 'label'] as const;

/** Options of {@link readItemFile}. */
export interface ItemFileOptions {
  /** Whether it is a list of images: an item without an id is called by its path, and a column `image` is that path. Default false. */
  readonly byPath?: boolean | undefined;
  /** Which columns are id, image and label. Default: those of these names. */
  readonly roles?: ColumnRoles | undefined;
  /** Columns of the table that the items are for, whose types hold. */
  readonly known?: Pick<Manifest, 'metadata' | 'types'> | undefined;
  /** What a CSV or JSON Lines file is written in where it is not UTF-8, such as `windows-1252`. */
  readonly encoding?: string | undefined;
  /** Ids of the rows, in place of a column. */
  readonly ids?: readonly string[] | undefined;
}

/**
 * Reads a file of items (CSV, JSON Lines or Parquet): column `id` (default the row's number, of a list of images its path), and
 * path, label, node, x and y where there are. All others are metadata with their types: in JSON Lines and Parquet those of
 * their values, in CSV what all of them are.
 * @throws DataError, with both lines, for an id that is there twice, and for a column of which no value is of the type that it has in
 * the table; UsageError for a column that is not there
 */
export async function readItemFile(file: string, options: ItemFileOptions = {}): Promise<ItemFile> {
  return describeRows(await readItemRows(file, options.encoding), options);
}

/** Items of rows. */
export function describeRows(
  { file, unit, columns: written, known: common, rows, types: found, isUntyped, notes }: ItemRows,
  { byPath = false, roles = {}, known, ids }: ItemFileOptions = {},
): ItemFile {
  const columns = withRoles(file, written, { roles, byPath });
  const columnOf = new Map(columns.flatMap((name, i) => (common.includes(name) ? [[name, written[i]]] : [])));
  // A column that stands for an id or a class is one to ask for by its own name, too.
  const others = written.filter((name, i) =>
    columns[i] === name ? !common.includes(name) : columns[i] !== 'path',
  );
  const names = columnNames(others.map(levelOf));
  const metadata = others.map((name) => names.get(levelOf(name))!);
  const types = typesFor(others, { metadata, found, known });
  const root = dirname(resolve(file));
  const find = listedFiles(root);
  const stray = new Map<string, number>();
  const fitting = new Set<string>();
  const items = rows.map(({ line, values }, row): ItemDescription => {
    const cell = (name: string | undefined) => (name === undefined ? null : own(values, name) || null);
    const text = (name: string) => cell(columnOf.get(name));
    const path = text('path');
    const texts = new Map(
      others.map((name, i) => {
        const type = own(types, metadata[i]);
        const value = isUntyped ? textOfType(cell(name), type) : cell(name);
        return [metadata[i], value];
      }),
    );
    const typed = columnValues({ metadata, types }, (name) => texts.get(name)!);
    for (const [name, type] of Object.entries(types)) {
      const value = own(typed, name) ?? null;
      if (value !== null && typeof value !== type) stray.set(name, (stray.get(name) ?? 0) + 1);
      else if (value !== null) fitting.add(name);
    }
    return {
      id: ids?.[row] ?? text('id') ?? (byPath && path !== null ? path.replaceAll('\\', '/') : String(row)),
      path: path === null ? null : placeOfImage(path, { root, find }),
      label: isMissing(text('label') ?? '') ? null : text('label'),
      node: text('node'),
      place: placeOf(text('x'), text('y'), `${file}, ${unit} ${line}`),
      metadata: typed,
    };
  });
  const [other] = [...stray].filter(([name]) => !fitting.has(name));
  if (other) throw new DataError(otherType(file, other, types));
  if (ids === undefined)
    refuseRepeats(
      file,
      items.map(({ id }, i) => ({ id, line: rows[i].line })),
      unit,
    );
  return {
    ...{ items, metadata, types, columns },
    splits: rows.map(({ values }) => own(values, 'split') || null),
    notes: [...notes, ...likeKnown(file, columns), ...strayNotes(file, stray, types)],
  };
}

/** The columns by what they are: those that were named for a role have its name; `image` of a list of images is its path. */
function withRoles(
  file: string,
  columns: readonly string[],
  { roles, byPath }: { readonly roles: ColumnRoles; readonly byPath: boolean },
): readonly string[] {
  const named = new Map<string, string>();
  for (const role of ROLES) {
    const column = roles[role];
    if (column === undefined) continue;
    if (!columns.includes(column))
      throw new UsageError(
        `${file} has no column "${shortened(column)}" to be the ${role}.${suggestion(column, columns)} It has: ${someOf(columns, 20)}.`,
      );
    named.set(role === 'image' ? 'path' : role, column);
  }
  if (byPath && !named.has('path') && columns.includes('image')) named.set('path', 'image');
  return columns.map((column) => {
    const [role] = [...named].find(([, one]) => one === column) ?? [];
    // The place of what was named for it is taken.
    return role ?? (named.has(column) ? `further ${column}` : column);
  });
}

/** Where an image is: an address as it is, else a file. */
function placeOfImage(
  path: string,
  { root, find }: { readonly root: string; readonly find: ReturnType<typeof listedFiles> },
): string {
  if (isWebAddress(path)) return path;
  // What is plain ASCII with / is where it says, or nowhere: a million paths are not looked for.
  return UNPLAIN.test(path) ? find(path).path : resolve(root, path);
}

/** The types of further columns by their names in a table: those that it has, else those that were found. */
function typesFor(
  others: readonly string[],
  {
    metadata,
    found,
    known,
  }: {
    readonly metadata: readonly string[];
    readonly found: ReadonlyMap<string, ColumnType>;
    readonly known: ItemFileOptions['known'];
  },
): Record<string, ColumnType> {
  const types: Record<string, ColumnType> = {};
  others.forEach((name, i) => {
    const isThere = known?.metadata.includes(metadata[i]) ?? false;
    const type = isThere ? own(known?.types ?? {}, metadata[i]) : found.get(name);
    if (type !== undefined) types[metadata[i]] = type;
  });
  return types;
}

/** Says that a column is another than that of the table, since none of its values is of the type there. */
function otherType(file: string, [name, count]: readonly [string, number], types: ItemFile['types']): string {
  return `${file}: "${name}" holds ${typeWords(own(types, name))} in the table, and none of its ${counted(count, 'value')} here is ${oneOfType(types[name])}. Give the column another name, or index into a new table (--out NEW).`;
}

const oneOfType = (type: ColumnType) => (type === 'number' ? 'a number' : 'true or false');

/** Says which values are not of the type that a table has them as. */
function strayNotes(file: string, stray: ReadonlyMap<string, number>, types: ItemFile['types']): string[] {
  return [...stray].map(
    ([name, count]) =>
      `${file}: ${counted(count, 'value')} of "${name}" ${count === 1 ? 'is' : 'are'} not ${oneOfType(types[name])}, as the column is in the table: kept as text, which no condition on it finds.`,
  );
}

/** A column's name in a table: that of a level of the taxonomy without what marks it as one. */
const levelOf = (name: string) => (name.startsWith(TAXONOMY) ? name.slice(TAXONOMY.length) : name);
