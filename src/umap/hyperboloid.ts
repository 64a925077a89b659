/**
 * The hyperbolic plane on the hyperboloid -t² + x² + y² = -1, of which only x and y are kept; t is the height
 * √(1 + x² + y²). Distances, their gradient in (x, y), and steps along geodesics, for the layout of pictures.
 * The ball that embeddings live in is geometry's business.
 */

/** A point (x, y). */
export type PlanePoint = readonly [x: number, y: number];

/** Points nearer than arccosh(1 + this) have no direction to each other. */
export const NO_DIRECTION = 1e-12;

/** Height of a point above the plane of x and y. */
export function heightOf([x, y]: PlanePoint): number {
  return Math.sqrt(1 + x * x + y * y);
}

/** Hyperbolic cosine of the distance. */
function coshOf(a: PlanePoint, b: PlanePoint): number {
  return Math.max(1, heightOf(a) * heightOf(b) - a[0] * b[0] - a[1] * b[1]);
}

/** Distance of two points. */
export function planeDistance(a: PlanePoint, b: PlanePoint): number {
  return Math.acosh(coshOf(a, b));
}

/** Gradient of the distance in the coordinates of `a`: (a h(b)/h(a) - b) / sinh d. Zero where they coincide. */
export function distanceGradient(a: PlanePoint, b: PlanePoint): PlanePoint {
  const cosh = coshOf(a, b);
  if (cosh - 1 < NO_DIRECTION) return [0, 0];
  const ratio = heightOf(b) / heightOf(a);
  const sinh = Math.sqrt((cosh - 1) * (cosh + 1));
  return [(a[0] * ratio - b[0]) / sinh, (a[1] * ratio - b[1]) / sinh];
}

/**
 * The point at `step` on the geodesic from `a` towards `b`; away from it for a negative step. The direction is
 * minus the Riemannian gradient of the distance, of length 1: (b - a cosh d) / sinh d.
 */
export function stepTowards(a: PlanePoint, b: PlanePoint, step: number): PlanePoint {
  const cosh = coshOf(a, b);
  if (cosh - 1 < NO_DIRECTION) return a;
  const sinh = Math.sqrt((cosh - 1) * (cosh + 1));
  const [stay, go] = [Math.cosh(step) - (Math.sinh(step) * cosh) / sinh, Math.sinh(step) / sinh];
  return [stay * a[0] + go * b[0], stay * a[1] + go * b[1]];
}

/** The same points moved so that their centre, the normalised mean on the hyperboloid, is the origin. `[N, 2]`. */
export function centred(points: Float64Array): Float64Array {
  const moved = new Float64Array(points.length);
  if (points.length === 0) return moved;
  const [cx, cy] = centreOf(
    Array.from({ length: points.length / 2 }, (_, i) => [points[2 * i], points[2 * i + 1], 1]),
  );
  const ct = heightOf([cx, cy]);
  for (let i = 0; i < points.length; i += 2) {
    const [px, py] = [points[i], points[i + 1]];
    const shift = (cx * px + cy * py) / (1 + ct) - heightOf([px, py]);
    moved[i] = px + shift * cx;
    moved[i + 1] = py + shift * cy;
  }
  return moved;
}

/** Points of the unit (Poincaré) disk, p / (1 + t). `[N, 2]`. */
export function toDisk(points: Float64Array): Float64Array {
  const disk = new Float64Array(points.length);
  for (let i = 0; i < points.length; i += 2) {
    const scale = 1 / (1 + heightOf([points[i], points[i + 1]]));
    disk[i] = points[i] * scale;
    disk[i + 1] = points[i + 1] * scale;
  }
  return disk;
}

/** Points of the hyperboloid for points of the unit disk, 2 z / (1 - |z|²); NaN stays NaN. `[N, 2]`. */
export function fromDisk(disk: ArrayLike<number>): Float64Array {
  const points = new Float64Array(disk.length);
  for (let i = 0; i < disk.length; i += 2) {
    const scale = 2 / Math.max(NO_DIRECTION, 1 - disk[i] ** 2 - disk[i + 1] ** 2);
    points[i] = disk[i] * scale;
    points[i + 1] = disk[i + 1] * scale;
  }
  return points;
}

/** The centre of weighted points, their mean on the hyperboloid brought back onto it. */
export function centreOf(points: Iterable<readonly [x: number, y: number, weight: number]>): PlanePoint {
  let [x, y, t] = [0, 0, 0];
  for (const [px, py, weight] of points) {
    x += weight * px;
    y += weight * py;
    t += weight * heightOf([px, py]);
  }
  const size = Math.sqrt(t * t - x * x - y * y);
  return size > 0 ? [x / size, y / size] : [0, 0];
}
