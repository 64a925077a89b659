/** The columns of a table as they are sent: each whole, in the order of the points, written once for all who ask. */
import type { DiskPoints } from '../protocol/points.js';
import type { ColumnAnswer } from '../protocol/schemas.js';
import type { ItemColumn } from './points.js';

/** A column as JSON: different values, and for each item the index of its own, -1 for none. */
export function columnAnswer({ name, values, rows }: ItemColumn): ColumnAnswer {
  return { name, values, rows: Array.from(rows, (row) => (row < values.length ? row : -1)) };
}

/** Most values of all columns together that an export holds. */
const MOST_EXPORTED = 3e6;

/** The columns that go into an export beside its points. */
export function exportedColumns(columns: readonly ItemColumn[], { ids }: DiskPoints): ColumnAnswer[] {
  return columns.length * ids.length > MOST_EXPORTED ? [] : columns.map(columnAnswer);
}
