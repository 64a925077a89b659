/**
 * The items of a Parquet file of vectors: what its other columns say, with the types of their values. The vectors
 * themselves are read elsewhere.
 */
import { openParquet } from '../io/parquet/parquet.js';
import { type ColumnValue, columnNames, typeOfColumn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import type { ItemDescription, ItemFile } from './describe.js';

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
  const names = columnNames(others);
  const metadata = others.map((name) => names.get(name)!);
  const items: ItemDescription[] = [];
  if (columns.length > 0)
    for await (const group of file.read(columns))
      for (const values of group) {
        const text = (name: string) => textOf(columns.includes(name) ? values[name] : null);
        const row = items.length;
        items.push({
          id: ids?.[row] ?? String(row),
          path: text('path'),
          label: text('label'),
          node: text('node'),
          place: null,
          metadata: Object.fromEntries(others.map((name, i) => [metadata[i], typedValue(values[name])])),
        });
      }
  else
    for (let row = 0; row < file.rows; row++)
      items.push({ id: String(row), path: null, label: null, node: null, place: null, metadata: {} });
  const types: Record<string, ColumnType> = {};
  for (const name of metadata) {
    const type = typeOfColumn(items.map((item) => item.metadata[name]));
    if (type !== undefined) types[name] = type;
  }
  return { items, metadata, types, columns };
}

/** A value as a table takes it: numbers as long as none of their digits is lost. */
function typedValue(value: unknown): ColumnValue {
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString();
  if (value === null || value === undefined) return null;
  return value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : JSON.stringify(value);
}

function textOf(value: unknown): string | null {
  const found = typedValue(value);
  return found === null || found === '' ? null : String(found);
}
