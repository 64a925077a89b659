/** Filters over columns: which items pass them. Items without a value in a filtered column do so where none is among its values. */
import type { Column } from '../data/columns.js';

/** What is let through of a column: some of its values, or a range of its numbers, ends included; null for an open end. */
export type ColumnFilter =
  | { readonly values: ReadonlySet<string> }
  | { readonly from: number | null; readonly to: number | null };

/** Filters by the names of columns; {@link CLASS} for the class. */
export type Filters = ReadonlyMap<string, ColumnFilter>;

/** Stands for the class among the names of columns, none of which is empty. */
export const CLASS = '';

/** Stands for no value among those that are let through. */
export const NO_VALUE = '';

/** For each value of a column, whether a filter lets it through. */
export function valuesThatPass({ values, numbers }: Column, filter: ColumnFilter): boolean[] {
  if ('values' in filter) return values.map((value) => filter.values.has(value));
  const { from, to } = filter;
  return values.map((_, i) => {
    const number = numbers ? numbers[i] : Number.NaN;
    return number >= (from ?? Number.NEGATIVE_INFINITY) && number <= (to ?? Number.POSITIVE_INFINITY);
  });
}

/** How many filters each item fails, and the index of the last that it fails. */
export interface Failures {
  readonly count: Uint8Array;
  readonly last: Int32Array;
}

/** Filters whose columns are not known let everything through. */
export function failuresOf(count: number, columns: readonly Column[], filters: Filters): Failures {
  const failures: Failures = { count: new Uint8Array(count), last: new Int32Array(count).fill(-1) };
  for (const [index, column] of columns.entries()) {
    const filter = filters.get(column.name);
    if (!filter) continue;
    const passes = valuesThatPass(column, filter);
    const withoutPass = 'values' in filter && filter.values.has(NO_VALUE);
    for (let i = 0; i < count; i++)
      if (!(passes[column.rows[i]] ?? withoutPass)) {
        failures.count[i]++;
        failures.last[i] = index;
      }
  }
  return failures;
}

/** For each item, 1 when it passes all filters, else 0; null where there is no filter. */
export function itemsThatPass(
  count: number,
  columns: readonly Column[],
  filters: Filters,
): Uint8Array | null {
  if (!columns.some(({ name }) => filters.has(name))) return null;
  return failuresOf(count, columns, filters).count.map((failed) => Number(failed === 0));
}

/** The filters with one column's changed; null takes it away. */
export function withFilter(filters: Filters, name: string, filter: ColumnFilter | null): Filters {
  const changed = new Map(filters);
  const isOpen =
    filter === null ||
    ('values' in filter ? filter.values.size === 0 : filter.from === null && filter.to === null);
  if (isOpen) changed.delete(name);
  else changed.set(name, filter);
  return changed;
}
