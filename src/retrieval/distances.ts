/**
 * Distances of two rows in float64, for reporting and for the last word on order. The hyperbolic one is
 * (2/√c) asinh(√(c ‖x - y‖² w(x) w(y))), w(x) = 1/(1 - c‖x‖²): equal to the artanh and arccosh forms, and
 * exact to rounding for near-coincident points too, where the others lose digits.
 */

import type { CheckedRows } from './checkedRows.js';
import type { Metric } from './coordinates.js';

/** Distance of row i of one set and row j of another. */
export type RowDistance = (i: number, j: number) => number;

/**
 * The distance of a metric: hyperbolic with curvature -c (2‖x - y‖ at c = 0, its limit), Euclidean, or
 * cosine, 1 - cos, in [0, 2] (1 where a vector is zero).
 */
export function rowDistance(
  metric: Metric,
  curvature: number,
  from: CheckedRows,
  to: CheckedRows,
): RowDistance {
  const { dim, values: x } = from;
  const y = to.values;
  if (metric === 'euclidean') return (i, j) => Math.sqrt(squaredDifference(x, i, y, j, dim));
  if (metric === 'cosine') {
    const [ofX, ofY] = [inverseNorms(from), from === to ? undefined : inverseNorms(to)];
    const inverse = ofY ?? ofX;
    return (i, j) => Math.max(0, 1 - product(x, i, y, j, dim) * ofX[i] * inverse[j]);
  }
  if (curvature === 0) return (i, j) => 2 * Math.sqrt(squaredDifference(x, i, y, j, dim));
  const c = curvature;
  const root = Math.sqrt(c);
  const weight = (values: Float32Array, row: number) => 1 / (1 - c * product(values, row, values, row, dim));
  return (i, j) => {
    const square = c * squaredDifference(x, i, y, j, dim) * weight(x, i) * weight(y, j);
    return (2 * Math.asinh(Math.sqrt(square))) / root;
  };
}

function squaredDifference(x: Float32Array, i: number, y: Float32Array, j: number, dim: number): number {
  let [sum, a, b] = [0, i * dim, j * dim];
  for (const end = a + dim; a < end; a++, b++) {
    const difference = x[a] - y[b];
    sum += difference * difference;
  }
  return sum;
}

function product(x: Float32Array, i: number, y: Float32Array, j: number, dim: number): number {
  let [sum, a, b] = [0, i * dim, j * dim];
  for (const end = a + dim; a < end; a++, b++) sum += x[a] * y[b];
  return sum;
}

/** 1/‖x‖ of each row; 0 for a zero row. */
function inverseNorms({ values, count, dim }: CheckedRows): Float64Array {
  return Float64Array.from({ length: count }, (_, row) => {
    const square = product(values, row, values, row, dim);
    return square > 0 ? 1 / Math.sqrt(square) : 0;
  });
}
