/**
 * Small arrays of any rank as the plain oracle of graph operators: written for being obviously right, element
 * by element in float64, not for speed.
 */
import type { Shape } from '../../src/graph/index.js';

/** Numbers in a shape, last axis fastest. */
export interface NdArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** The array whose element at each index is `value(index)`. */
export function fill(shape: Shape, value: (index: readonly number[]) => number): NdArray {
  const data = new Float64Array(shape.reduce((product, n) => product * n, 1));
  const index: number[] = shape.map(() => 0);
  for (let at = 0; at < data.length; at++) {
    data[at] = value(index);
    for (let axis = shape.length - 1; axis >= 0 && ++index[axis] === shape[axis]; axis--) index[axis] = 0;
  }
  return { shape, data };
}

/** An array of given numbers. */
export function array(shape: Shape, values: ArrayLike<number>): NdArray {
  return { shape, data: Float64Array.from(values) };
}

/** The element at an index. */
export function at({ shape, data }: NdArray, index: readonly number[]): number {
  return data[index.reduce((offset, i, axis) => offset * shape[axis] + i, 0)];
}

/** Elementwise function of arrays that broadcast as in NumPy. */
export function map(f: (...values: number[]) => number, ...arrays: NdArray[]): NdArray {
  const rank = Math.max(...arrays.map(({ shape }) => shape.length));
  const sizes = Array.from({ length: rank }, (_, i) =>
    arrays.map(({ shape }) => shape[i - rank + shape.length] ?? 1).reduce((a, b) => (a === 1 ? b : a)),
  );
  return fill(sizes, (index) =>
    f(
      ...arrays.map((x) => {
        const own = index.slice(rank - x.shape.length);
        return at(
          x,
          own.map((i, axis) => (x.shape[axis] === 1 ? 0 : i)),
        );
      }),
    ),
  );
}

/** Folds the elements along `axes` (non-negative) by `f`, in order of position. */
export function reduce(
  x: NdArray,
  axes: readonly number[],
  keepDims: boolean,
  f: (values: readonly number[]) => number,
): NdArray {
  const kept = x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n));
  const inner = x.shape.map((n, axis) => (axes.includes(axis) ? n : 1));
  const result = fill(kept, (base) => {
    const values: number[] = [];
    fill(inner, (step) =>
      values.push(
        at(
          x,
          base.map((i, axis) => i + step[axis]),
        ),
      ),
    );
    return f(values);
  });
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  return keepDims ? result : { shape, data: result.data };
}
