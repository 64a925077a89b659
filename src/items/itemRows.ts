/**
 * Files of items as rows of texts with the types of their columns: CSV, JSON Lines and Parquet alike. What the columns mean is
 * decided elsewhere.
 */
import { extname } from 'node:path';
import { jsonLines, readRows, type TextRow } from '../io/readRows.js';
import { readTextFile } from '../io/text.js';
import { type ColumnValues, own, typeOfColumn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import { typeOfTexts } from './csvTypes.js';
import { isParquet, parquetRows } from './parquetRows.js';

/** Columns that mean something; all others are metadata. */
export const KNOWN: readonly string[] = ['id', 'path', 'label', 'node', 'x', 'y'];

/** Columns of a list of images that say which level of a taxonomy they are. */
export const TAXONOMY = 'taxonomy.';

/** Rows of texts from a file, and what is known of their columns. */
export interface ItemRows {
  readonly file: string;
  /** What a row is called, with its number: `line`, `row`. */
  readonly unit: string;
  readonly columns: readonly string[];
  /** Those that mean something when they have these names. */
  readonly known: readonly string[];
  readonly rows: readonly TextRow[];
  readonly types: ReadonlyMap<string, ColumnType>;
  /** Whether the texts say nothing of types, so that numbers may be written in several ways. */
  readonly isUntyped: boolean;
  readonly notes: readonly string[];
}

/** Reads the rows of a file. Throws DataError for one that is missing, empty or malformed. */
export async function readItemRows(file: string): Promise<ItemRows> {
  return isParquet(file) ? parquetRows(file) : textRows(file);
}

function textRows(file: string): ItemRows {
  const { columns, rows, notes = [] } = readRows(file);
  const isUntyped = extname(file).toLowerCase() === '.csv';
  const types = isUntyped ? csvTypes(columns, rows) : jsonTypes(file, columns);
  return { file, unit: 'line', columns, known: KNOWN, rows, types, isUntyped, notes };
}

/** Types of columns of a CSV file that are not text. */
function csvTypes(columns: readonly string[], rows: readonly TextRow[]): ReadonlyMap<string, ColumnType> {
  return new Map(
    columns.flatMap((name) => {
      // Terms of a taxonomy are names, whatever they are made of.
      if (KNOWN.includes(name) || name.startsWith(TAXONOMY)) return [];
      const type = typeOfTexts(
        name,
        rows.map(({ values }) => own(values, name)),
      );
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

/** Types of columns of a JSON Lines file that are not text. */
function jsonTypes(file: string, columns: readonly string[]): ReadonlyMap<string, ColumnType> {
  const names = columns.filter((name) => !KNOWN.includes(name));
  if (names.length === 0) return new Map();
  const lines = jsonLines(file, readTextFile(file));
  return new Map(
    names.flatMap((name) => {
      const type = typeOfColumn(lines.map(({ value }) => own(value as ColumnValues, name)));
      return type === undefined ? [] : [[name, type] as const];
    }),
  );
}

/** What others call the known columns, in small letters without signs between them. */
const ALIASES: Readonly<Record<string, string>> = {
  ...{ id: 'id', itemid: 'id', imageid: 'id', productid: 'id', sku: 'id' },
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
