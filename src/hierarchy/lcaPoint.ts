/**
 * The lowest common ancestor of two points of the ball as HypHC defines it (Chami et al. 2020): the point of the
 * geodesic between them that is nearest to the origin.
 */
import { distance0 } from '../geometry/ball.js';
import { numberAlgebra } from '../geometry/numberAlgebra.js';

/**
 * The point of the geodesic line through `a` and `b` that is nearest to the origin, found by the inversion that
 * sends `a` to the origin and the line to a diameter.
 *
 * @param c curvature parameter, above 0
 */
export function lcaPoint(a: ArrayLike<number>, b: ArrayLike<number>, c = 1): Float64Array {
  const root = Math.sqrt(c);
  const x = Float64Array.from(a, (value) => value * root);
  const y = Float64Array.from(b, (value) => value * root);
  const square = dot(x, x);
  if (square === 0) return new Float64Array(x.length);
  // Inversion in the circle about x/‖x‖² that is orthogonal to the unit circle; it is its own inverse.
  const centre = x.map((value) => value / square);
  const power = 1 / square - 1;
  const invert = (p: Float64Array) => {
    const from = p.map((value, i) => value - centre[i]);
    const scale = power / dot(from, from);
    return from.map((value, i) => scale * value + centre[i]);
  };
  const towards = invert(y);
  const length = Math.sqrt(dot(towards, towards));
  if (length < 1e-12) return Float64Array.from(a); // one and the same point
  const direction = towards.map((value) => value / length);
  // The origin itself goes to x. On the diameter, the point nearest to x is the image of the wanted one.
  const along = dot(x, direction);
  const t = along === 0 ? 0 : nearestOnDiameter(square, along);
  return invert(direction.map((value) => value * t)).map((value) => value / root);
}

/** Distance of the lowest common ancestor to the origin: how general two points are together. */
export function lcaDistance(a: ArrayLike<number>, b: ArrayLike<number>, c = 1): number {
  return distance0(numberAlgebra, lcaPoint(a, b, c), c);
}

/**
 * Where on a diameter of the unit ball the point nearest to x is: with s = ‖x‖² and p = ⟨x, direction⟩ the root
 * of p t² - (1 + s) t + p = 0 inside the ball.
 */
function nearestOnDiameter(s: number, p: number): number {
  const half = (1 + s) / (2 * p);
  return Math.sign(half) / (Math.abs(half) + Math.sqrt(half * half - 1));
}

function dot(x: Float64Array, y: Float64Array): number {
  return x.reduce((sum, value, i) => sum + value * y[i], 0);
}
