/**
 * Ball geometry on plain numbers, in double precision: a point is any array of numbers, results are
 * Float64Arrays. For tools, tests and small sets; training uses the same functions of graph tensors.
 */
import * as ball from './ball.js';
import { ballOver } from './ballOver.js';
import { numberAlgebra, own, type Point } from './numberAlgebra.js';

export type { BallOptions } from './ball.js';
export type { Lorentz } from './models.js';
export { numberAlgebra, type Point } from './numberAlgebra.js';
export { poincareMean } from './poincareMean.js';

export const {
  /** Feature clipping to the Euclidean norm `radius`: v · min(1, radius/(‖v‖ + 1e-5)). */
  clip,
  /** Exponential map at the origin. */
  expmap0,
  /** Logarithmic map at the origin. */
  logmap0,
  /** Points outside the radius 0.999/√c pulled back to it. */
  project,
  /** A tangent vector at the origin to a point of the ball: clip, exponential map, projection. */
  toBall,
  /** λ(x) = 2/(1 - c‖x‖²). */
  conformalFactor,
  /** (1 - c‖x‖²)²/4, the factor by which `toBall` scales gradients in training. */
  riemannianFactor,
  /** Möbius addition x ⊕ y. */
  mobiusAdd,
  /** Distance of two points. */
  distance,
  /** Distance to the origin. */
  distance0,
  /** Exponential map at x. */
  expmap,
  /** Logarithmic map at x. */
  logmap,
  /** tanh(√c m)/√c as the exponential maps use it: clamped, with the limit m at c = 0. */
  scaledTanh,
  /** artanh(√c w)/√c as distances use it: clamped, with the limit w at c = 0. */
  scaledArtanh,
  /** Poincaré to Lorentz (hyperboloid) coordinates. Throws `UsageError` at c = 0. */
  poincareToLorentz,
  /** Lorentz (hyperboloid) to Poincaré coordinates. Throws `UsageError` at c = 0. */
  lorentzToPoincare,
  /** Lorentz inner product. */
  lorentzProduct,
  /** Distance on the hyperboloid. Throws `UsageError` at c = 0. */
  lorentzDistance,
  /** Poincaré to Klein coordinates. */
  poincareToKlein,
  /** Klein to Poincaré coordinates. */
  kleinToPoincare,
} = ballOver(numberAlgebra, own);

/** Möbius matrix-vector product; `matrix` holds the rows of M. */
export const mobiusMatvec = (matrix: readonly Point[], x: Point, c: number): Float64Array =>
  own(ball.mobiusMatvec(numberAlgebra, (v) => matrix.map((row) => numberAlgebra.dot(row, v)), x, c));

/** Options of `distanceMatrix`. */
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
  const squares = y.map((point) => numberAlgebra.dot(point, point));
  return x.map((point, i) => {
    const square = numberAlgebra.dot(point, point);
    return Float64Array.from(y, (other, j) =>
      sameNodes && i === j
        ? 0
        : ball.distanceFromProducts(numberAlgebra, square, squares[j], numberAlgebra.dot(point, other), c),
    );
  });
}
