/** Facets: the values of columns with the numbers of items that have them, and ranges of numbers. How they are shown is not known here. */
import type { Column } from '../data/columns.js';
import { type Filters, failuresOf } from './filters.js';

/** A facet of a column. */
export interface Facet {
  readonly column: Column;
  /** Values with the number of items that have them and pass the other columns' filters, most first; null for a range. */
  readonly values: readonly { readonly value: string; readonly count: number }[] | null;
  /** Those of the items without a value that pass the other columns' filters; null where every item has one. */
  readonly none: number | null;
  /** The least and the greatest number, and the numbers of items in parts of equal width between them; null for values. */
  readonly range: {
    readonly least: number;
    readonly greatest: number;
    readonly bins: readonly number[];
  } | null;
}

/** Parts of a range. */
const BINS = 16;
/** A column of numbers with more different ones than this is a range. */
const FEW = 12;
/** A column of texts with more values than this, or with about one for each item, tells no groups. */
const MOST_VALUES = 1000;

/** Whether a column of `count` items is offered as a facet. */
export function isFacet(column: Column, count: number): boolean {
  const { values, numbers } = column;
  if (values.length + Number(lacksSome(column, count)) < 2) return false;
  return numbers && values.length > FEW
    ? true
    : values.length <= Math.min(MOST_VALUES, Math.max(FEW, count / 2));
}

/** Whether one of `count` items has no value. */
function lacksSome({ rows }: Column, count: number): boolean {
  for (let i = 0; i < count; i++) if (rows[i] < 0) return true;
  return false;
}

/** The facets of columns. An item counts where it passes the filters of all other columns. */
export function facetsOf(count: number, columns: readonly Column[], filters: Filters): Facet[] {
  const failures = failuresOf(count, columns, filters);
  return columns.flatMap((column, index): Facet[] => {
    if (!isFacet(column, count)) return [];
    const counts = new Float64Array(column.values.length);
    let without = 0;
    for (let i = 0; i < count; i++) {
      const row = column.rows[i];
      const failed = failures.count[i];
      if (failed > 1 || (failed === 1 && failures.last[i] !== index)) continue;
      if (row >= 0) counts[row]++;
      else without++;
    }
    const none = lacksSome(column, count) ? without : null;
    const { numbers, values } = column;
    if (numbers && values.length > FEW)
      return [{ column, values: null, none, range: rangeOf(numbers, counts) }];
    const listed = values.map((value, row) => ({ value, count: counts[row], row }));
    listed.sort(numbers ? (a, b) => numbers[a.row] - numbers[b.row] : (a, b) => b.count - a.count);
    return [{ column, values: listed, none, range: null }];
  });
}

function rangeOf(numbers: Float64Array, counts: Float64Array) {
  let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const number of numbers) [least, greatest] = [Math.min(least, number), Math.max(greatest, number)];
  const bins = Array.from({ length: BINS }, () => 0);
  const width = greatest - least || 1;
  for (const [row, number] of numbers.entries())
    bins[Math.min(BINS - 1, Math.floor((BINS * (number - least)) / width))] += counts[row];
  return { least, greatest, bins };
}
