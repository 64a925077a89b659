/**
 * Vectors that stand in the cells of a list: a column of lists of numbers (`[0.1, 0.2]`), or numbered columns (`e0`, `e1`, …), as
 * table programs write them. What the other columns say of the items is read elsewhere.
 */
import { DataError } from '../errors.js';
import { cellOf, readRows } from '../io/readRows.js';
import type { Rows } from '../rows.js';

/** Vectors of a list. */
export interface ListedVectors extends Rows {
  /** The columns that they stand in. */
  readonly columns: readonly string[];
}

/** A column that is meant by its name. */
const NAMED = /^(?:embeddings?|vectors?|features?|emb|vec)$/i;
/** A numbered column, and what is before its number. */
const NUMBERED = /^(.*?)[_. -]?(\d+)$/;
/** Numbered columns that are a vector by their name, however few; of others it takes more. */
const PREFIX = /^(?:|e|v|f|x|d|emb|embeddings?|vec|vectors?|feat|features?|dim|pca?)$/i;
const FEWEST = { named: 2, others: 16 };

/** The vectors of a CSV or JSON Lines file; null where it has none. Throws DataError, by line, for one that is not like the others. */
export function listedVectors(path: string, encoding?: string): ListedVectors | null {
  const { columns, rows } = readRows(path, { encoding });
  const named = columns.filter((name) => NAMED.test(name) && numbersIn(cellOf(rows[0], name)).length > 1);
  if (named.length > 0) {
    const [name] = named;
    return gathered(
      path,
      rows.map((row) => ({ line: row.line, numbers: numbersIn(cellOf(row, name)) })),
      [name],
    );
  }
  const numbered = numberedColumns(columns);
  if (numbered.length === 0) return null;
  return gathered(
    path,
    rows.map((row) => ({ line: row.line, numbers: numbered.map((name) => numberOf(cellOf(row, name))) })),
    numbered,
  );
}

/** The largest set of columns that are numbered without a gap, from 0 or 1. */
function numberedColumns(columns: readonly string[]): string[] {
  const sets = new Map<string, Map<number, string>>();
  for (const name of columns) {
    const [, prefix, number] = NUMBERED.exec(name) ?? [];
    if (number === undefined) continue;
    const set = sets.get(prefix) ?? new Map<number, string>();
    sets.set(prefix, set.set(Number(number), name));
  }
  const whole = [...sets].flatMap(([prefix, set]) => {
    const first = set.has(0) ? 0 : 1;
    const names = Array.from(set, (_, i) => set.get(first + i)).filter((name) => name !== undefined);
    const fewest = PREFIX.test(prefix) ? FEWEST.named : FEWEST.others;
    return names.length === set.size && names.length >= fewest ? [names] : [];
  });
  return whole.sort((a, b) => b.length - a.length)[0] ?? [];
}

/** Numbers of a cell such as `[0.1, 0.2]` or `0.1 0.2`; empty for any other text. */
function numbersIn(cell: string | undefined): number[] {
  const inside = /^\s*[[(]?([^[\]()]*)[\])]?\s*$/.exec(cell ?? '')?.[1].trim() ?? '';
  if (inside === '') return [];
  const numbers = inside.split(/\s*[,;]\s*|\s+/).map(numberOf);
  return numbers.every(Number.isFinite) ? numbers : [];
}

const numberOf = (cell: string | undefined) => (cell?.trim() ? Number(cell) : Number.NaN);

function gathered(
  path: string,
  rows: readonly { readonly line: number; readonly numbers: readonly number[] }[],
  columns: readonly string[],
): ListedVectors {
  const dim = rows[0].numbers.length;
  const values = new Float32Array(rows.length * dim);
  const where =
    columns.length === 1 ? `"${columns[0]}"` : `"${columns[0]}" to "${columns[columns.length - 1]}"`;
  rows.forEach(({ line, numbers }, row) => {
    if (numbers.length !== dim || !numbers.every((value) => Number.isFinite(Math.fround(value))))
      throw new DataError(
        `${path}, line ${line}: ${where} should hold ${dim} numbers, as in the first row. Mend the row, or leave it out.`,
      );
    values.set(numbers, row * dim);
  });
  return { values, dim, columns };
}
