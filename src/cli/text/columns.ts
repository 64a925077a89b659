/** Text tables with aligned columns, and numbers as they are printed in them. */
import { shownLine, widthOf } from '../../shown.js';

/** A column: its heading, and whether it is aligned to the right, as numbers are. */
export interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/**
 * Rows under their headings, two spaces between columns, a rule under the headings; no line end at the end. What a
 * terminal would obey is made visible in every cell.
 */
export function textTable(columns: readonly Column[], given: readonly (readonly string[])[]): string {
  const rows = given.map((cells) => cells.map(shownLine));
  const widths = columns.map(({ title }, i) =>
    Math.max(widthOf(title), ...rows.map((row) => widthOf(row[i] ?? ''))),
  );
  const line = (cells: readonly string[]) =>
    columns
      .map(({ right = false }, i) => {
        const cell = cells[i] ?? '';
        const space = ' '.repeat(widths[i] - widthOf(cell));
        return right ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  return [line(columns.map(({ title }) => title)), rule, ...rows.map(line)].join('\n');
}

/** A fraction as percent with one decimal, `–` where it is not defined. */
export function percent(fraction: number): string {
  return Number.isFinite(fraction) ? (100 * fraction).toFixed(1) : '–';
}

/** A whole number with thousands separated. */
export function whole(value: number): string {
  return value.toLocaleString('en');
}
