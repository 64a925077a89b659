/**
 * The Cholesky factor of a symmetric positive definite matrix together with its inverse, in float64: all that whitening needs
 * of linear algebra, since cosines do not care for a rotation, and L⁻¹ whitens as well as the symmetric root A^(−1/2) does.
 * Large matrices are halved until they are small, so that nearly all the work is in products of the engine.
 */
import { HierError } from '../errors.js';
import { type Matrix, product } from './products.js';

/** Rows of a matrix that is factored directly. */
const SMALL = 192;

/** L, lower triangular with L Lᵀ = A, and L⁻¹; both `[n, n]`. */
export interface CholeskyFactor {
  readonly factor: Matrix;
  readonly inverse: Matrix;
}

/**
 * Factors A (Golub & Van Loan, Matrix Computations, 4.2).
 * @param matrix A, `[n, n]`; what is above its diagonal is not read
 * @throws HierError when A is not positive definite
 */
export async function cholesky(matrix: Matrix): Promise<CholeskyFactor> {
  const n = matrix.rows;
  if (n <= SMALL) return small(matrix);
  const { half, first, below, rest } = await halved(matrix);
  const second = await cholesky(rest);
  const corner = await product(await product(second.inverse, below), first.inverse);
  for (let i = 0; i < corner.values.length; i++) corner.values[i] *= -1;
  return {
    factor: joined(n, half, first.factor, below, second.factor),
    inverse: joined(n, half, first.inverse, corner, second.inverse),
  };
}

/** The factor alone, in less time. Throws as {@link cholesky}. */
export async function choleskyFactor(matrix: Matrix): Promise<Matrix> {
  if (matrix.rows <= SMALL) return small(matrix).factor;
  const { half, first, below, rest } = await halved(matrix);
  return joined(matrix.rows, half, first.factor, below, await choleskyFactor(rest));
}

/** The factor of the first half of a matrix, what stands below it, and what is left to factor. */
async function halved(matrix: Matrix) {
  const n = matrix.rows;
  const half = n >> 1;
  const [low, high] = [
    [0, half],
    [half, n],
  ] as const;
  const first = await cholesky(part(matrix, low, low));
  const below = await product(part(matrix, high, low), first.inverse, { transB: true });
  const rest = part(matrix, high, high);
  const taken = await product(below, below, { transB: true });
  for (let i = 0; i < rest.values.length; i++) rest.values[i] -= taken.values[i];
  return { half, first, below, rest };
}

/** A copy of some rows and columns, from the first to before the last. */
function part({ values, columns }: Matrix, rows: Range, across: Range): Matrix {
  const [height, width] = [rows[1] - rows[0], across[1] - across[0]];
  const copy = new Float64Array(height * width);
  for (let i = 0; i < height; i++) {
    const at = (rows[0] + i) * columns + across[0];
    copy.set(values.subarray(at, at + width), i * width);
  }
  return { values: copy, rows: height, columns: width };
}

type Range = readonly [from: number, to: number];

/** A lower triangular matrix of its three parts. */
function joined(n: number, half: number, above: Matrix, corner: Matrix, below: Matrix): Matrix {
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    if (i < half) values.set(above.values.subarray(i * half, (i + 1) * half), i * n);
    else {
      const row = i - half;
      values.set(corner.values.subarray(row * half, (row + 1) * half), i * n);
      values.set(below.values.subarray(row * below.columns, (row + 1) * below.columns), i * n + half);
    }
  return { values, rows: n, columns: n };
}

/** A small matrix, row by row. */
function small({ values, rows: n }: Matrix): CholeskyFactor {
  const factor = new Float64Array(n * n);
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = values[i * n + j];
      for (let k = 0; k < j; k++) rest -= factor[i * n + k] * factor[j * n + k];
      if (i !== j) factor[i * n + j] = rest / factor[j * n + j];
      else if (rest > 0) factor[i * n + i] = Math.sqrt(rest);
      else throw new HierError('A matrix that is not positive definite has no Cholesky factor.');
    }
    const scale = 1 / factor[i * n + i];
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = j; k < i; k++) sum += factor[i * n + k] * inverse[k * n + j];
      inverse[i * n + j] = -sum * scale;
    }
    inverse[i * n + i] = scale;
  }
  const matrix = (of: Float64Array): Matrix => ({ values: of, rows: n, columns: n });
  return { factor: matrix(factor), inverse: matrix(inverse) };
}
