/**
 * Sets of embeddings as they are handed in, and the checks that stand before every search: sizes that fit, no
 * empty set, every number finite; and several joined to one. Nothing is computed with them here.
 */
import { DataError, UsageError } from '../errors.js';

/** Rows of embeddings. */
export interface VectorSet {
  /** `[count, dim]`, row after row. */
  readonly values: Float32Array;
  /** Number of rows. */
  readonly count: number;
  /** Numbers in a row. */
  readonly dim: number;
  /** What the rows are, for messages: "query embeddings". */
  readonly name: string;
}

/**
 * Embeddings as a checked set.
 *
 * @param values `[N, dim]`, row after row
 * @param name what the rows are, plural, for messages
 * @throws UsageError when the length is no multiple of `dim`
 * @throws DataError when there are none, or some are not finite (their count and first rows are named)
 */
export function vectorSet(values: Float32Array, dim: number, name: string): VectorSet {
  if (!(Number.isInteger(dim) && dim >= 1))
    throw new UsageError(`The dimension of the ${name} is ${dim}. It must be a whole number of at least 1.`);
  const count = values.length / dim;
  if (!Number.isInteger(count))
    throw new UsageError(
      `${values.length} numbers were given as ${name} of dimension ${dim}. The length must be a multiple of it.`,
    );
  if (count === 0) throw new DataError(`There are no ${name}. Give at least one.`);
  checkFinite({ values, count, dim, name });
  return { values, count, dim, name };
}

/** Throws `UsageError` unless c is a curvature parameter: a finite number of at least 0. */
export function checkCurvature(curvature: number): void {
  if (!(curvature >= 0 && curvature < Number.POSITIVE_INFINITY))
    throw new UsageError(
      `The curvature c is ${curvature}. It must be a finite number of at least 0 (the ball has curvature -c).`,
    );
}

/** One array of several, such as the embeddings of all batches. */
export function joinParts(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function checkFinite({ values, count, dim, name }: VectorSet): void {
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
