/** Padding: values put around a tensor, constant or taken from the tensor itself. */
import { axisOf, constant, GraphError, makeTensor, type Shape, show, type Tensor } from '../tensor.js';
import { concat, expand, reverse, slice, slices } from './shape.js';

/** What is put around. */
export interface PadOptions {
  /**
   * 'constant': one value; 'edge': the outermost element again; 'reflect': the elements mirrored at the outermost one;
   * 'wrap': those from the other end. Default 'constant'.
   */
  readonly mode?: 'constant' | 'edge' | 'reflect' | 'wrap';
  /** The value of 'constant'. Default 0. */
  readonly value?: number;
}

/** Adds zeros before and after along one axis. */
export function pad(x: Tensor, axis: number, before: number, after: number): Tensor {
  return pads(x, [axis], [before], [after]);
}

/** Adds zeros along several axes at once, or other values according to the options. */
export function pads(
  x: Tensor,
  axes: readonly number[],
  before: readonly number[],
  after: readonly number[],
  { mode = 'constant', value = 0 }: PadOptions = {},
): Tensor {
  if ([...before, ...after].some((n) => n < 0)) throw new GraphError('Pad: amounts are at least 0');
  const along = axes.map((axis) => axisOf('Pad', axis, x.shape.length));
  if ([...before, ...after].every((n) => n === 0)) return x;
  if (mode === 'constant') return padConstant(x, along, before, after, value);
  return along.reduce((y, axis, i) => padFromItself(y, axis, before[i], after[i], mode), x);
}

function padConstant(
  x: Tensor,
  along: readonly number[],
  before: readonly number[],
  after: readonly number[],
  value: number,
): Tensor {
  const start = x.shape.map((_, i) => (along.includes(i) ? before[along.indexOf(i)] : 0));
  const end = x.shape.map((_, i) => (along.includes(i) ? after[along.indexOf(i)] : 0));
  const shape: Shape = x.shape.map((n, i) => n + start[i] + end[i]);
  const amounts = constant([...start, ...end], [2 * start.length], 'int64');
  const inputs = value === 0 ? [x, amounts] : [x, amounts, constant(value, [], x.dtype)];
  return makeTensor('Pad', inputs, shape, x.dtype, ([g]) => [
    slices(
      g!,
      along,
      before,
      along.map((axis, i) => before[i] + x.shape[axis]),
    ),
    ...inputs.slice(1).map(() => null),
  ]);
}

/** Padding along one axis by elements of x, as slices joined to it. */
function padFromItself(
  x: Tensor,
  axis: number,
  before: number,
  after: number,
  mode: 'edge' | 'reflect' | 'wrap',
) {
  const n = x.shape[axis];
  const limit = { edge: n > 0 ? Number.POSITIVE_INFINITY : 0, reflect: n - 1, wrap: n }[mode];
  if (Math.max(before, after) > limit)
    throw new GraphError(
      `Pad: ${mode} padding of ${Math.max(before, after)} along axis ${axis} of ${show(x.shape)}; expected at most ${limit}`,
    );
  const repeated = (at: number, count: number) =>
    expand(slice(x, axis, at, at + 1), x.shape.with(axis, count));
  const side = (count: number, piece: () => Tensor) => (count > 0 ? [piece()] : []);
  const pieces = {
    edge: () => [repeated(0, before), repeated(n - 1, after)],
    reflect: () => [
      reverse(slice(x, axis, 1, before + 1), axis),
      reverse(slice(x, axis, n - 1 - after, n - 1), axis),
    ],
    wrap: () => [slice(x, axis, n - before, n), slice(x, axis, 0, after)],
  }[mode];
  return concat([...side(before, () => pieces()[0]), x, ...side(after, () => pieces()[1])], axis);
}
