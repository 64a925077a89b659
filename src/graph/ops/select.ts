/** Indexing: gather with its scatter-add gradient, top-k, arg-max. Indices are int32 or int64. */
import {
  axisOf,
  constant,
  GraphError,
  isFloat,
  makeNode,
  makeTensor,
  NO_GRADIENT,
  sameShape,
  show,
  sizeOf,
  type Tensor,
} from '../tensor.js';
import { reshape } from './shape.js';

function requireIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64')
    throw new GraphError(`${op}: indices are ${indices.dtype}, expected int32 or int64`);
}

/** Rows of x (slices along axis 0) in the order of `indices`; rows may repeat. The gradient adds them back up. */
export function gather(x: Tensor, indices: Tensor): Tensor {
  requireIndices('Gather', indices);
  if (x.shape.length === 0) throw new GraphError('Gather: a scalar has no rows');
  const shape = [...indices.shape, ...x.shape.slice(1)];
  return makeTensor(
    'Gather',
    [x, indices],
    shape,
    x.dtype,
    isFloat(x.dtype) ? ([g]) => [scatterAdd(g!, indices, x.shape[0]), null] : NO_GRADIENT,
    { axis: { int: 0 } },
  );
}

/** Adds rows of `values` into `rows` rows of zeros, at `indices`; the transpose of `gather`. */
export function scatterAdd(values: Tensor, indices: Tensor, rows: number): Tensor {
  const rest = values.shape.slice(indices.shape.length);
  if (!sameShape(values.shape.slice(0, indices.shape.length), indices.shape))
    throw new GraphError(
      `ScatterND: values ${show(values.shape)} do not fit indices ${show(indices.shape)}; expected [...indices, ...row]`,
    );
  const flat = reshape(values, [sizeOf(indices.shape), ...rest]);
  return addRows(constant(0, [rows, ...rest], values.dtype), reshape(indices, [-1]), flat);
}

/** `base` `[R, …]` with rows of `values` added at `indices`; both get the gradient. */
export function addRows(base: Tensor, indices: Tensor, values: Tensor): Tensor {
  requireIndices('ScatterND', indices);
  const expected = [sizeOf(indices.shape), ...base.shape.slice(1)];
  if (indices.shape.length !== 1 || !sameShape(values.shape, expected) || values.dtype !== base.dtype)
    throw new GraphError(
      `ScatterND: ${values.dtype} values ${show(values.shape)} at indices ${show(indices.shape)} do not fit ${base.dtype} ${show(base.shape)}; expected ${show(expected)}`,
    );
  const where = castIndices(reshape(indices, [sizeOf(indices.shape), 1]));
  return makeTensor(
    'ScatterND',
    [base, where, values],
    base.shape,
    base.dtype,
    ([g]) => [g!, null, gather(g!, indices)],
    { reduction: { text: 'add' } },
  );
}

/** Elements along an axis, `out[i][j] = x[i][indices[i][j]]` for axis 1. The gradient adds them back up. */
export function gatherElements(x: Tensor, indices: Tensor, axis: number): Tensor {
  requireIndices('GatherElements', indices);
  const along = axisOf('GatherElements', axis, x.shape.length);
  if (indices.shape.length !== x.shape.length || indices.shape.some((n, i) => i !== along && n > x.shape[i]))
    throw new GraphError(
      `GatherElements: indices ${show(indices.shape)} do not fit ${show(x.shape)} along axis ${axis}`,
    );
  const gradient = ([g]: readonly (Tensor | null)[]) => [scatterElementsAdd(g!, indices, along, x), null];
  return makeTensor(
    'GatherElements',
    [x, indices],
    indices.shape,
    x.dtype,
    isFloat(x.dtype) ? gradient : NO_GRADIENT,
    { axis: { int: along } },
  );
}

function scatterElementsAdd(values: Tensor, indices: Tensor, axis: number, like: Tensor): Tensor {
  const zeros = constant(0, like.shape, values.dtype);
  return makeTensor(
    'ScatterElements',
    [zeros, indices, values],
    like.shape,
    values.dtype,
    ([g]) => [null, null, gatherElements(g!, indices, axis)],
    { axis: { int: axis }, reduction: { text: 'add' } },
  );
}

/** `base` with `values` written at `indices` along an axis; the last of repeated places counts. No gradient. */
export function scatterElements(base: Tensor, indices: Tensor, values: Tensor, axis: number): Tensor {
  requireIndices('ScatterElements', indices);
  const along = axisOf('ScatterElements', axis, base.shape.length);
  return makeTensor('ScatterElements', [base, indices, values], base.shape, base.dtype, NO_GRADIENT, {
    axis: { int: along },
  });
}

/** The k largest values along the last axis, in falling order, and their int64 positions. */
export function topK(x: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const axis = x.shape.length - 1;
  if (axis < 0 || !(Number.isInteger(k) && k >= 1 && k <= x.shape[axis]))
    throw new GraphError(`TopK: k = ${k} of ${show(x.shape)}; expected 1 ≤ k ≤ the size of the last axis`);
  const shape = [...x.shape.slice(0, -1), k];
  const [values, indices]: Tensor[] = makeNode({
    op: 'TopK',
    inputs: [x, constant([k], [1], 'int64')],
    outputs: [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int64' },
    ],
    attributes: { axis: { int: axis }, largest: { int: 1 }, sorted: { int: 1 } },
    gradient: ([g]) => [g ? scatterElementsAdd(g, indices, axis, x) : null, null],
  });
  return { values, indices };
}

/** Position of the largest value along an axis, as int64; the first of equal ones. No gradient. */
export function argMax(x: Tensor, axis = -1): Tensor {
  const along = axisOf('ArgMax', axis, x.shape.length);
  const shape = x.shape.filter((_, i) => i !== along);
  const attributes = { axis: { int: along }, keepdims: { int: 0 } };
  return makeTensor('ArgMax', [x], shape, 'int64', NO_GRADIENT, attributes);
}

function castIndices(indices: Tensor): Tensor {
  if (indices.dtype === 'int64') return indices;
  return makeTensor('Cast', [indices], indices.shape, 'int64', NO_GRADIENT, { to: { int: 7 } });
}
