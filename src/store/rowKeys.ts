/**
 * Numbers that rank rows as their distances to a query do, at one multiplication a coordinate. With x the query and
 * y a row, in float64 from the vectors themselves:
 *   hyperbolic  (‖x‖² + ‖y‖² - 2 x·y) / (1 - c‖y‖²)
 *   Euclidean   ‖x‖² + ‖y‖² - 2 x·y
 *   cosine      -2 x·y / ‖y‖
 * Rows nearer to each other than about 1e-7 may come in the wrong order: candidates are measured again.
 */
import type { SearchSpace } from './space.js';

/** What does not depend on the query, of rows `[N, dim]`: `key = scale · (‖x‖² + square - 2 x·y)`, each `[N]`. */
export interface RowConstants {
  readonly square: Float64Array;
  readonly scale: Float64Array;
}

/** Constants of rows `[N, dim]`. */
export function rowConstants({ metric, curvature, dim }: SearchSpace, rows: Float32Array): RowConstants {
  const square = new Float64Array(rows.length / dim);
  const scale = new Float64Array(square.length).fill(1);
  for (let row = 0; row < square.length; row++) {
    let sum = 0;
    for (let k = row * dim; k < (row + 1) * dim; k++) sum += rows[k] * rows[k];
    if (metric === 'hyperbolic') scale[row] = 1 / (1 - curvature * sum);
    if (metric === 'cosine') scale[row] = sum > 0 ? 1 / Math.sqrt(sum) : 0;
    else square[row] = sum;
  }
  return { square, scale };
}

/** Writes the keys of rows `[N, dim]` for a query to `keys`, `[N]`. */
export function writeKeys(
  { metric, dim }: SearchSpace,
  query: Float64Array,
  rows: Float32Array,
  { square, scale }: RowConstants,
  keys: Float64Array,
): void {
  const own = metric === 'cosine' ? 0 : query.reduce((sum, value) => sum + value * value, 0);
  const even = dim - (dim % 4);
  for (let row = 0, at = 0; row < keys.length; row++) {
    // Four sums at a time: one would wait for itself at every step. No destructuring, which costs in such loops.
    let a = 0;
    let b = 0;
    let c = 0;
    let d = 0;
    let k = 0;
    for (; k < even; k += 4, at += 4) {
      a += query[k] * rows[at];
      b += query[k + 1] * rows[at + 1];
      c += query[k + 2] * rows[at + 2];
      d += query[k + 3] * rows[at + 3];
    }
    for (; k < dim; k++, at++) a += query[k] * rows[at];
    keys[row] = scale[row] * (own + square[row] - 2 * (a + b + c + d));
  }
}
