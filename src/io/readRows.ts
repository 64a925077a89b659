/**
 * The one reader of CSV and JSON Lines: rows by column name, with the line of the file that each starts on, which every
 * message names. What columns mean is decided elsewhere.
 */

import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { existsSync, readFileSync } from '../disk/index.js';
import { DataError } from '../errors.js';

/** Rows of text and their columns. */
export interface TextRows {
  /** Column names in the order of the file. */
  readonly columns: readonly string[];
  /** At least one. */
  readonly rows: readonly TextRow[];
}

/** One row: its values by column, of which it may lack some, and the line of the file that it starts on (from 1). */
export interface TextRow {
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/** A row by column name, with the values of JSON. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/**
 * Reads `.csv` (commas, a header line, UTF-8) or else JSON Lines (one object a line) as text. Numbers of JSON become
 * text, null counts as absent.
 *
 * @throws DataError, with the line, for a file that is missing, empty or malformed
 */
export function readRows(path: string): TextRows {
  const text = readText(path);
  if (text.trim() === '') throw new DataError(`${path} is empty: it has no rows.`);
  const found = extname(path).toLowerCase() === '.csv' ? csvRows(path, text) : jsonRows(path, text);
  if (found.rows.length === 0) throw new DataError(`${path} has a header but no rows.`);
  return found;
}

/**
 * Reads JSON Lines with the types of their values; no rows when there is no such file. A last line without its line
 * end, torn when a process was killed, is left out.
 *
 * @throws DataError, with the line, for any other line that is not an object
 */
export function readJsonl(path: string): Row[] {
  if (!existsSync(path)) return [];
  const text = readText(path);
  return jsonLines(path, text.slice(0, text.lastIndexOf('\n') + 1)).map(({ value }) => value as Row);
}

/**
 * The objects of a JSON Lines text; empty lines are left out.
 * @throws DataError, naming `path` and the line, for one that is not an object
 */
export function jsonLines(
  path: string,
  text: string,
): { readonly line: number; readonly value: Readonly<Record<string, unknown>> }[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '') return [];
    const where = `${path}, line ${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(content);
    } catch (cause) {
      throw new DataError(`${where} is not valid JSON: ${(cause as Error).message}.`, { cause });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new DataError(`${where}: expected an object {"name": value, …}, found ${content.slice(0, 80)}`);
    return [{ line: index + 1, value: value as Record<string, unknown> }];
  });
}

/** Options of {@link csvCells}. */
export interface CsvOptions {
  /** Keep white space around cells, and rows of one empty cell. Default false, for files that people write. */
  readonly exact?: boolean;
}

/**
 * The cells of a CSV text, the header's first, and the line that each row starts on.
 * @throws DataError, naming `path` and the line, when rows have unequal numbers of cells or quotes do not match
 */
export function csvCells(
  path: string,
  text: string,
  { exact = false }: CsvOptions = {},
): { readonly line: number; readonly cells: readonly string[] }[] {
  const options = { info: true, skip_empty_lines: !exact, trim: !exact } as const;
  let records: { record: string[]; info: { bytes: number } }[];
  try {
    records = parse(text, options) as unknown as typeof records;
  } catch (cause) {
    throw new DataError(`${path} is not well-formed CSV: ${(cause as Error).message}.`, { cause });
  }
  // Lines are counted here: the parser counts those within quotes twice where they end in \r\n.
  const bytes = Buffer.from(text);
  let [at, line] = [0, 1];
  return records.map(({ record, info }) => {
    let start = line;
    for (let isBlank = !exact; at < info.bytes; at++) {
      isBlank &&= bytes[at] <= 0x20;
      if (bytes[at] !== 0x0a) continue;
      line++;
      if (isBlank) start = line;
    }
    return { line: start, cells: record };
  });
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new DataError(`There is no file ${path}.`, { cause });
    throw new DataError(`Could not read ${path}: ${(cause as Error).message}.`, { cause });
  }
}

function csvRows(path: string, text: string): TextRows {
  const [{ cells: columns }, ...rest] = csvCells(path, text);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined) throw new DataError(`${path}, line 1: the column "${twice}" is there twice.`);
  const rows = rest.map(({ line, cells }) => ({
    line,
    values: Object.fromEntries(columns.map((name, index) => [name, cells[index]])),
  }));
  return { columns, rows };
}

function jsonRows(path: string, text: string): TextRows {
  const columns = new Set<string>();
  const rows = jsonLines(path, text).map(({ line, value }): TextRow => {
    const values: Record<string, string> = {};
    for (const [name, one] of Object.entries(value)) {
      columns.add(name);
      if (one === null) continue;
      if (typeof one !== 'string' && typeof one !== 'number')
        throw new DataError(`${path}, line ${line}: "${name}" must be text or a number, not ${typeOf(one)}.`);
      values[name] = String(one);
    }
    return { line, values };
  });
  return { columns: [...columns], rows };
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
