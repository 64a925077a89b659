/**
 * The one writer of CSV and JSON Lines, at once or row by row: JSON Lines as the record that is read back, CSV for
 * spreadsheets, whose header grows when a row brings a new column. Not for large data: a new column rewrites the file.
 */
import { existsSync, readFileSync } from '../disk/index.js';
import { appendWhole } from './append.js';
import { writeFileAtomic } from './atomic.js';
import { csvCells } from './csv.js';
import type { Row } from './readRows.js';

/** Adds one row to a JSON Lines file. Numbers that JSON lacks are written as "NaN", "Infinity", "-Infinity". */
export function appendJsonl(path: string, row: Row): void {
  appendWhole(path, jsonLine(row));
}

/** Rows as the text of a JSON Lines file. */
export function jsonlText(rows: readonly Row[]): string {
  return rows.map(jsonLine).join('');
}

/** A CSV file to append to. */
export interface CsvFile {
  /** Adds a row; its columns are matched by name and new ones are added to the right. */
  append(row: Row): void;
}

/** Opens a CSV file for appending, or starts one. A torn last line is left out. */
export function openCsv(path: string): CsvFile {
  const cellsOf = (text: string) => csvCells(path, text, { exact: true }).map(({ cells }) => cells);
  let columns: readonly string[] = [];
  if (existsSync(path)) {
    const text = readFileSync(path, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1);
    if (whole !== text) writeFileAtomic(path, whole);
    columns = cellsOf(whole)[0] ?? [];
  }
  return {
    append(row) {
      const added = Object.keys(row).filter((name) => !columns.includes(name));
      if (added.length) {
        const [, ...rows] = columns.length ? cellsOf(readFileSync(path, 'utf8')) : [[]];
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
