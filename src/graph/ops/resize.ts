/**
 * Resampling of tensors to other sizes along chosen axes: nearest, linear and cubic. Each axis is one product with a
 * constant matrix, so that the gradient is the product with its transpose.
 */
import { axisOf, constant, GraphError, type Shape, show, type Tensor } from '../tensor.js';
import { gemm } from './linear.js';
import { type Coordinates, type Interpolation, type Rounding, weightsOf } from './resizeWeights.js';
import { expand, reshape, transpose } from './shape.js';

/** What to resample to, and how; the words are those of ONNX's operator Resize. */
export interface ResizeOptions {
  /** Axes that change. Default: all. */
  readonly axes?: readonly number[];
  /** The new size of each axis; or `scales`. */
  readonly sizes?: readonly number[];
  /** New size over old of each axis; the new size is rounded down. */
  readonly scales?: readonly number[];
  /** Default 'nearest'. */
  readonly mode?: Interpolation;
  /** How places of the result lie over those of x. Default 'half_pixel'. */
  readonly coordinates?: Coordinates;
  /** Which neighbour is the nearest, of mode 'nearest'. Default 'round_prefer_floor'. */
  readonly nearest?: Rounding;
  /** The constant of cubic interpolation. Default −0.75. */
  readonly cubicCoefficient?: number;
  /** Widen the kernel where x becomes smaller, of 'linear' and 'cubic'. Default false. */
  readonly antialias?: boolean;
  /** Leave out neighbours beyond the border (as PyTorch does where it widens the kernel) instead of repeating those on it. Default false. */
  readonly excludeOutside?: boolean;
}

/** x resampled along axes. Throws GraphError when axes and sizes or scales do not fit each other. */
export function resize(x: Tensor, options: ResizeOptions): Tensor {
  const { axes = x.shape.map((_, i) => i), sizes, scales } = options;
  const along = axes.map((axis) => axisOf('resize', axis, x.shape.length));
  const given = sizes ?? scales;
  if (!given || (sizes && scales) || given.length !== along.length || !given.every((n) => n > 0 && n < 1e9))
    throw new GraphError(
      `resize: axes ${show(along)} of ${show(x.shape)} to sizes ${show(sizes ?? [])}, scales ${show(scales ?? [])}; expected one of them, a positive number for each axis`,
    );
  return along.reduce((y, axis, i) => {
    const from = x.shape[axis];
    const to = sizes ? sizes[i] : Math.floor(from * scales![i]);
    return resizeAxis(y, axis, to, sizes ? to / from : scales![i], options);
  }, x);
}

/** x resampled along one axis to size `to`. */
function resizeAxis(x: Tensor, axis: number, to: number, scale: number, options: ResizeOptions): Tensor {
  const from = x.shape[axis];
  const rows = weightsOf(from, to, scale, options);
  if (from === to && rows.every((row, i) => row[i] === 1)) return x;
  const times = to / from;
  const repeated = Number.isInteger(times) && rows.every((row, i) => row[Math.floor(i / times)] === 1);
  if (repeated) return repeatEach(x, axis, times);
  const matrix = constant(rows.flat(), [to, from], x.dtype);
  const last = x.shape.length - 1;
  const order = x.shape.map((_, i) => (i === axis ? last : i === last ? axis : i));
  const moved = transpose(x, order);
  const product = gemm(reshape(moved, [-1, from]), matrix, { transB: true });
  return transpose(reshape(product, moved.shape.with(last, to)), order);
}

/** Each element along an axis several times in a row. */
function repeatEach(x: Tensor, axis: number, times: number): Tensor {
  const apart: Shape = [...x.shape.slice(0, axis + 1), 1, ...x.shape.slice(axis + 1)];
  const wide = expand(reshape(x, apart), apart.with(axis + 1, times));
  const shape = x.shape.with(axis, x.shape[axis] * times);
  return reshape(wide, shape);
}
