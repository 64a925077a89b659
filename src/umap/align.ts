/**
 * One layout brought as near to another of the same points as an isometry of the hyperbolic plane can bring it: moved
 * so that the centres coincide, turned, and mirrored where that is nearer. Layouts are compared so; nothing is changed
 * in either.
 */
import { centreOf, heightOf, type PlanePoint } from './hyperboloid.js';

/** `places` moved onto `to`, both on the hyperboloid, `[N, 2]`. Points that are NaN in `to` go along with the others. */
export function alignTo(places: Float64Array, to: Float64Array): Float64Array {
  const both = Array.from({ length: places.length / 2 }, (_, i) => i).filter((i) =>
    Number.isFinite(to[2 * i]),
  );
  const centre = (of: Float64Array) => centreOf(both.map((i) => [of[2 * i], of[2 * i + 1], 1]));
  const [from, target] = [centre(places), centre(to)];
  const own = boosted(places, [-from[0], -from[1]]);
  const wanted = boosted(to, [-target[0], -target[1]]);
  // With z and w as complex numbers, the turn is the angle of Σ w z̄; of the mirrored points that of Σ w z.
  let [plain, mirrored] = [
    [0, 0],
    [0, 0],
  ];
  for (const i of both) {
    const [x, y, u, v] = [own[2 * i], own[2 * i + 1], wanted[2 * i], wanted[2 * i + 1]];
    // By direction and distance, not by the hyperboloid's coordinates, which a few far-out points would rule.
    const weight = 1 / (Math.hypot(x, y) + Math.hypot(u, v) + 1e-9);
    plain = [plain[0] + weight * (u * x + v * y), plain[1] + weight * (v * x - u * y)];
    mirrored = [mirrored[0] + weight * (u * x - v * y), mirrored[1] + weight * (v * x + u * y)];
  }
  const isMirrored = Math.hypot(...mirrored) > Math.hypot(...plain);
  const angle = isMirrored ? Math.atan2(mirrored[1], mirrored[0]) : Math.atan2(plain[1], plain[0]);
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const turned = new Float64Array(own.length);
  for (let i = 0; i < own.length; i += 2) {
    const [x, y] = [own[i], isMirrored ? -own[i + 1] : own[i + 1]];
    turned[i] = cos * x - sin * y;
    turned[i + 1] = sin * x + cos * y;
  }
  return boosted(turned, target);
}

/** Points moved by the translation that takes the origin to `to`. */
function boosted(points: Float64Array, to: PlanePoint): Float64Array {
  const [cx, cy] = to;
  const ct = heightOf(to);
  const moved = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const [x, y] = [points[i], points[i + 1]];
    const shift = (cx * x + cy * y) / (1 + ct) + heightOf([x, y]);
    moved[i] = x + shift * cx;
    moved[i + 1] = y + shift * cy;
  }
  return moved;
}
