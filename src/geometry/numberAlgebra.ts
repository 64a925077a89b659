/**
 * Single points of plain numbers as an algebra, which formulas of the ball are evaluated over. A part that needs one formula
 * takes it from there with this algebra; all of them together stand elsewhere.
 */
import { UsageError } from '../errors.js';
import type { Algebra } from './algebra.js';

/** A point or vector of D numbers. */
export type Point = ArrayLike<number>;

/** The algebra of single points: a vector is an array, a scalar is a number. */
export const numberAlgebra: Algebra<Point, number> = {
  plus: (x, y) => combine(x, y, 1),
  minus: (x, y) => combine(x, y, -1),
  scale: (x, s) => Float64Array.from(x, (value) => value * s),
  dot: (x, y) => {
    checkLengths(x, y);
    let sum = 0;
    for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
    return sum;
  },
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  atLeast: Math.max,
  atMost: Math.min,
  sqrt: Math.sqrt,
  log: Math.log,
  tanh: Math.tanh,
  whereLess: (a, bound, yes, no) => (a < bound ? yes : no),
  withDerivative: (x, value) => value(x),
  scaleGradient: (x) => x,
};

/** x + sign · y. */
function combine(x: Point, y: Point, sign: number): Float64Array {
  checkLengths(x, y);
  return Float64Array.from(x, (value, i) => value + sign * y[i]);
}

/** The result as a Float64Array; at c = 0 a formula may return its argument itself. */
export function own(x: Point): Float64Array {
  return x instanceof Float64Array ? x : Float64Array.from(x);
}

/** Throws unless two points have the same number of coordinates. */
function checkLengths(x: Point, y: Point): void {
  if (x.length !== y.length)
    throw new UsageError(
      `Points of ${x.length} and of ${y.length} coordinates were combined. Give points of one dimension.`,
    );
}
