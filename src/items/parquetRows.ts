/**
 * The rows of a Parquet file as texts, with the types of its columns of one value a row. Vectors in it are read elsewhere.
 */
import { isUtf8 } from 'node:buffer';
import { extname } from 'node:path';
import { existsSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { openParquet } from '../io/parquet/parquet.js';
import type { TextRow } from '../io/readRows.js';
import { someOf } from '../io/someOf.js';
import { type ColumnValue, typeOfColumn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import type { ItemRows } from './itemRows.js';

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
  const columns = file.columns.filter(({ kind }) => kind === 'value').map(({ name }) => name);
  const binary = new Set<string>();
  const values: Record<string, ColumnValue>[] = [];
  if (columns.length > 0)
    for await (const group of file.read(columns))
      for (const row of group)
        values.push(
          Object.fromEntries(columns.map((name) => [name, typedValue(row[name], () => binary.add(name))])),
        );
  else for (let row = 0; row < file.rows; row++) values.push({});
  const kept = columns.filter((name) => !binary.has(name));
  const rows = values.map((row, i): TextRow => {
    const texts = kept.flatMap((name) => (row[name] === null ? [] : [[name, String(row[name])] as const]));
    return { line: i + 1, values: Object.fromEntries(texts) };
  });
  const types = new Map<string, ColumnType>();
  for (const name of kept) {
    const type = typeOfColumn(values.map((row) => row[name]));
    if (type !== undefined) types.set(name, type);
  }
  const nested = file.columns.filter(({ kind }) => kind === 'other').map(({ name }) => name);
  const notes = [
    ...leftOut(path, nested, 'nested, and not of one value a row'),
    ...leftOut(path, [...binary], 'bytes that are not text'),
  ];
  return { file: path, unit: 'row', columns: kept, known: KNOWN, rows, types, isUntyped: false, notes };
}

/** Says which columns are left out. */
function leftOut(path: string, names: readonly string[], reason: string): string[] {
  if (names.length === 0) return [];
  const what = names.length === 1 ? `the column ${names[0]} is` : `the columns ${someOf(names)} are`;
  return [`${path}: ${what} left out: ${reason}.`];
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
