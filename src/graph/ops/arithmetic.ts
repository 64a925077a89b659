/**
 * Elementwise operators with their gradients side by side. Operands broadcast as in NumPy, and a plain number
 * may stand for the second one. Comparison and selection stand beside logic.
 */
import {
  broadcast,
  constant,
  type GradientRule,
  GraphError,
  isFloat,
  makeTensor,
  NO_GRADIENT,
  type Shape,
  sameShape,
  show,
  type Tensor,
} from '../tensor.js';
import { customGradient } from './control.js';
import { equal, greater, greaterOrEqual, oneWhere, where } from './logic.js';
import { sumTo } from './reduce.js';
import { sign } from './rounding.js';
import { unary } from './unary.js';

/** A tensor, or a number that stands for a scalar constant of the other operand's type. */
export type Operand = Tensor | number;

/** The operand as a tensor of the type of `like`. */
export function asTensor(value: Operand, like: Tensor): Tensor {
  return typeof value === 'number' ? constant(value, [], like.dtype) : value;
}

/** Both operands as tensors; at least one must be a tensor already. */
export function pair(op: string, a: Operand, b: Operand): [Tensor, Tensor] {
  if (typeof a === 'number' && typeof b === 'number')
    throw new GraphError(`${op}: both operands are numbers; expected at least one tensor`);
  return [asTensor(a, b as Tensor), asTensor(b, a as Tensor)];
}

/** An elementwise operator of two broadcasting operands; `rule` gives the gradients before broadcasting is undone. */
function binary(
  op: string,
  a: Operand,
  b: Operand,
  rule: (grad: Tensor, x: Tensor, y: Tensor, out: () => Tensor) => [() => Tensor, () => Tensor],
): Tensor {
  const [x, y] = pair(op, a, b);
  if (x.dtype !== y.dtype)
    throw new GraphError(`${op}: operand types ${x.dtype} and ${y.dtype} differ; cast one`);
  const shape = broadcast(op, x.shape, y.shape);
  const gradient: GradientRule = ([grad]) => {
    const [dx, dy] = rule(grad!, x, y, () => result);
    return [isConstant(x) ? null : sumTo(dx(), x.shape), isConstant(y) ? null : sumTo(dy(), y.shape)];
  };
  const result = makeTensor(op, [x, y], shape, x.dtype, isFloat(x.dtype) ? gradient : 'none');
  return result;
}

const isConstant = (tensor: Tensor) => tensor.node.op === 'Constant';

/** The number that every element of a constant has, or NaN. */
function numberOf(operand: Operand): number {
  if (typeof operand === 'number') return operand;
  const data = operand.node.data;
  return operand.shape.length === 0 && data ? Number(data[0]) : Number.NaN;
}

/** a + b. */
export function add(a: Operand, b: Operand): Tensor {
  if (numberOf(b) === 0 && typeof a !== 'number') return a;
  if (numberOf(a) === 0 && typeof b !== 'number') return b;
  return binary('Add', a, b, (g) => [() => g, () => g]);
}

/** a − b. */
export function sub(a: Operand, b: Operand): Tensor {
  if (numberOf(b) === 0 && typeof a !== 'number') return a;
  return binary('Sub', a, b, (g) => [() => g, () => neg(g)]);
}

/** a · b, element by element. */
export function mul(a: Operand, b: Operand): Tensor {
  if (numberOf(b) === 1 && typeof a !== 'number') return a;
  if (numberOf(a) === 1 && typeof b !== 'number') return b;
  return binary('Mul', a, b, (g, x, y) => [() => mul(g, y), () => mul(g, x)]);
}

/** a / b. */
export function div(a: Operand, b: Operand): Tensor {
  if (numberOf(b) === 1 && typeof a !== 'number') return a;
  return binary('Div', a, b, (g, _x, y, out) => [() => div(g, y), () => neg(div(mul(g, out()), y))]);
}

/** The larger of a and b; where they are equal each gets half of the gradient. */
export function max(a: Operand, b: Operand): Tensor {
  return binary('Max', a, b, (g, x, y) => [() => mul(g, share(x, y)), () => mul(g, share(y, x))]);
}

/** The smaller of a and b; where they are equal each gets half of the gradient. */
export function min(a: Operand, b: Operand): Tensor {
  return binary('Min', a, b, (g, x, y) => [() => mul(g, share(y, x)), () => mul(g, share(x, y))]);
}

/** The largest of several tensors, element by element; of equal ones the gradient is shared. */
export function maximum(parts: readonly Tensor[]): Tensor {
  return several('Max', parts, max);
}

/** The smallest of several tensors, element by element; of equal ones the gradient is shared. */
export function minimum(parts: readonly Tensor[]): Tensor {
  return several('Min', parts, min);
}

/** Operands joined pair by pair, from the left. */
function several(op: string, parts: readonly Tensor[], join: (a: Tensor, b: Tensor) => Tensor): Tensor {
  if (parts.length === 0) throw new GraphError(`${op}: there are no operands`);
  return parts.reduce((a, b) => join(a, b));
}

