/** Distances and centres in the Poincaré disk of curvature -1. Plain numbers, no drawing. */
import { apply, inside, invert, type Point, RIM, translation } from './moebius.js';

/** Hyperbolic distance of two points. */
export function distance(p: Point, q: Point): number {
  return 2 * Math.atanh(Math.min(RIM, Math.hypot(...apply(invert(translation(p)), q))));
}

/**
 * The centre of weighted points: their mean on the hyperboloid, brought back onto it. Zero weights give the origin,
 * and points without a place (NaN) do not count.
 */
export function centreOf(points: Iterable<readonly [x: number, y: number, weight: number]>): Point {
  let [t, u, v] = [0, 0, 0];
  for (const [x, y, weight] of points) {
    if (Number.isNaN(x)) continue;
    const n = Math.min(x * x + y * y, RIM * RIM);
    const f = weight / (1 - n);
    t += f * (1 + n);
    u += f * 2 * x;
    v += f * 2 * y;
  }
  const length = Math.sqrt(Math.max(0, t * t - u * u - v * v));
  return t + length > 0 ? inside([u / (t + length), v / (t + length)]) : [0, 0];
}
