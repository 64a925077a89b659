/**
 * The items of a Parquet file of vectors: what its other columns say, with the types of their values. The vectors
 * themselves are read elsewhere.
 */
import { isUtf8 } from 'node:buffer';
import { isMissing } from '../io/missing.js';
import { openParquet } from '../io/parquet/parquet.js';
import { someOf } from '../io/someOf.js';
import { type ColumnValue, columnNames, typeOfColumn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import { type ItemDescription, type ItemFile, likeKnown } from './describe.js';

/** Columns that mean something; all others of one value a row are metadata. */
const KNOWN = ['id', 'path', 'label', 'node'];

/** Reads the items; `ids` are those that were read with the vectors. Throws DataError when the file is damaged. */
export async function readParquetItems(
  path: string,
  ids: readonly string[] | undefined,
): Promise<Omit<ItemFile, 'splits'>> {
  const file = await openParquet(path);
  const columns = file.columns.filter(({ kind }) => kind === 'value').map(({ name }) => name);
  const others = columns.filter((name) => !KNOWN.includes(name));
  const binary = new Set<string>();
  const values: Record<string, ColumnValue>[] = [];
  if (columns.length > 0)
    for await (const group of file.read(columns))
      for (const row of group)
        values.push(
          Object.fromEntries(columns.map((name) => [name, typedValue(row[name], () => binary.add(name))])),
        );
  else for (let row = 0; row < file.rows; row++) values.push({});
  const kept = others.filter((name) => !binary.has(name));
  const names = columnNames(kept);
  const metadata = kept.map((name) => names.get(name)!);
  const items = values.map((row, i): ItemDescription => {
    const text = (name: string) => (Object.hasOwn(row, name) ? textOf(row[name]) : null);
    const label = text('label');
    return {
      id: ids?.[i] ?? String(i),
      path: text('path'),
      label: isMissing(label ?? '') ? null : label,
      node: text('node'),
      place: null,
      metadata: Object.fromEntries(kept.map((name, at) => [metadata[at], row[name]])),
    };
  });
  const types: Record<string, ColumnType> = {};
  for (const name of metadata) {
    const type = typeOfColumn(items.map((item) => item.metadata[name]));
    if (type !== undefined) types[name] = type;
  }
  const nested = file.columns.filter(({ kind }) => kind === 'other').map(({ name }) => name);
  const notes = [
    ...leftOut(path, nested, 'nested, and not of one value a row'),
    ...leftOut(path, [...binary], 'bytes that are not text'),
    ...likeKnown(path, columns),
  ];
  return { items, metadata, types, columns, notes };
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

const textOf = (value: ColumnValue): string | null => (value === null || value === '' ? null : String(value));
