/**
 * An affine map with fewer results: those directions are kept in which mapped rows vary most, so that few numbers keep most
 * of the inner products (principal components). They are found by orthogonal iteration, and not told apart among
 * themselves: a rotation of the results changes no cosine.
 */
import { randomStream } from '../random.js';
import type { Rows } from '../rows.js';
import { cholesky } from './cholesky.js';
import { type AffineMap, type Matrix, mapped, outerProducts, product } from './products.js';

/** Rounds of the iteration; the spectra of features fall so fast that a few are enough. */
const ROUNDS = 12;

/**
 * `map` followed by the projection onto the `width` directions of largest second moment of the mapped rows; the map itself
 * when it has no more results than that.
 * @param rows what the map is for, `[N, dim]`
 */
export async function reduced(map: AffineMap, rows: Rows, width: number): Promise<AffineMap> {
  const all = map.bias.length;
  if (width >= all) return map;
  const moment = await outerProducts(await mapped(rows, map));
  for (let i = 0; i < all; i++) moment.values[i * all + i] += 1e-9;
  const random = randomStream(0, 'directions');
  let basis: Matrix = {
    values: Float64Array.from({ length: width * all }, random.normal),
    rows: width,
    columns: all,
  };
  for (let round = 0; round < ROUNDS; round++) basis = await orthonormal(await product(basis, moment));
  const weight = { values: Float64Array.from(map.weight), rows: all, columns: rows.dim };
  const bias = { values: Float64Array.from(map.bias), rows: all, columns: 1 };
  const [first, second] = [await product(basis, weight), await product(basis, bias)];
  return { weight: Float32Array.from(first.values), bias: Float32Array.from(second.values) };
}

/** The rows of a matrix made orthonormal, twice for the sake of rounding. */
async function orthonormal(rows: Matrix): Promise<Matrix> {
  let basis = rows;
  for (let time = 0; time < 2; time++) {
    const gram = await product(basis, basis, { transB: true });
    let trace = 0;
    for (let i = 0; i < gram.rows; i++) trace += gram.values[i * gram.rows + i];
    for (let i = 0; i < gram.rows; i++) gram.values[i * gram.rows + i] += 1e-14 * trace;
    basis = await product((await cholesky(gram)).inverse, basis);
  }
  return basis;
}
