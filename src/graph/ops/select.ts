/** Indexing: gather and scatter, each the gradient of the other. Indices are int32 or int64. */
import {
  axisOf,
  constant,
  GraphError,
  isFloat,
  makeTensor,
  NO_GRADIENT,
  type Shape,
  sameShape,
  show,
  sizeOf,
  type Tensor,
} from '../tensor.js';
import { reshape, slice, transpose } from './shape.js';

function requireIndices(op: string, indices: Tensor): void {
  if (indices.dtype !== 'int32' && indices.dtype !== 'int64')
    throw new GraphError(`${op}: indices are ${indices.dtype}, expected int32 or int64`);
}

/**
 * Slices of x along an axis (rows by default) in the order of `indices`, which stand in that axis's place in the result;
 * they may repeat, and constant ones may count from the end by negative numbers. The gradient adds them back up.
 */
export function gather(x: Tensor, indices: Tensor, axis = 0): Tensor {
  requireIndices('Gather', indices);
  if (x.shape.length === 0) throw new GraphError('Gather: a scalar has no rows');
  const along = axisOf('Gather', axis, x.shape.length);
  if (along > 0) return gatherAlong(x, indices, along);
  const places = fromStart(indices, x.shape[0]);
  const shape = [...indices.shape, ...x.shape.slice(1)];
  return makeTensor(
    'Gather',
    [x, places],
    shape,
    x.dtype,
    isFloat(x.dtype) ? ([g]) => [scatterAdd(g!, places, x.shape[0]), null] : NO_GRADIENT,
    { axis: { int: 0 } },
  );
}

/** Gather along another axis than the first. Constant places in equal steps are a slice, whose gradient is padding. */
function gatherAlong(x: Tensor, indices: Tensor, axis: number): Tensor {
  const places = fromStart(indices, x.shape[axis]);
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const row = places.node.data && Array.from(places.node.data as BigInt64Array, Number);
  if (row && row.length > 0) {
    const step = row.length > 1 ? row[1] - row[0] : 1;
    const last = row[row.length - 1];
    if (step !== 0 && row.every((n, i) => n === row[0] + i * step))
      return reshape(slice(x, axis, row[0], last + Math.sign(step), step), shape);
  }
  return makeTensor(
    'Gather',
    [x, places],
    shape,
    x.dtype,
    isFloat(x.dtype) ? ([g]) => [gatherAlongGradient(g!, places, axis, x), null] : NO_GRADIENT,
    { axis: { int: axis } },
  );
}

function gatherAlongGradient(g: Tensor, indices: Tensor, axis: number, x: Tensor): Tensor {
  const rank = indices.shape.length;
  const outer = x.shape.slice(0, axis).map((_, i) => i);
  const first = transpose(g, [
    ...indices.shape.map((_, i) => axis + i),
    ...outer,
    ...x.shape.slice(axis + 1).map((_, i) => axis + rank + i),
  ]);
  const added = scatterAdd(first, indices, x.shape[axis]);
  return transpose(added, [
    ...outer.map((i) => i + 1),
    0,
    ...x.shape.slice(axis + 1).map((_, i) => axis + 1 + i),
  ]);
}

/** Constant indices with negative ones counted from the end of an axis of size n; throws for those beyond it. */
function fromStart(indices: Tensor, n: number): Tensor {
  const { data } = indices.node;
  if (!data) return indices;
  const values = Array.from(data as BigInt64Array, Number);
  if (values.some((i) => i < -n || i >= n))
    throw new GraphError(`Gather: index ${values.find((i) => i < -n || i >= n)} of an axis of size ${n}`);
  if (values.every((i) => i >= 0)) return indices;
  return constant(
    values.map((i) => (i < 0 ? i + n : i)),
    indices.shape,
    indices.dtype,
  );
}

/**
 * Slices of x at places given by their first indices, `indices [..., D]` int64 of the first D axes of x. The gradient adds
 * them back up.
 */
export function gatherND(x: Tensor, indices: Tensor): Tensor {
  requireIndices('GatherND', indices);
  const where = castIndices(indices);
  const depth = indices.shape[indices.shape.length - 1];
  if (indices.shape.length === 0 || depth < 1 || depth > x.shape.length)
    throw new GraphError(
      `GatherND: indices ${show(indices.shape)} of ${show(x.shape)}; expected [..., D] with D from 1 to ${x.shape.length}`,
    );
  const shape = [...indices.shape.slice(0, -1), ...x.shape.slice(depth)];
  if (!isFloat(x.dtype)) return makeTensor('GatherND', [x, where], shape, x.dtype, NO_GRADIENT);
  return makeTensor('GatherND', [x, where], shape, x.dtype, ([g]) => [
    makeTensor(
      'ScatterND',
      [constant(0, x.shape, x.dtype), where, g!],
      x.shape,
      x.dtype,
      ([h]) => [null, null, gatherND(h!, where)],
      { reduction: { text: 'add' } },
    ),
    null,
  ]);
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
  const gradient = ([g]: readonly (Tensor | null)[]) => [
    scatterElementsAdd(g!, indices, along, x.shape),
    null,
  ];
  return makeTensor(
    'GatherElements',
    [x, indices],
    indices.shape,
    x.dtype,
    isFloat(x.dtype) ? gradient : NO_GRADIENT,
    { axis: { int: along } },
  );
}

/**
 * Elements of `values` added into zeros of a shape at `indices` along an axis, which may repeat; the transpose of
 * `gatherElements`.
 */
export function scatterElementsAdd(values: Tensor, indices: Tensor, axis: number, shape: Shape): Tensor {
  const zeros = constant(0, shape, values.dtype);
  return makeTensor(
    'ScatterElements',
    [zeros, indices, values],
    shape,
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

function castIndices(indices: Tensor): Tensor {
  if (indices.dtype === 'int64') return indices;
  return makeTensor('Cast', [indices], indices.shape, 'int64', NO_GRADIENT, { to: { int: 7 } });
}
