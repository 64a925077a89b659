/** Operators that move elements without computing: reshape, transpose, slice, concatenate, expand. Padding stands beside. */
import {
  type Attribute,
  axisOf,
  broadcast,
  checkShape,
  constant,
  type GradientRule,
  GraphError,
  intsOf,
  makeTensor,
  type Shape,
  sameShape,
  show,
  sizeOf,
  type Tensor,
} from '../tensor.js';
import { pad } from './padding.js';
import { sumTo } from './reduce.js';

const indices = (values: readonly number[]) => constant(values, [values.length], 'int64');

/** The same elements in another shape; one dimension may be −1 and is worked out. */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const known = shape.filter((n) => n !== -1).reduce((product, n) => product * n, 1);
  const target = shape.map((n) => (n === -1 ? sizeOf(x.shape) / known : n));
  const unknown = shape.filter((n) => n === -1).length;
  if (unknown > 1 || !target.every(Number.isInteger) || sizeOf(target) !== sizeOf(x.shape))
    throw new GraphError(
      `Reshape: ${show(x.shape)} has ${sizeOf(x.shape)} elements, which do not fit ${show(shape)}`,
    );
  checkShape('Reshape', target);
  if (sameShape(x.shape, target)) return x;
  // Without allowzero a 0 means "as in the input".
  const attributes: Record<string, Attribute> = target.includes(0) ? { allowzero: { int: 1 } } : {};
  const gradient: GradientRule = ([g]) => [reshape(g!, x.shape), null];
  return makeTensor('Reshape', [x, indices(target)], target, x.dtype, gradient, attributes);
}

/**
 * Reorders the axes: axis i of the result is axis `order[i]` of x. Reverses them by default. Of a transposed tensor
 * it is one step, or none when that leads back.
 */
export function transpose(
  x: Tensor,
  order: readonly number[] = x.shape.map((_, i) => x.shape.length - 1 - i),
): Tensor {
  const axes = order.map((axis) => axisOf('Transpose', axis, x.shape.length));
  if (axes.length !== x.shape.length || new Set(axes).size !== axes.length)
    throw new GraphError(
      `Transpose: ${show(order)} is not an order of the ${x.shape.length} axes of ${show(x.shape)}`,
    );
  if (axes.every((axis, i) => axis === i)) return x;
  if (x.node.op === 'Transpose') {
    const before = intsOf(x.node, 'perm');
    return transpose(
      x.node.inputs[0],
      axes.map((axis) => before[axis]),
    );
  }
  const inverse = axes.map((_, i) => axes.indexOf(i));
  const shape = axes.map((axis) => x.shape[axis]);
  return makeTensor('Transpose', [x], shape, x.dtype, ([g]) => [transpose(g!, inverse)], {
    perm: { ints: axes },
  });
}

/** Repeats x along dimensions of size 1 to a larger shape. */
export function expand(x: Tensor, shape: Shape): Tensor {
  if (!sameShape(broadcast('Expand', x.shape, shape), shape))
    throw new GraphError(`Expand: ${show(x.shape)} does not broadcast to ${show(shape)}`);
  if (sameShape(x.shape, shape)) return x;
  return makeTensor('Expand', [x, indices(shape)], shape, x.dtype, ([g]) => [sumTo(g!, x.shape), null]);
}

/** Joins tensors along an axis. */
export function concat(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 0) throw new GraphError('Concat: nothing to join');
  if (parts.length === 1) return parts[0];
  const [first] = parts;
  const along = axisOf('Concat', axis, first.shape.length);
  for (const part of parts)
    if (
      part.shape.length !== first.shape.length ||
      part.shape.some((n, i) => i !== along && n !== first.shape[i])
    )
      throw new GraphError(
        `Concat: shapes ${parts.map((p) => show(p.shape)).join(', ')} differ elsewhere than along axis ${along}`,
      );
  if (parts.some((part) => part.dtype !== first.dtype))
    throw new GraphError(`Concat: types ${parts.map((p) => p.dtype).join(', ')} differ; cast to one`);
  const total = parts.reduce((length, part) => length + part.shape[along], 0);
  const shape = first.shape.map((n, i) => (i === along ? total : n));
  const gradient = ([g]: readonly (Tensor | null)[]) => {
    let start = 0;
    return parts.map((part) => slice(g!, along, start, (start += part.shape[along])));
  };
  return makeTensor('Concat', parts, shape, first.dtype, gradient, { axis: { int: along } });
}

