/**
 * What flows along the edges of an imported graph: tensors, which depend on images or on weights that can be trained,
 * and values that are known when the graph is built (shapes, indices, tables). Reading a file is not done here.
 */
import { constant, type DType, type Tensor } from '../../graph/index.js';
import { countOf } from './file/tensorValues.js';
import { tableError } from './tooLarge.js';

/** Kinds of known values. float16 and float64 of the file are 'float', every integer type is 'int'. */
export type KnownType = 'float' | 'int' | 'bool';

/** A value that is known when the graph is built. */
export interface Known {
  readonly type: KnownType;
  readonly dims: readonly number[];
  /** Elements in row-major order; a single one stands for a tensor that holds it everywhere. */
  readonly data: ArrayLike<number>;
}

/** A value of the graph. */
export type Value = Tensor | Known;

/** Most elements of a known value that is computed. */
export const MOST_KNOWN = 10_000_000;

/** Whether a value depends on images or weights. */
export const isTensor = (value: Value | undefined): value is Tensor => value !== undefined && 'node' in value;

/** The static dimensions of a value. */
export const dimsOf = (value: Value): readonly number[] => (isTensor(value) ? value.shape : value.dims);

/** A known value; throws DataError when it would be larger than what a sound file needs. */
export function known(type: KnownType, dims: readonly number[], data: ArrayLike<number>): Known {
  if (data.length !== 1 && data.length > MOST_KNOWN)
    throw tableError(`it computes a table of ${data.length} numbers`, data.length);
  return { type, dims, data };
}

/** A row of integers, such as a shape. */
export const ints = (values: readonly number[]): Known => known('int', [values.length], values);

/** A single value. */
export const scalar = (type: KnownType, value: number): Known => known(type, [], [value]);

/** All elements of a known value. Throws DataError when there are more than a table may have. */
export function elements({ dims, data }: Known): ArrayLike<number> {
  const count = countOf(dims);
  if (data.length === count) return data;
  if (count > MOST_KNOWN) throw tableError(`it computes a table of [${dims.join(', ')}]`, count);
  return new Float64Array(count).fill(data[0]);
}

const DTYPES: Readonly<Record<KnownType, DType>> = { float: 'float32', int: 'int64', bool: 'bool' };

/** A known value as a constant of the graph. */
export function lifted(value: Known): Tensor {
  const list = elements(value);
  const dtype = DTYPES[value.type];
  if (dtype === 'float32' && list instanceof Float32Array) return constant(list, value.dims, dtype);
  return constant(Array.from(list), value.dims, dtype);
}
