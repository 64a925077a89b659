/**
 * Small steps of the closed forms: traces, shrinkage, and the affine map round a centre. What a closed form is is not known here.
 */
import type { AffineMap, Matrix } from './products.js';

/** Sum of the diagonal of a square matrix. */
export function traceOf({ values, rows }: Matrix): number {
  let trace = 0;
  for (let i = 0; i < rows; i++) trace += values[i * rows + i];
  return trace;
}

/** A square matrix with a number added to its diagonal. */
export function plusDiagonal(matrix: Matrix, add: number): Matrix {
  const values = matrix.values.slice();
  for (let i = 0; i < matrix.rows; i++) values[i * matrix.rows + i] += add;
  return { ...matrix, values };
}

/** x ↦ M (x − centre), scaled so that an entry of M is 1/√D in the root mean square, as that of a new layer. */
export function around(centre: Float64Array, { values, rows, columns }: Matrix): AffineMap {
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  const scale = Math.sqrt(rows / squares);
  const weight = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) weight[i] = values[i] * scale;
  const bias = new Float32Array(rows);
  for (let i = 0; i < rows; i++) {
    let sum = 0;
    for (let k = 0; k < columns; k++) sum += values[i * columns + k] * centre[k];
    bias[i] = -sum * scale;
  }
  return { weight, bias };
}
