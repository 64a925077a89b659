/**
 * Arithmetic on values that are known when a graph is built: shapes, indices, masks, tables of positions. Floats are
 * rounded to float32 after every operator, as the engine does. Nothing of the graph is here.
 */
import { DataError } from '../../errors.js';
import { countOf } from './file/tensorValues.js';
import { tableError } from './tooLarge.js';
import { elements, type Known, type KnownType, known, MOST_KNOWN } from './values.js';

/** Steps between neighbours along each axis, row-major. */
export function stridesOf(dims: readonly number[]): number[] {
  const strides: number[] = Array(dims.length);
  let step = 1;
  for (let axis = dims.length - 1; axis >= 0; axis--) {
    strides[axis] = step;
    step *= dims[axis];
  }
  return strides;
}

/** A value's elements in another order: element i of the result lies `offset` + Σ index · stride. */
export function strided(
  value: Known,
  dims: readonly number[],
  strides: readonly number[],
  offset = 0,
): Known {
  if (value.data.length === 1) return { ...value, dims };
  const source = value.data;
  const out = room(value.type, countOf(dims));
  const index: number[] = Array(dims.length).fill(0);
  let at = offset;
  for (let i = 0; i < out.length; i++) {
    out[i] = source[at];
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      at += strides[axis];
      if (++index[axis] < dims[axis]) break;
      at -= strides[axis] * dims[axis];
      index[axis] = 0;
    }
  }
  return known(value.type, dims, out);
}

/** An array for results of a kind. */
export function room(type: KnownType, count: number): Float32Array | Float64Array {
  if (count > MOST_KNOWN) throw tableError(`it computes a table of ${count} numbers`, count);
  return type === 'float' ? new Float32Array(count) : new Float64Array(count);
}

/** Common dimensions under broadcasting. Throws DataError when there are none. */
export function broadcastDims(...all: (readonly number[])[]): number[] {
  const rank = Math.max(0, ...all.map((dims) => dims.length));
  return Array.from({ length: rank }, (_, i) => {
    const sizes = all.map((dims) => dims[dims.length - rank + i] ?? 1);
    const size = sizes.find((n) => n !== 1) ?? 1;
    if (sizes.some((n) => n !== 1 && n !== size))
      throw new DataError(
        `shapes ${all.map((dims) => `[${dims.join(', ')}]`).join(' and ')} do not broadcast`,
      );
    return size;
  });
}

/** Repeats a value to larger dimensions. */
export function expanded(value: Known, dims: readonly number[]): Known {
  const own = stridesOf(value.dims);
  const extra = dims.length - value.dims.length;
  const strides = dims.map((_, i) => (i < extra || value.dims[i - extra] === 1 ? 0 : own[i - extra]));
  return strided(value, dims, strides);
}

/** Applies a function element by element to broadcasting values. */
export function elementwise(
  type: KnownType,
  values: readonly Known[],
  f: (...numbers: number[]) => number,
): Known {
  const dims = broadcastDims(...values.map((value) => value.dims));
  if (values.every(({ data }) => data.length === 1)) {
    const [one] = room(type, 1).fill(f(...values.map(({ data }) => data[0])));
    return known(type, dims, [one]);
  }
  const lists = values.map((value) => expanded(value, dims).data);
  const out = room(type, countOf(dims));
  for (let i = 0; i < out.length; i++) out[i] = f(...lists.map((list) => list[list.length === 1 ? 0 : i]));
  return known(type, dims, out);
}

/** Folds axes into one number each, from `start`; `finish` is told how many numbers there were. */
export function reduced(
  value: Known,
  axes: readonly number[],
  keepDims: boolean,
  { start, step, finish = (x) => x }: Folding,
): Known {
  const list = elements(value);
  const kept = value.dims.map((n, i) => (axes.includes(i) ? 1 : n));
  const steps = stridesOf(kept).map((step, i) => (axes.includes(i) ? 0 : step));
  const totals = new Float64Array(countOf(kept)).fill(start);
  const index: number[] = Array(value.dims.length).fill(0);
  for (let i = 0; i < list.length; i++) {
    const at = index.reduce((sum, n, axis) => sum + n * steps[axis], 0);
    totals[at] = step(totals[at], list[i]);
    for (let axis = index.length - 1; axis >= 0; axis--) {
      if (++index[axis] < value.dims[axis]) break;
      index[axis] = 0;
    }
  }
  const count = axes.reduce((product, axis) => product * value.dims[axis], 1);
  const out = room(value.type, totals.length);
  for (let i = 0; i < out.length; i++) out[i] = finish(totals[i], count);
  return known(value.type, keepDims ? kept : kept.filter((_, i) => !axes.includes(i)), out);
}

/** A reduction, number by number. */
export interface Folding {
  readonly start: number;
  step(total: number, x: number): number;
  finish?(total: number, count: number): number;
}

/** The same elements in other dimensions. */
export const reshaped = (value: Known, dims: readonly number[]): Known => ({ ...value, dims });

/** Axes in another order. */
export function transposed(value: Known, order: readonly number[]): Known {
  const own = stridesOf(value.dims);
  return strided(
    value,
    order.map((axis) => value.dims[axis]),
    order.map((axis) => own[axis]),
  );
}

/** Values one after the other along an axis. */
export function joined(values: readonly Known[], axis: number): Known {
  const { dims, type } = values[0];
  const total = values.reduce((sum, value) => sum + value.dims[axis], 0);
  const shape = dims.map((n, i) => (i === axis ? total : n));
  const outer = countOf(dims.slice(0, axis));
  const inner = countOf(dims.slice(axis + 1));
  const out = room(type, countOf(shape));
  let start = 0;
  for (const value of values) {
    const list = elements(value);
    const run = value.dims[axis] * inner;
    for (let o = 0; o < outer; o++)
      for (let i = 0; i < run; i++) out[o * total * inner + start + i] = list[o * run + i];
    start += run;
  }
  return known(type, shape, out);
}

/** Elements along an axis at indices, which replace that axis by their own dimensions. */
export function taken(value: Known, indices: Known, axis: number): Known {
  const list = elements(value);
  const places = elements(indices);
  const n = value.dims[axis];
  const outer = countOf(value.dims.slice(0, axis));
  const inner = countOf(value.dims.slice(axis + 1));
  const dims = [...value.dims.slice(0, axis), ...indices.dims, ...value.dims.slice(axis + 1)];
  const out = room(value.type, countOf(dims));
  for (let o = 0; o < outer; o++)
    for (let p = 0; p < places.length; p++) {
      const place = places[p] < 0 ? places[p] + n : places[p];
      if (!(place >= 0 && place < n))
        throw new DataError(`the index ${places[p]} is outside an axis of ${n}`);
      for (let i = 0; i < inner; i++)
        out[(o * places.length + p) * inner + i] = list[(o * n + place) * inner + i];
    }
  return known(value.type, dims, out);
}
