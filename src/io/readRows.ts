/**
 * The one reader of CSV and JSON Lines: rows by column name, with the line of the file that each starts on, which every
 * message names. What columns mean is decided elsewhere.
 */

import { extname } from 'node:path';
import { codeOf, existsSync } from '../disk/index.js';
import { DataError, jsonProblem } from '../errors.js';
import { repeatedNameOf, saidTwice } from '../json.js';
import { csvCells, SEPARATORS, separatorOf } from './csv.js';
import { exactNumbers } from './exactNumbers.js';
import { someOf } from './someOf.js';
import { readTextFile } from './text.js';

/** Rows of text and their columns. */
export interface TextRows {
  /** Column names in the order of the file. */
  readonly columns: readonly string[];
  /** At least one. */
  readonly rows: readonly TextRow[];
  /** Of CSV, what stands between the cells where it is not a comma. */
  readonly separator?: string;
  /** What of the file is left out, or was found out of it, in sentences; absent where nothing is. */
  readonly notes?: readonly string[];
}

/**
 * One row: its values by column, of which it may lack some, and the line of the file that it starts on (from 1). A column
 * whose name is not known beforehand is asked for with {@link cellOf}.
 */
export interface TextRow {
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/** The value of a row in a column of any name, `constructor` too; undefined when the row has none. */
export function cellOf({ values }: TextRow, column: string): string | undefined {
  return Object.hasOwn(values, column) ? values[column] : undefined;
}

/** A row by column name, with the values of JSON. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Files that are read as CSV. */
export const isCsv = (path: string): boolean => ['.csv', '.tsv'].includes(extname(path).toLowerCase());

/** Options of {@link readRows}. */
export interface RowsOptions {
  /** Which columns of JSON may hold lists; their values are joined by a comma and a space. Default none. */
  readonly mayBeList?: ((column: string) => boolean) | undefined;
  /** What the file is written in, as for `readTextFile`. Default UTF-8. */
  readonly encoding?: string | undefined;
}

/**
 * Reads `.csv` (a header line; commas, semicolons, tabs or vertical bars between cells) or else JSON Lines (one object a line)
 * as text. Numbers of JSON become text with all their digits, true and false become these words, null counts as absent.
 * Columns without a name, such as the row numbers that pandas writes, are left out.
 *
 * @throws DataError, with the line, for a file that is missing, empty or malformed
 */
export function readRows(path: string, { mayBeList = () => false, encoding }: RowsOptions = {}): TextRows {
  const text = readText(path, encoding);
  if (text.trim() === '') throw new DataError(`${path} is empty: it has no rows.`);
  if (text.includes('\0')) throw new DataError(nulText(path, text));
  const found = isCsv(path) ? csvRows(path, text) : jsonRows(path, text, mayBeList);
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
 * @throws DataError, naming `path` and the line, for one that is not an object, or that has a name twice
 */
export function jsonLines(
  path: string,
  text: string,
): { readonly line: number; readonly value: Readonly<Record<string, unknown>> }[] {
  return text.split('\n').flatMap((content, index) => {
    if (content.trim() === '') return [];
    const where = `${path}, line ${index + 1}`;
    const value = parseLine(content, where);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new DataError(
        `${where}: expected an object {"name": value, …}, found ${content.slice(0, 80)}` +
          (Array.isArray(value) && typeof value[0] === 'object' ? WHOLE : ''),
      );
    const twice = repeatedNameOf(content, value);
    if (twice !== undefined) throw new DataError(`${where}: ${saidTwice(twice)}.`);
    return [{ line: index + 1, value: value as Record<string, unknown> }];
  });
}

function parseLine(content: string, where: string): unknown {
  try {
    return JSON.parse(content);
  } catch (cause) {
    const advice = /^\s*[[{]\s*$/.test(content) ? WHOLE : '';
    throw new DataError(`${where} is not valid JSON: ${jsonProblem(content, cause)}.${advice}`, { cause });
  }
}

/** For a file that is one JSON document. */
const WHOLE =
  ' JSON Lines has each row on a line of its own, without a list around them (jq -c ".[]" file.json > file.jsonl).';

/** A NUL comes from a file that is cut, half written, or not text; no name has one. */
function nulText(path: string, text: string): string {
  const line = text.slice(0, text.indexOf('\0')).split('\n').length;
  return `${path}, line ${line}: a NUL character, which no text has. The file is damaged, or of another kind; write it again.`;
}

function readText(path: string, encoding?: string): string {
  try {
    return readTextFile(path, encoding);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') throw new DataError(`There is no file ${path}.`, { cause });
    throw cause;
  }
}

function csvRows(path: string, text: string): TextRows {
  const separator = separatorOf(text);
  const [{ cells: header }, ...rest] = csvCells(path, text, { separator });
  const named = header.flatMap((name, index) => (name === '' ? [] : [index]));
  const columns = named.map((index) => header[index]);
  if (columns.length === 0)
    throw new DataError(`${path}, line 1: no column has a name. The first line names the columns.`);
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    throw new DataError(
      `${path}, line 1: the column "${twice}" is there twice. Give one of them another name, or leave it out.`,
    );
  const rows = rest.map(({ line, cells }) => ({
    line,
    values: Object.fromEntries(named.map((index) => [header[index], cells[index]])),
  }));
  const unnamed = header.flatMap((name, index) =>
    name === '' && rest.some(({ cells }) => cells[index] !== '') ? [index + 1] : [],
  );
  const { notes = [] } = unnamedNote(path, unnamed);
  if (separator !== ',') notes.unshift(`${path}: its columns are separated by ${SEPARATORS[separator]}.`);
  return {
    ...{ columns, rows },
    ...(separator === ',' ? {} : { separator }),
    ...(notes.length > 0 ? { notes } : {}),
  };
}

/** Says which columns are left out since they have no name. */
function unnamedNote(path: string, places: readonly number[]): { notes?: string[] } {
  if (places.length === 0) return {};
  const which =
    places.length === 1 ? `column ${places[0]} has` : `columns ${someOf(places.map(String))} have`;
  return { notes: [`${path}: ${which} no name and ${places.length === 1 ? 'is' : 'are'} left out.`] };
}

function jsonRows(path: string, text: string, mayBeList: (column: string) => boolean): TextRows {
  const columns = new Set<string>();
  const lists = new Set<string>();
  let unnamed: number | undefined;
  const rows = jsonLines(path, exactNumbers(text)).map(({ line, value }): TextRow => {
    const values: [string, string][] = [];
    for (const [name, one] of Object.entries(value)) {
      if (name === '') {
        unnamed ??= line;
        continue;
      }
      columns.add(name);
      if (one === null) continue;
      const list = mayBeList(name) ? listText(one) : undefined;
      if (list !== undefined) {
        lists.add(name);
        if (list !== '') values.push([name, list]);
        continue;
      }
      if (!['string', 'number', 'boolean'].includes(typeof one))
        throw new DataError(
          `${path}, line ${line}: "${name}" must be text, a number, true or false, not ${typeOf(one)}.`,
        );
      if (/\p{Cs}/u.test(String(one)))
        throw new DataError(`${path}, line ${line}: "${name}" holds half of a character (a lone surrogate).`);
      values.push([name, String(one)]);
    }
    return { line, values: Object.fromEntries(values) };
  });
  const notes =
    unnamed === undefined
      ? []
      : [`${path}: a value without a name ("", first on line ${unnamed}) is left out.`];
  if (lists.size > 0) notes.push(listsNote(path, [...lists]));
  return { columns: [...columns], rows, ...(notes.length > 0 ? { notes } : {}) };
}

/** Says which columns hold lists that are kept as text. */
export function listsNote(path: string, names: readonly string[]): string {
  return `${path}: lists in ${someOf(names.map((name) => `"${name}"`))} are kept as text, joined by ", ".`;
}

/** A list of texts, numbers, and true and false as one text; undefined for anything else. Empty and absent entries are left out. */
export function listText(value: unknown): string | undefined {
  if (!Array.isArray(value)) return undefined;
  const entries = value.filter((one) => one !== null && one !== undefined && one !== '');
  if (!entries.every((one) => ['string', 'number', 'bigint', 'boolean'].includes(typeof one)))
    return undefined;
  return entries.join(', ');
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return 'an object';
}