/** 1 where x > y, ½ where x = y, 0 elsewhere. */
function share(x: Tensor, y: Tensor): Tensor {
  const more = oneWhere(greater(x, y), x.dtype);
  const least = oneWhere(greaterOrEqual(x, y), x.dtype);
  return mul(add(more, least), 0.5);
}

/** x^p for a fixed power p. */
export function pow(x: Tensor, power: number): Tensor {
  if (power === 1) return x;
  if (power === 2) return square(x);
  const gradient: GradientRule = ([g]) => [mul(g!, mul(pow(x, power - 1), power)), null];
  const inputs = [x, constant(power, [], x.dtype)];
  return makeTensor('Pow', inputs, x.shape, x.dtype, power === 0 ? NO_GRADIENT : gradient);
}

/** x². */
export function square(x: Tensor): Tensor {
  return makeTensor('Mul', [x, x], x.shape, x.dtype, ([g]) => [mul(g!, mul(x, 2)), null]);
}

/** −x. */
export const neg = (x: Tensor): Tensor => unary('Neg', x, (g) => neg(g));
/** |x|; the gradient at 0 is 0. */
export const abs = (x: Tensor): Tensor => unary('Abs', x, (g, v) => mul(g, sign(v)));
/** e^x. */
export const exp = (x: Tensor): Tensor => unary('Exp', x, (g, _, y) => mul(g, y));
/** Natural logarithm. */
export const log = (x: Tensor): Tensor => unary('Log', x, (g, v) => div(g, v));
/** √x. */
export const sqrt = (x: Tensor): Tensor => unary('Sqrt', x, (g, _, y) => div(mul(g, 0.5), y));
/** 1/x. */
export const reciprocal = (x: Tensor): Tensor => unary('Reciprocal', x, (g, _, y) => neg(mul(g, square(y))));
/** Sine of x in radians. */
export const sin = (x: Tensor): Tensor => unary('Sin', x, (g, v) => mul(g, cos(v)));
/** Cosine of x in radians. */
export const cos = (x: Tensor): Tensor => unary('Cos', x, (g, v) => neg(mul(g, sin(v))));
/** Hyperbolic tangent. */
export const tanh = (x: Tensor): Tensor => unary('Tanh', x, (g, _, y) => mul(g, sub(1, square(y))));
/** Logistic function 1/(1+e^−x). */
export const sigmoid = (x: Tensor): Tensor => unary('Sigmoid', x, (g, _, y) => mul(g, mul(y, sub(1, y))));
/** Error function. */
export const erf = (x: Tensor): Tensor =>
  unary('Erf', x, (g, v) => mul(g, mul(exp(neg(square(v))), 2 / Math.sqrt(Math.PI))));
/** max(x, 0); the gradient at 0 is 0. */
export const relu = (x: Tensor): Tensor =>
  unary('Relu', x, (g, _, y) => mul(g, oneWhere(greater(y, 0), x.dtype)));
/** Inverse hyperbolic cosine of x ≥ 1; float32 alone. */
export const acosh = (x: Tensor): Tensor =>
  unary('Acosh', x, (g, v) => div(g, sqrt(mul(sub(v, 1), add(v, 1)))));
/** Inverse hyperbolic tangent of −1 < x < 1; float32 alone. */
export const atanh = (x: Tensor): Tensor => unary('Atanh', x, (g, v) => div(g, mul(sub(1, v), add(v, 1))));

/**
 * Inverse hyperbolic sine as sign(x)·ln(1 + u), u = |x| + x²/(1+√(x²+1)): the operator is wrong for large
 * negative numbers on some engines. ln(1 + u) is taken as u·ln(w)/(w−1) of the rounded w = 1 + u, which keeps
 * small numbers exact (W. Kahan). For |x| below the root of the largest number.
 */
export function asinh(x: Tensor): Tensor {
  const root = sqrt(add(square(x), 1));
  const u = add(abs(x), div(square(x), add(root, 1)));
  const w = add(u, 1);
  const logarithm = where(equal(w, 1), u, div(mul(u, log(w)), sub(w, 1)));
  return customGradient(mul(sign(x), logarithm), [x], ([g]) => [div(g!, root)]);
}

/** x limited to [low, high]; the gradient is 0 outside, 1 inside and on the limits (as in PyTorch). */
export function clip(x: Tensor, low: number, high: number): Tensor {
  const limits = [constant(low, [], x.dtype), constant(high, [], x.dtype)];
  return makeTensor('Clip', [x, ...limits], x.shape, x.dtype, ([g]) => {
    let kept = g!;
    if (low > -Infinity) kept = where(greaterOrEqual(x, low), kept, 0);
    if (high < Infinity) kept = where(greaterOrEqual(high, x), kept, 0);
    return [kept, null, null];
  });
}

/** Throws unless both tensors have the same shape. */
export function requireSameShape(op: string, a: Tensor, b: { shape: Shape }): void {
  if (!sameShape(a.shape, b.shape))
    throw new GraphError(`${op}: shapes ${show(a.shape)} and ${show(b.shape)} differ; expected the same`);
}
