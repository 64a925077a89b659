/**
 * What stands before every search: rows whose sizes fit, that are not none, and whose numbers are all finite. Nothing
 * is computed with them here.
 */
import { DataError, UsageError } from '../errors.js';
import { type Rows, rowCount } from '../rows.js';

/** Rows that were checked. */
export interface CheckedRows extends Rows {
  /** Number of rows, at least 1. */
  readonly count: number;
  /** What the rows are, for messages: "query embeddings". */
  readonly name: string;
}

/**
 * Checks rows.
 *
 * @param name what the rows are, plural, for messages
 * @throws UsageError when the length is not a multiple of `dim`
 * @throws DataError when there are none, or some are not finite (their count and first rows are named)
 */
export function checkedRows({ values, dim }: Rows, name: string): CheckedRows {
  if (!(Number.isInteger(dim) && dim >= 1))
    throw new UsageError(`The dimension of the ${name} is ${dim}. It must be a whole number of at least 1.`);
  const count = rowCount({ values, dim });
  if (!Number.isInteger(count))
    throw new UsageError(
      `${values.length} numbers were given as ${name} of dimension ${dim}. The length must be a multiple of it.`,
    );
  if (count === 0) throw new DataError(`There are no ${name}. Give at least one.`);
  checkFinite({ values, count, dim, name });
  return { values, count, dim, name };
}

function checkFinite({ values, count, dim, name }: CheckedRows): void {
  const wrong: number[] = [];
  for (let row = 0; row < count; row++)
    for (let k = row * dim; k < (row + 1) * dim; k++)
      if (!Number.isFinite(values[k])) {
        wrong.push(row);
        break;
      }
  if (wrong.length > 0)
    throw new DataError(
      `${wrong.length} of ${count} ${name} hold NaN or infinite numbers; first rows: ${wrong.slice(0, 5).join(', ')}. A training run that diverged gives such embeddings: lower its learning rate, or mend the rows.`,
    );
}
