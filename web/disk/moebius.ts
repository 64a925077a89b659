/**
 * Isometries of the Poincaré disk that keep orientation: z ↦ (a z + b) / (b̄ z + ā) with |a|² - |b|² = 1. Plain
 * numbers, no drawing. Points are pairs [x, y] with norm below 1.
 */

/** A point of the unit disk. */
export type Point = readonly [x: number, y: number];

/** An isometry, by the real and imaginary parts of its two coefficients. */
export interface Moebius {
  readonly ax: number;
  readonly ay: number;
  readonly bx: number;
  readonly by: number;
}

/** Leaves everything where it is. */
export const IDENTITY: Moebius = { ax: 1, ay: 0, bx: 0, by: 0 };

/** Largest norm that points are held to, so that no rounding puts one on the boundary. */
export const RIM = 1 - 1e-9;

/** Where a point goes. */
export function apply({ ax, ay, bx, by }: Moebius, [x, y]: Point): Point {
  const nx = ax * x - ay * y + bx;
  const ny = ax * y + ay * x + by;
  const dx = bx * x + by * y + ax;
  const dy = bx * y - by * x - ay;
  const d = dx * dx + dy * dy;
  return inside([(nx * dx + ny * dy) / d, (ny * dx - nx * dy) / d]);
}

/** First `inner`, then `outer`; brought back to determinant 1, so that rounding does not pile up. */
export function compose(outer: Moebius, inner: Moebius): Moebius {
  const ax = outer.ax * inner.ax - outer.ay * inner.ay + outer.bx * inner.bx + outer.by * inner.by;
  const ay = outer.ax * inner.ay + outer.ay * inner.ax - outer.bx * inner.by + outer.by * inner.bx;
  const bx = outer.ax * inner.bx - outer.ay * inner.by + outer.bx * inner.ax + outer.by * inner.ay;
  const by = outer.ax * inner.by + outer.ay * inner.bx - outer.bx * inner.ay + outer.by * inner.ax;
  const scale = 1 / Math.sqrt(Math.max(1e-12, ax * ax + ay * ay - bx * bx - by * by));
  return { ax: ax * scale, ay: ay * scale, bx: bx * scale, by: by * scale };
}

/** The isometry that undoes another. */
export function invert({ ax, ay, bx, by }: Moebius): Moebius {
  return { ax, ay: -ay, bx: -bx, by: -by };
}

/** Brings the origin to a point, along the line through both. */
export function translation(point: Point): Moebius {
  const [x, y] = inside(point);
  const a = 1 / Math.sqrt(1 - x * x - y * y);
  return { ax: a, ay: 0, bx: x * a, by: y * a };
}

/** Brings one point to another. */
export function carry(from: Point, to: Point): Moebius {
  return compose(translation(to), invert(translation(from)));
}

/** Turns the disk about its centre, radians. */
export function rotation(angle: number): Moebius {
  return { ax: Math.cos(angle / 2), ay: Math.sin(angle / 2), bx: 0, by: 0 };
}

/** A point pulled back into the disk where it is outside or on its boundary. */
export function inside([x, y]: Point): Point {
  const norm = Math.hypot(x, y);
  return norm <= RIM ? [x, y] : [(x * RIM) / norm, (y * RIM) / norm];
}
