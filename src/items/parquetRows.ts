/**
 * The rows of a Parquet file as texts, with the types of its columns of one value a row; lists of words become one text, as those of
 * JSON Lines do. Vectors in it are read elsewhere.
 */
import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import { existsSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { openParquet } from '../io/parquet/parquet.js';
import { listsNote, listText, type TextRow } from '../io/readRows.js';
import { someOf } from '../io/someOf.js';
import { type ColumnValue, typeOfColumn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import type { ItemRows } from './itemRows.js';
import { isFurther } from './knownColumns.js';

/** Columns that mean something; a place on the map comes by other ways. */
const KNOWN = ['id', 'path', 'label', 'node'];

/** Whether a file is a Parquet file by its name. */
export function isParquet(path: string): boolean {
  return extname(path).toLowerCase() === '.parquet';
}

/** Reads the rows. Throws DataError when there is no such file, or it is damaged. */
export async function parquetRows(path: string): Promise<ItemRows> {
  if (!existsSync(path)) throw new DataError(`There is no file ${path}.`);
  const file = await openParquet(path);
  const lists = new Set(
    file.columns.filter(({ kind, name }) => kind === 'list' && isFurther(name)).map(({ name }) => name),
  );
  const columns = file.columns
    .filter(({ kind, name }) => kind === 'value' || lists.has(name))
    .map(({ name }) => name);
  const binary = new Set<string>();
  const nested = new Set(
    file.columns
      .filter(({ kind, name }) => kind === 'other' || (kind === 'list' && !lists.has(name)))
      .map(({ name }) => name),
  );
  const values: Record<string, ColumnValue>[] = [];
  if (columns.length > 0)
    for await (const group of file.read(columns))
      for (const row of group)
        values.push(
          Object.fromEntries(
            columns.map((name) => {
              const onBytes = () => binary.add(name);
              if (!lists.has(name)) return [name, typedValue(row[name], onBytes)];
              return [name, listOf(row[name], { onBytes, onNested: () => nested.add(name) })];
            }),
          ),
        );
  else for (let row = 0; row < file.rows; row++) values.push({});
  const kept = columns.filter((name) => !binary.has(name) && !nested.has(name));
  const rows = values.map((row, i): TextRow => {
    const texts = kept.flatMap((name) => (row[name] === null ? [] : [[name, String(row[name])] as const]));
    return { line: i + 1, values: Object.fromEntries(texts) };
  });
  const types = new Map<string, ColumnType>();
  for (const name of kept) {
    const type = typeOfColumn(values.map((row) => row[name]));
    if (type !== undefined) types.set(name, type);
  }
  const joined = kept.filter((name) => lists.has(name));
  const notes = [
    ...leftOut(path, [...nested], 'nested, and not of one value a row'),
    ...leftOut(path, [...binary], 'bytes that are not text'),
    ...(joined.length > 0 ? [listsNote(path, joined)] : []),
  ];
  return { file: path, unit: 'row', columns: kept, known: KNOWN, rows, types, isUntyped: false, notes };
}

/** Says which columns are left out. */
function leftOut(path: string, names: readonly string[], reason: string): string[] {
  if (names.length === 0) return [];
  const what = names.length === 1 ? `the column ${names[0]} is` : `the columns ${someOf(names)} are`;
  return [`${path}: ${what} left out: ${reason}.`];
}

/** A list as one text, null for an empty one; told where it holds bytes that are not text, or more than single values. */
function listOf(
  value: unknown,
  { onBytes, onNested }: { readonly onBytes: () => void; readonly onNested: () => void },
): string | null {
  if (value === null || value === undefined) return null;
  const isSingle = (one: unknown) =>
    typeof one !== 'object' || one === null || one instanceof Date || one instanceof Uint8Array;
  const isList = Array.isArray(value) || ArrayBuffer.isView(value);
  const entries = isList ? Array.from(value as Iterable<unknown>) : [];
  if (!isList || !entries.every(isSingle)) {
    onNested();
    return null;
  }
  return listText(entries.map((one) => typedValue(one, onBytes))) || null;
}

/** A value as a table takes it: numbers as long as none of their digits is lost; null, and told, for bytes that are not text. */
function typedValue(value: unknown, onBytes: () => void): ColumnValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value === null || value === undefined) return null;
  if (!(value instanceof Uint8Array)) return JSON.stringify(value);
  if (isUtf8(value)) return Buffer.from(value).toString('utf8');
  onBytes();
  return null;
}
