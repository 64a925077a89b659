/**
 * What the formulas of the ball are written in: operations on rows `V` (vectors, [.., D]) and on one scalar a
 * row `S` ([.., 1]). Two algebras exist: plain numbers, where V is one point, and symbolic graph tensors. Below the interface stand the few scalar functions that need care: roots at 0, and
 * tanh and artanh with the curvature inside, which hold the limit c → 0. No geometry here.
 */
import { UsageError } from '../errors.js';
import { ARTANH_LIMIT, FLAT_CURVATURE, SERIES_BOUND, TANH_LIMIT, TINY_SQUARE } from './constants.js';

/** Operations on rows of vectors `V` and scalars a row `S`. Scalars broadcast. */
export interface Algebra<V, S> {
  /** x + y. */
  plus(x: V, y: V): V;
  /** x - y. */
  minus(x: V, y: V): V;
  /** s · x, row by row. */
  scale(x: V, s: S | number): V;
  /** The inner product of each row of x with the same row of y. */
  dot(x: V, y: V): S;

  /** a + b. */
  add(a: S, b: S | number): S;
  /** a - b. */
  sub(a: S | number, b: S): S;
  /** a · b. */
  mul(a: S, b: S | number): S;
  /** a / b. */
  div(a: S | number, b: S): S;
  /** max(a, bound); no gradient where the bound wins. */
  atLeast(a: S, bound: number): S;
  /** min(a, bound); no gradient where the bound wins. */
  atMost(a: S, bound: number): S;
  /** Square root. */
  sqrt(a: S): S;
  /** Natural logarithm. */
  log(a: S): S;
  /** Hyperbolic tangent. */
  tanh(a: S): S;
  /** `yes` where a < bound, else `no`. */
  whereLess(a: S, bound: number, yes: S | number, no: S): S;

  /** y = value(x) whose derivative is taken to be derivative(x, y). Plain numbers only need the value. */
  withDerivative(x: S, value: (x: S) => S, derivative: (x: S, y: S) => S): S;
  /** x itself; a gradient on its way back is multiplied by `factor`, row by row. */
  scaleGradient(x: V, factor: S): V;
}

/** Throws `UsageError` unless c is a curvature parameter: a finite number of at least 0. */
export function checkCurvature(c: number): void {
  if (!(c >= 0 && c < Number.POSITIVE_INFINITY))
    throw new UsageError(
      `The curvature c is ${c}. It must be a finite number of at least 0 (the ball has curvature -c).`,
    );
}

/** √c of a curvature parameter; 0 below 1e-30. Throws `UsageError` unless c is a finite number >= 0. */
export function rootOfCurvature(c: number): number {
  checkCurvature(c);
  return c < FLAT_CURVATURE ? 0 : Math.sqrt(c);
}

/** √max(a, 0) with derivative 0 where a is 0 or tiny, so that the norm of a zero vector has gradient 0. */
export function rootOrZero<V, S>(o: Algebra<V, S>, a: S): S {
  return o.withDerivative(
    a,
    (square) => o.sqrt(o.atLeast(square, 0)),
    (square) => o.whereLess(square, TINY_SQUARE, 0, o.div(0.5, o.sqrt(o.atLeast(square, TINY_SQUARE)))),
  );
}

/** The Euclidean norm of each row; gradient 0 at the zero vector. */
export function norm<V, S>(o: Algebra<V, S>, x: V): S {
  return rootOrZero(o, o.dot(x, x));
}

/** tanh(√c m)/√c, argument clamped to ±15; m itself for c = 0. */
export function scaledTanh<V, S>(o: Algebra<V, S>, m: S, c: number): S {
  const root = rootOfCurvature(c);
  if (root === 0) return m;
  return o.withDerivative(
    m,
    () => {
      const t = clamp(o, o.mul(m, root), TANH_LIMIT);
      const t2 = o.mul(t, t);
      const series = o.mul(m, polynomial(o, t2, [1, -1 / 3, 2 / 15]));
      return o.whereLess(t2, SERIES_BOUND ** 2, series, o.mul(o.tanh(t), 1 / root));
    },
    (_, y) => o.sub(1, o.mul(o.mul(y, y), c)),
  );
}

/**
 * artanh(√c w)/√c, argument clamped to ±(1 - 1e-5); w itself for c = 0. The derivative is 1/(1 - t²) at the
 * clamped argument t and is not set to 0 outside the clamp (HIER official code).
 */
export function scaledArtanh<V, S>(o: Algebra<V, S>, w: S, c: number): S {
  const root = rootOfCurvature(c);
  if (root === 0) return w;
  const clamped = () => clamp(o, o.mul(w, root), ARTANH_LIMIT);
  return o.withDerivative(
    w,
    () => {
      const t = clamped();
      const t2 = o.mul(t, t);
      const series = o.mul(w, polynomial(o, t2, [1, 1 / 3, 1 / 5]));
      const closed = o.mul(o.log(o.div(o.add(t, 1), o.sub(1, t))), 0.5 / root);
      return o.whereLess(t2, SERIES_BOUND ** 2, series, closed);
    },
    () => {
      const t = clamped();
      return o.div(1, o.sub(1, o.mul(t, t)));
    },
  );
}

/** min(max(a, -limit), limit). */
function clamp<V, S>(o: Algebra<V, S>, a: S, limit: number): S {
  return o.atMost(o.atLeast(a, -limit), limit);
}

/** coefficients[0] + coefficients[1] x + coefficients[2] x² + …, by Horner's rule. */
function polynomial<V, S>(o: Algebra<V, S>, x: S, coefficients: readonly number[]): S {
  const last = coefficients.length - 1;
  let sum = o.add(o.mul(x, coefficients[last]), coefficients[last - 1]);
  for (let i = last - 2; i >= 0; i--) sum = o.add(o.mul(x, sum), coefficients[i]);
  return sum;
}
