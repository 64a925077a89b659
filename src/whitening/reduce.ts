/**
 * An affine map with fewer results: those directions are kept in which the means of the classes vary most, and after them
 * those in which rows do. Directions of rows alone would keep what is loud and tells nothing. They are found by orthogonal
 * iteration, and not told apart among themselves: a rotation of the results changes no cosine.
 */
import { randomStream } from '../random.js';
import type { Rows } from '../rows.js';
import { cholesky } from './cholesky.js';
import { momentsOf } from './moments.js';
import { type AffineMap, type Matrix, mapped, outerProducts, product } from './products.js';

/** Rounds of the iteration; the spectra of features fall so fast that a few are enough. */
const ROUNDS = 12;
/** What the variance of rows counts beside that of class means. */
const OF_ROWS = 0.1;

/**
 * `map` followed by the projection onto the `width` directions in which the second moment of the class means, with a tenth
 * of that of the rows, is largest; the map itself when it has no more results than that.
 * @param rows what the map is for, `[N, dim]`
 * @param labels class of each row
 */
export async function reduced(
  map: AffineMap,
  rows: Rows,
  labels: ArrayLike<number>,
  width: number,
): Promise<AffineMap> {
  const all = map.bias.length;
  if (width >= all) return map;
  const shown = await mapped(rows, map);
  const { classMeans } = await momentsOf(shown, labels);
  const moment = await product(classMeans, classMeans, { transA: true });
  const ofRows = await outerProducts(shown);
  const share = (OF_ROWS * classMeans.rows * all) / shown.values.length;
  for (let i = 0; i < moment.values.length; i++) moment.values[i] += share * ofRows.values[i];
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
  const reducedMap = { weight: Float32Array.from(first.values), bias: Float32Array.from(second.values) };
  return map.power === undefined ? reducedMap : { ...reducedMap, power: map.power };
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
