/**
 * Rows of numbers: N rows of `dim` numbers each, one after another in one typed array. Embeddings, feature vectors,
 * points of the ball and tables of distances all have this form. Nothing is checked or computed here beyond where a
 * row lies; what a search demands of its rows is checked in the retrieval room.
 */

/** Typed arrays that rows are kept in. */
export type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Rows of numbers, all of one length. */
export interface Rows<A extends Numbers = Float32Array> {
  /** `[N, dim]`, row after row. */
  readonly values: A;
  /** Numbers in a row. */
  readonly dim: number;
}

/** Number of rows, N. Not a whole number where the values do not fill the last row. */
export function rowCount({ values, dim }: Rows<Numbers>): number {
  return values.length / dim;
}

/** Row `index`, `[dim]`, as a view: it shares its memory with the rows. */
export function rowAt<A extends Numbers>({ values, dim }: Rows<A>, index: number): A {
  return values.subarray(index * dim, (index + 1) * dim) as A;
}

/** Copies of the rows with these indices, in that order; an index may stand more than once. */
export function takeRows({ values, dim }: Rows, indices: ArrayLike<number>): Rows {
  const taken = new Float32Array(indices.length * dim);
  for (let i = 0; i < indices.length; i++) taken.set(rowAt({ values, dim }, indices[i]), i * dim);
  return { values: taken, dim };
}

/** The values of several sets of rows, one set after another, such as the embeddings of all batches. */
export function joinValues(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
