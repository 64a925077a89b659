/**
 * Small tables that grow row by row: JSON Lines, the record that is read back, and CSV for spreadsheets, whose
 * header grows when a row brings a new column. Not for large data: a new column rewrites the CSV file.
 */
import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { DataError } from '../errors.js';
import { appendWhole } from './append.js';
import { writeFileAtomic } from './atomic.js';

/** A row by column name. */
export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** Adds one row to a JSON Lines file. Numbers that JSON lacks are written as "NaN", "Infinity", "-Infinity". */
export function appendJsonl(path: string, row: Row): void {
  appendWhole(path, jsonLine(row));
}

/** Rows as the text of a JSON Lines file. */
export function jsonlText(rows: readonly Row[]): string {
  return rows.map(jsonLine).join('');
}

/**
 * The rows of a JSON Lines file; empty when there is no such file. A last line without its line end, torn when
 * a process was killed, is left out. Throws DataError with file and line for any other line that is no object.
 */
export function readJsonl(path: string): Row[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line, i) => {
    try {
      const row: unknown = JSON.parse(line);
      if (typeof row === 'object' && row !== null && !Array.isArray(row)) return row as Row;
    } catch {
      // Said below, together with lines that are JSON but no object.
    }
    throw new DataError(`${path}:${i + 1}: this line is not a JSON object: ${line.slice(0, 80)}`);
  });
}

/** A CSV file to append to. */
export interface CsvTable {
  /** Adds a row; its columns are matched by name and new ones are added to the right. */
  append(row: Row): void;
}

/** Opens a CSV file for appending, or starts one. A torn last line is left out. */
export function openCsv(path: string): CsvTable {
  let columns: string[] = [];
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) writeFileAtomic(path, whole);
    columns = parseCsv(path, whole)[0] ?? [];
  }
  return {
    append(row) {
      const added = Object.keys(row).filter((name) => !columns.includes(name));
      if (added.length) {
        const [, ...rows] = columns.length ? parseCsv(path, readFileSync(path, 'utf8')) : [[]];
        columns = [...columns, ...added];
        const padded = rows.map((cells) => [...cells, ...added.map(() => '')]);
        writeFileAtomic(path, [columns, ...padded].map(csvLine).join(''));
      }
      appendWhole(path, csvLine(columns.map((name) => cell(row, name))));
    },
  };
}

/** Rows as the text of a CSV file, with the columns of all of them in order of appearance. */
export function csvText(rows: readonly Row[]): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  if (!columns.length) return '';
  return [columns, ...rows.map((row) => columns.map((name) => cell(row, name)))].map(csvLine).join('');
}

/** The value in a column, empty when the row has none. */
function cell(row: Row, name: string): string | number | boolean {
  return (Object.hasOwn(row, name) ? row[name] : null) ?? '';
}

function parseCsv(path: string, text: string): string[][] {
  try {
    return parse(text) as string[][];
  } catch (cause) {
    throw new DataError(`${path} is not sound CSV: ${(cause as Error).message}`, { cause });
  }
}

function jsonLine(row: Row): string {
  const text = JSON.stringify(row, (_, value) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return `${text}\n`;
}

/** One line by RFC 4180, with a bare line feed at its end. */
function csvLine(cells: readonly (string | number | boolean)[]): string {
  const quoted = cells.map((cell) => {
    const text = String(cell);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${quoted.join(',')}\n`;
}
