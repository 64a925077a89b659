/** Reductions along axes, with their gradients, and the log-sum-exp built from them. */
import {
  axisOf,
  constant,
  GraphError,
  makeTensor,
  type Shape,
  sameShape,
  show,
  type Tensor,
} from '../tensor.js';
import { abs, add, div, exp, log, max, mul, sqrt, sub } from './arithmetic.js';
import { customGradient, stopGradient } from './control.js';
import { equal, oneWhere, where } from './logic.js';
import { concat, expand, reshape, slice, transpose } from './shape.js';

/** Which axes a reduction removes (all by default), and whether they stay with size 1. */
export interface ReduceOptions {
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}

/** Axes, resulting shape, and the shape with the reduced axes kept at size 1. */
function plan(op: string, x: Tensor, { axes, keepDims = false }: ReduceOptions) {
  const reduced = (axes ?? x.shape.map((_, i) => i)).map((axis) => axisOf(op, axis, x.shape.length));
  if (new Set(reduced).size !== reduced.length)
    throw new GraphError(`${op}: axes ${show(axes ?? [])} name one axis of ${show(x.shape)} twice`);
  const kept = x.shape.map((n, i) => (reduced.includes(i) ? 1 : n));
  const shape = keepDims ? kept : x.shape.filter((_, i) => !reduced.includes(i));
  const count = reduced.reduce((product, axis) => product * x.shape[axis], 1);
  return { reduced, kept, shape, count, keepDims };
}

/** Builds the ONNX node: ReduceSum takes its axes as an input, and since opset 18 so do the others. */
function reduceNode(
  op: string,
  x: Tensor,
  p: ReturnType<typeof plan>,
  gradient: Parameters<typeof makeTensor>[4],
) {
  const axes = constant(p.reduced, [p.reduced.length], 'int64');
  return makeTensor(op, [x, axes], p.shape, x.dtype, gradient, { keepdims: { int: p.keepDims ? 1 : 0 } });
}

/** Sum over axes. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  const p = plan('ReduceSum', x, options);
  if (p.reduced.length === 0) return x;
  return reduceNode('ReduceSum', x, p, ([g]) => [expand(reshape(g!, p.kept), x.shape), null]);
}

/** Mean over axes. Throws GraphError over an empty axis. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  const p = plan('ReduceMean', x, options);
  if (p.count === 0) throw new GraphError('ReduceMean: the mean of no elements is not defined');
  if (p.reduced.length === 0) return x;
  return reduceNode('ReduceMean', x, p, ([g]) => [
    mul(expand(reshape(g!, p.kept), x.shape), 1 / p.count),
    null,
  ]);
}

/** Maximum over axes; equal maxima share the gradient equally. */
export function reduceMax(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extreme('ReduceMax', x, options);
}

/** Minimum over axes; equal minima share the gradient equally. */
export function reduceMin(x: Tensor, options: ReduceOptions = {}): Tensor {
  return extreme('ReduceMin', x, options);
}

function extreme(op: string, x: Tensor, options: ReduceOptions): Tensor {
  const p = plan(op, x, options);
  if (p.count === 0) throw new GraphError(`${op}: there are no elements to take an extreme of`);
  if (p.reduced.length === 0) return x;
  const result: Tensor = reduceNode(op, x, p, ([g]) => {
    const hits = oneWhere(equal(x, reshape(result, p.kept)), x.dtype);
    const share = div(reshape(g!, p.kept), sum(hits, { axes: p.reduced, keepDims: true }));
    return [mul(hits, share), null];
  });
  return result;
}

/** Σx² over axes, one pass. */
export function sumSquares(x: Tensor, options: ReduceOptions = {}): Tensor {
  const p = plan('ReduceSumSquare', x, options);
  if (p.reduced.length === 0) return mul(x, x);
  return reduceNode('ReduceSumSquare', x, p, ([g]) => [mul(mul(x, 2), reshape(g!, p.kept)), null]);
}

/**
 * ln Σ e^x over axes, with its own shift by the maximum: not every engine's operator shifts. `withZero` adds
 * the term e^0, which makes ln(1 + Σ e^x).
 */
export function logSumExp(x: Tensor, options: ReduceOptions & { withZero?: boolean } = {}): Tensor {
  const p = plan('logSumExp', x, options);
  const top = stopGradient(reduceMax(x, { axes: p.reduced, keepDims: true }));
  const shift = options.withZero ? stopGradient(max(top, 0)) : top;
  const total = sum(exp(sub(x, shift)), { axes: p.reduced, keepDims: true });
  const all = options.withZero ? add(total, exp(mul(shift, -1))) : total;
  return reshape(add(log(all), shift), p.shape);
}

/** Sums a broadcast gradient back to the shape of the operand it came from. */
export function sumTo(grad: Tensor, shape: Shape): Tensor {
  if (sameShape(grad.shape, shape)) return grad;
  const extra = grad.shape.length - shape.length;
  const axes = grad.shape
    .map((_, i) => i)
    .filter((i) => i < extra || (shape[i - extra] === 1 && grad.shape[i] !== 1));
  const summed = axes.length > 0 ? sum(grad, { axes, keepDims: true }) : grad;
  return reshape(summed, shape);
}

/** Running sum along an axis; `exclusive` leaves the element itself out. */
export function cumulativeSum(x: Tensor, axis: number, { exclusive = false, reverse = false } = {}): Tensor {
  const index = axisOf('CumSum', axis, x.shape.length);
  const attributes = { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } };
  return makeTensor(
    'CumSum',
    [x, constant(index, [], 'int64')],
    x.shape,
    x.dtype,
    ([g]) => [cumulativeSum(g!, index, { exclusive, reverse: !reverse }), null],
    attributes,
  );
}

/** Σ |x| over axes. */
export function reduceL1(x: Tensor, options: ReduceOptions = {}): Tensor {
  return sum(abs(x), options);
}

/** √(Σ x²) over axes; the gradient of a norm of 0 is 0, as in PyTorch. */
export function reduceL2(x: Tensor, options: ReduceOptions = {}): Tensor {
  const p = plan('ReduceL2', x, options);
  const norm = sqrt(sumSquares(x, options));
  return customGradient(norm, [x], ([g]) => {
    const safe = where(equal(norm, 0), 1, norm);
    return [mul(x, reshape(div(g!, safe), p.kept))];
  });
}

/** Product over axes, multiplied pair by pair, so that the gradient holds at zeros too. */
export function reduceProduct(x: Tensor, options: ReduceOptions = {}): Tensor {
  const p = plan('ReduceProd', x, options);
  if (p.count === 0) return constant(1, p.shape, x.dtype);
  const kept = x.shape.map((_, i) => i).filter((i) => !p.reduced.includes(i));
  let rest = reshape(transpose(x, [...p.reduced, ...kept]), [p.count, ...kept.map((i) => x.shape[i])]);
  while (rest.shape[0] > 1) {
    const half = Math.floor(rest.shape[0] / 2);
    const pairs = mul(slice(rest, 0, 0, half), slice(rest, 0, half, 2 * half));
    rest = rest.shape[0] % 2 === 0 ? pairs : concat([pairs, slice(rest, 0, 2 * half, 2 * half + 1)], 0);
  }
  return reshape(rest, p.shape);
}
