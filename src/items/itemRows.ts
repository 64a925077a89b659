/**
 * Files of items as rows of texts with the types of their columns: CSV, JSON Lines and Parquet alike. What the columns mean is
 * decided elsewhere.
 */
import { UsageError } from '../errors.js';
import { isMissing } from '../io/missing.js';
import { isCsv, jsonLines, readRows, type TextRow } from '../io/readRows.js';
import { someOf } from '../io/someOf.js';
import { readTextFile } from '../io/text.js';
import { type ColumnValues, own, typeOfColumn } from '../store/columns.js';
import type { ColumnType } from '../store/manifest.js';
import { typeOfTexts } from './csvTypes.js';
import { isFurther, KNOWN, TAXONOMY } from './knownColumns.js';
import { isParquet, parquetRows } from './parquetRows.js';

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

/**
 * Reads the rows of a file, which is written in `encoding`. Throws DataError for one that is missing, empty or malformed, and UsageError
 * for an encoding that is not known or of a Parquet file.
 */
export async function readItemRows(file: string, encoding?: string): Promise<ItemRows> {
  if (!isParquet(file)) return textRows(file, encoding);
  if (encoding !== undefined)
    throw new UsageError(
      `--encoding is for CSV and JSON Lines; texts in ${file}, a Parquet file, are in UTF-8.`,
    );
  return parquetRows(file);
}

function textRows(file: string, encoding: string | undefined): ItemRows {
  const { columns, rows: read, notes = [], separator } = readRows(file, { mayBeList: isFurther, encoding });
  const isUntyped = isCsv(file);
  const { rows, changed } = isUntyped ? withPoints(columns, read, separator) : { rows: read, changed: [] };
  const types = isUntyped ? csvTypes(columns, rows) : jsonTypes(file, columns, encoding);
  const decimal =
    changed.length === 0 ? [] : [`${file}: numbers in ${someOf(changed)} have a decimal comma.`];
  return { file, unit: 'line', columns, known: KNOWN, rows, types, isUntyped, notes: [...notes, ...decimal] };
}

/** A number as Europe's spreadsheets write it: `1.234,50`, `0,5`, `12`. */
const WITH_COMMA = /^\s*-?(?:\d{1,3}(?:\.\d{3})+|\d+)(?:,\d+)?\s*$/;

/**
 * Rows with points for decimal commas in the columns that have some and nothing else, and the names of these. Only where cells are
 * not separated by commas: there, nobody writes decimal commas.
 */
function withPoints(
  columns: readonly string[],
  rows: readonly TextRow[],
  separator = ',',
): { rows: readonly TextRow[]; changed: readonly string[] } {
  if (separator === ',') return { rows, changed: [] };
  const changed = columns.filter((name) => {
    if (KNOWN.includes(name) && name !== 'x' && name !== 'y') return false;
    const texts = rows
      .map(({ values }) => own(values, name))
      .filter((text) => text !== undefined && !isMissing(text));
    return texts.some((text) => text!.includes(',')) && texts.every((text) => WITH_COMMA.test(text!));
  });
  if (changed.length === 0) return { rows, changed };
  const pointed = (text: string) => (isMissing(text) ? text : text.replaceAll('.', '').replace(',', '.'));
  return {
    changed: changed.map((name) => `"${name}"`),
    rows: rows.map(({ line, values }) => ({
      line,
      values: Object.fromEntries(
        Object.entries(values).map(([name, text]) => [name, changed.includes(name) ? pointed(text) : text]),
      ),
    })),
  };
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
function jsonTypes(
  file: string,
  columns: readonly string[],
  encoding: string | undefined,
): ReadonlyMap<string, ColumnType> {
  const names = columns.filter((name) => !KNOWN.includes(name));
  if (names.length === 0) return new Map();
  const lines = jsonLines(file, readTextFile(file, encoding));
  return new Map(
    names.flatMap((name) => {
      const values = lines.map(({ value }) => own(value as ColumnValues, name));
      const type = typeOfColumn(values.map((one) => (Array.isArray(one) ? '' : one)));
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
