/**
 * Ball geometry on plain numbers, in double precision: a point is any array of numbers, results are
 * Float64Arrays. For tools, tests and small sets; training uses tensors.ts. The formulas are those of ball.ts
 * and models.ts, and so are the names.
 */
import { UsageError } from '../errors.js';
import type { Algebra } from './algebra.js';
import * as functions from './algebra.js';
import * as ball from './ball.js';
import * as models from './models.js';

export type { BallOptions } from './ball.js';
export type { Lorentz } from './models.js';

/** A point or vector of D numbers. */
export type Point = ArrayLike<number>;

/** The algebra of single points: a vector is an array, a scalar is a number. */
export const numbers: Algebra<Point, number> = {
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

/** Feature clipping to the Euclidean norm `radius`; see `ball.ts`. */
export const clip = (v: Point, radius: number) => own(ball.clip(numbers, v, radius));

/** Exponential map at the origin. */
export const expmap0 = (v: Point, c: number) => own(ball.expmap0(numbers, v, c));

/** Logarithmic map at the origin. */
export const logmap0 = (y: Point, c: number) => own(ball.logmap0(numbers, y, c));

/** Points outside the radius 0.999/√c pulled back to it. */
export const project = (x: Point, c: number) => own(ball.project(numbers, x, c));

/** A tangent vector at the origin to a point of the ball: clip, exponential map, projection. */
export const toBall = (v: Point, options: ball.BallOptions) => own(ball.toBall(numbers, v, options));

/** λ(x) = 2/(1 - c‖x‖²). */
export const conformalFactor = (x: Point, c: number) => ball.conformalFactor(numbers, x, c);

/** (1 - c‖x‖²)²/4, the factor by which `toBall` scales gradients in training. */
export const riemannianFactor = (x: Point, c: number) => ball.riemannianFactor(numbers, x, c);

/** Möbius addition x ⊕ y. */
export const mobiusAdd = (x: Point, y: Point, c: number) => own(ball.mobiusAdd(numbers, x, y, c));

/** Möbius matrix-vector product; `matrix` holds the rows of M. */
export const mobiusMatvec = (matrix: readonly Point[], x: Point, c: number) =>
  own(ball.mobiusMatvec(numbers, (v) => matrix.map((row) => numbers.dot(row, v)), x, c));

/** Distance of two points. */
export const distance = (x: Point, y: Point, c: number) => ball.distance(numbers, x, y, c);

/** Distance to the origin. */
export const distance0 = (x: Point, c: number) => ball.distance0(numbers, x, c);

/** Exponential map at x. */
export const expmap = (x: Point, u: Point, c: number) => own(ball.expmap(numbers, x, u, c));

/** Logarithmic map at x. */
export const logmap = (x: Point, y: Point, c: number) => own(ball.logmap(numbers, x, y, c));

/** tanh(√c m)/√c as the exponential maps use it: clamped, with the limit m at c = 0. */
export const scaledTanh = (m: number, c: number) => functions.scaledTanh(numbers, m, c);

/** artanh(√c w)/√c as distances use it: clamped, with the limit w at c = 0. */
export const scaledArtanh = (w: number, c: number) => functions.scaledArtanh(numbers, w, c);

/** Poincaré to Lorentz (hyperboloid) coordinates. Throws `UsageError` at c = 0. */
export const poincareToLorentz = (x: Point, c: number) => models.poincareToLorentz(numbers, x, c);

/** Lorentz (hyperboloid) to Poincaré coordinates. Throws `UsageError` at c = 0. */
export const lorentzToPoincare = (point: models.Lorentz<Point, number>, c: number) =>
  own(models.lorentzToPoincare(numbers, point, c));

/** Lorentz inner product. */
export const lorentzProduct = (u: models.Lorentz<Point, number>, v: models.Lorentz<Point, number>) =>
  models.lorentzProduct(numbers, u, v);

/** Distance on the hyperboloid. Throws `UsageError` at c = 0. */
export const lorentzDistance = (
  u: models.Lorentz<Point, number>,
  v: models.Lorentz<Point, number>,
  c: number,
) => models.lorentzDistance(numbers, u, v, c);

/** Poincaré to Klein coordinates. */
export const poincareToKlein = (x: Point, c: number) => own(models.poincareToKlein(numbers, x, c));

/** Klein to Poincaré coordinates. */
export const kleinToPoincare = (k: Point, c: number) => own(models.kleinToPoincare(numbers, k, c));

/** Einstein midpoint of points of the ball (the "Poincaré mean"). Throws `UsageError` without points. */
export function poincareMean(points: readonly Point[], c: number): Float64Array {
  if (points.length === 0) throw new UsageError('The mean of no points was asked for. Give at least one.');
  const klein = points.map((x) => poincareToKlein(x, c));
  const weights = klein.map((k) => models.lorentzFactor(numbers, k, c));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sum = klein.map((k, i) => numbers.scale(k, weights[i] / total)).reduce(numbers.plus);
  return kleinToPoincare(sum, c);
}

/** What `distanceMatrix` needs to know. */
export interface DistanceMatrixOptions {
  /** Curvature parameter, >= 0. */
  readonly c: number;
  /** Row i of x and row i of y are one node: their distance is 0. Default: whether x and y are one array. */
  readonly sameNodes?: boolean;
}

/** All distances of two sets, N and M points, as N rows of M, from inner products (see `distanceFromProducts`). */
export function distanceMatrix(
  x: readonly Point[],
  y: readonly Point[],
  { c, sameNodes = x === y }: DistanceMatrixOptions,
): Float64Array[] {
  const squares = y.map((point) => numbers.dot(point, point));
  return x.map((point, i) => {
    const square = numbers.dot(point, point);
    return Float64Array.from(y, (other, j) =>
      sameNodes && i === j
        ? 0
        : ball.distanceFromProducts(numbers, square, squares[j], numbers.dot(point, other), c),
    );
  });
}

/** x + sign · y. */
function combine(x: Point, y: Point, sign: number): Float64Array {
  checkLengths(x, y);
  return Float64Array.from(x, (value, i) => value + sign * y[i]);
}

/** The result as a Float64Array; at c = 0 a formula may return its argument itself. */
function own(x: Point): Float64Array {
  return x instanceof Float64Array ? x : Float64Array.from(x);
}

/** Throws unless two points have the same number of coordinates. */
function checkLengths(x: Point, y: Point): void {
  if (x.length !== y.length)
    throw new UsageError(
      `Points of ${x.length} and of ${y.length} coordinates were combined. Give points of one dimension.`,
    );
}
