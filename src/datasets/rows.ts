/**
 * Rows of a manifest file, CSV or JSON Lines, as columns of text with their line numbers. Knows nothing of
 * what the columns mean (manifest.ts does).
 */
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { parse } from 'csv-parse/sync';
import { DataError } from '../errors.js';

/** A table of text. */
export interface Table {
  /** Column names in the order of the file. */
  readonly columns: readonly string[];
  /** One record a row; a column that a row lacks is absent. */
  readonly rows: readonly Row[];
}

/** One row: its values by column, and the line of the file that it starts on (from 1). */
export interface Row {
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Reads `.csv` (comma-separated, header line, UTF-8) or `.jsonl` (one object a line).
 * Throws DataError for a file that cannot be read, is empty or is malformed, with the line number.
 */
export function readTable(path: string): Table {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new DataError(`There is no file ${path}.`, { cause });
    throw new DataError(`Could not read ${path}: ${(cause as Error).message}.`, { cause });
  }
  if (text.trim() === '') throw new DataError(`${path} is empty. Expected one row an image.`);
  const table = extname(path).toLowerCase() === '.csv' ? readCsv(path, text) : readJsonLines(path, text);
  if (table.rows.length === 0) throw new DataError(`${path} has a header but no rows: no images are listed.`);
  return table;
}

function readCsv(path: string, text: string): Table {
  try {
    const records = parse(text, { info: true, skip_empty_lines: true, trim: true }) as unknown as {
      record: string[];
      info: { lines: number };
    }[];
    const columns = records[0].record;
    const twice = columns.find((name, index) => columns.indexOf(name) !== index);
    if (twice !== undefined) throw new DataError(`${path}, line 1: the column "${twice}" is there twice.`);
    const rows = records.slice(1).map(({ record, info }) => ({
      line: info.lines,
      values: Object.fromEntries(columns.map((name, index) => [name, record[index]])),
    }));
    return { columns, rows };
  } catch (cause) {
    if (cause instanceof DataError) throw cause;
    throw new DataError(`${path} is not well-formed CSV: ${(cause as Error).message}.`, { cause });
  }
}

function readJsonLines(path: string, text: string): Table {
  const columns = new Set<string>();
  const rows: Row[] = [];
  text.split('\n').forEach((content, index) => {
    if (content.trim() === '') return;
    const values = parseLine(path, index + 1, content);
    for (const name of Object.keys(values)) columns.add(name);
    rows.push({ line: index + 1, values });
  });
  return { columns: [...columns], rows };
}

/** One line of JSON Lines; numbers become text, null counts as absent. */
function parseLine(path: string, line: number, content: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch (cause) {
    throw new DataError(`${path}, line ${line} is not valid JSON: ${(cause as Error).message}.`, { cause });
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    throw new DataError(`${path}, line ${line}: expected an object {"path": …, "label": …}.`);
  const values: Record<string, string> = {};
  for (const [name, value] of Object.entries(parsed)) {
    if (value === null) continue;
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new DataError(`${path}, line ${line}: "${name}" must be text or a number, not ${typeOf(value)}.`);
    values[name] = String(value);
  }
  return values;
}

function typeOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