/** Elements [start, end) along one axis, every `step`-th. */
export function slice(x: Tensor, axis: number, start: number, end: number, step = 1): Tensor {
  const along = axisOf('Slice', axis, x.shape.length);
  return slices(x, [along], [start], [end], [step]);
}

/**
 * Slices several axes at once. Bounds are within the dimension; a step below 0 goes backwards from `start` to after
 * `end`, which is −1 for all down to the first element.
 */
export function slices(
  x: Tensor,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[] = axes.map(() => 1),
): Tensor {
  const along = axes.map((axis) => axisOf('Slice', axis, x.shape.length));
  along.forEach((axis, i) => {
    const n = x.shape[axis];
    const [start, end, step] = [starts[i], ends[i], steps[i]];
    const forwards = start >= 0 && start <= end && end <= n && step >= 1;
    if (!forwards && !(start < n && start >= end && end >= -1 && step <= -1))
      throw new GraphError(
        `Slice: [${start}, ${end}) with step ${step} is outside axis ${axis} of ${show(x.shape)}`,
      );
  });
  if (steps.some((step) => step < 0)) return slicesBack(x, along, starts, ends, steps);
  const shape = [...x.shape];
  along.forEach((axis, i) => {
    shape[axis] = Math.ceil((ends[i] - starts[i]) / steps[i]);
  });
  if (sameShape(shape, x.shape)) return x;
  const inputs = [x, indices(starts), indices(ends), indices(along), indices(steps)];
  return makeTensor('Slice', inputs, shape, x.dtype, ([g]) => {
    let back = g!;
    along.forEach((axis, i) => {
      back = spread(back, axis, starts[i], x.shape[axis], steps[i]);
    });
    return [back, null, null, null, null];
  });
}

/** Slices of which some go backwards: the same elements forwards, then turned around. */
function slicesBack(
  x: Tensor,
  axes: readonly number[],
  starts: readonly number[],
  ends: readonly number[],
  steps: readonly number[],
): Tensor {
  const lowest = (i: number) => starts[i] + (Math.ceil((starts[i] - ends[i]) / -steps[i]) - 1) * steps[i];
  const low = starts.map((start, i) => (steps[i] < 0 ? Math.min(lowest(i), start + 1) : start));
  const high = ends.map((end, i) => (steps[i] < 0 ? starts[i] + 1 : end));
  const forwards = slices(x, axes, low, high, steps.map(Math.abs));
  return axes.filter((_, i) => steps[i] < 0).reduce((y, axis) => reverse(y, axis), forwards);
}

/** The elements along one axis in the opposite order. */
export function reverse(x: Tensor, axis: number): Tensor {
  const along = axisOf('Slice', axis, x.shape.length);
  const one = (n: number) => indices([n]);
  // From the last element down to before the first; the end lies outside, since −1 would mean the last.
  const inputs = [x, one(-1), one(-x.shape[along] - 1), one(along), one(-1)];
  return makeTensor('Slice', inputs, x.shape, x.dtype, ([g]) => [reverse(g!, along), null, null, null, null]);
}

/** Undoes a slice for gradients: elements go back to start, start+step, … of an axis of size n, zeros between. */
function spread(g: Tensor, axis: number, start: number, n: number, step: number): Tensor {
  let wide = g;
  if (step > 1) {
    const count = g.shape[axis];
    const apart = [...g.shape.slice(0, axis + 1), 1, ...g.shape.slice(axis + 1)];
    const gaps = pad(reshape(g, apart), axis + 1, 0, step - 1);
    const flat = reshape(
      gaps,
      g.shape.map((m, i) => (i === axis ? count * step : m)),
    );
    wide = slice(flat, axis, 0, Math.max(0, (count - 1) * step + 1));
  }
  return pad(wide, axis, start, n - start - wide.shape[axis]);
}

/**
 * Cuts x along an axis into a number of equal parts, or into parts of the given sizes (slices, not the Split operator,
 * which engines limit to few outputs).
 */
export function split(x: Tensor, axis: number, parts: number | readonly number[]): Tensor[] {
  const along = axisOf('split', axis, x.shape.length);
  const size = x.shape[along];
  const sizes = typeof parts === 'number' ? Array<number>(parts).fill(size / parts) : parts;
  if (!sizes.every((n) => Number.isInteger(n) && n >= 0) || sizes.reduce((a, b) => a + b, 0) !== size)
    throw new GraphError(
      `split: axis ${axis} of ${show(x.shape)} does not divide into ${typeof parts === 'number' ? `${parts} equal parts` : `parts of ${show(parts)}`}`,
    );
  let start = 0;
  return sizes.map((n) => slice(x, along, start, (start += n)));
}
