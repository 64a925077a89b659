/** The plain text lists of published data sets: columns separated by spaces, sometimes after lines of heading. */
import { readFileSync } from '../disk/index.js';
import { DataError } from '../errors.js';

/** A row of a list: its line from 1, and its cells. */
export interface ListRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads a list of rows of `columns` cells each, after `skip` lines of heading. Empty lines are left out.
 * Throws DataError with file and line for a row of another width.
 */
export function readList(path: string, columns: number, skip = 0): ListRow[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new DataError(`Could not read ${path}: ${(cause as Error).message}.`, { cause });
  }
  const rows: ListRow[] = [];
  text.split('\n').forEach((content, index) => {
    const trimmed = content.trim();
    if (index < skip || trimmed === '') return;
    const cells = trimmed.split(/\s+/);
    if (cells.length !== columns)
      throw new DataError(
        `${path}, line ${index + 1}: ${cells.length} columns where ${columns} belong: "${trimmed.slice(0, 80)}".`,
      );
    rows.push({ line: index + 1, cells });
  });
  return rows;
}

/** A cell as a whole number of at least 1. Throws DataError. */
export function wholeCell(path: string, { line, cells }: ListRow, column: number): number {
  const value = Number(cells[column]);
  if (!/^\d+$/.test(cells[column]) || value < 1 || !Number.isSafeInteger(value))
    throw new DataError(`${path}, line ${line}: "${cells[column]}" is not a whole number of at least 1.`);
  return value;
}

/** A cell as a path that stays inside its folder. Throws DataError. */
export function pathCell(path: string, { line, cells }: ListRow, column: number): string {
  return insidePath(cells[column], `${path}, line ${line}`);
}

/** Checks that a path from a list stays inside its folder. Throws DataError that says `where` it stands. */
export function insidePath(relative: string, where: string): string {
  if (/^[/\\]|^[A-Za-z]:|\\|\0/.test(relative) || relative.split('/').includes('..'))
    throw new DataError(`${where}: the path "${relative.slice(0, 80)}" leads outside the data set.`);
  return relative;
}
