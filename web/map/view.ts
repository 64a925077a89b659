/**
 * What part of the disk is seen, and how: an isometry, so that any point can be in the middle, and a magnification.
 * Screen places are CSS pixels from the top left of the map; the disk's y axis points up.
 */
import {
  apply,
  carry,
  compose,
  IDENTITY,
  inside,
  invert,
  type Moebius,
  type Point,
  rotation,
  translation,
} from '../disk/moebius.js';

/** A view of the disk. */
export interface View {
  /** The isometry: from places of the collection to places of the disk as it is seen. */
  readonly isometry: Moebius;
  /** Magnification; at 1 the whole disk fits. */
  readonly scale: number;
}

/** Size of the map on screen, px. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
}

/** The whole disk, nothing moved. */
export const HOME: View = { isometry: IDENTITY, scale: 1 };
/** Largest magnification. */
export const MAX_SCALE = 64;
/** Largest norm of the point in the middle: beyond it float32 on the graphics card is too coarse, and points would jitter. */
const MAX_NORM = 0.9999;
/** Largest norm of the points that pointer and wheel take hold of. */
const MAX_HELD = 0.98;
/** Part of the shorter side that the disk's radius takes. */
const FILL = 0.47;

/** Radius of the disk on screen, px. */
export function diskRadius({ scale }: View, { width, height }: Viewport): number {
  return FILL * Math.min(width, height) * scale;
}

/** Screen place of a point of the collection. */
export function toScreen(view: View, viewport: Viewport, point: Point): Point {
  return diskToScreen(view, viewport, apply(view.isometry, point));
}

/** Screen place of a point of the disk as it is seen. */
export function diskToScreen(view: View, viewport: Viewport, [x, y]: Point): Point {
  const r = diskRadius(view, viewport);
  return [viewport.width / 2 + r * x, viewport.height / 2 - r * y];
}

/** The point of the disk as it is seen at a screen place; outside the disk, the nearest one just inside. */
export function fromScreen(view: View, viewport: Viewport, [px, py]: Point): Point {
  const r = diskRadius(view, viewport);
  return holdInside([(px - viewport.width / 2) / r, (viewport.height / 2 - py) / r]);
}

/** Moves what is seen at one point of the disk to another. Where that would go too far out, the view stays as it is. */
export function pan(view: View, from: Point, to: Point): View {
  const isometry = compose(carry(from, to), view.isometry);
  const next = { ...view, isometry };
  const now = Math.hypot(...viewCentre(view));
  const then = Math.hypot(...viewCentre(next));
  return then > MAX_NORM && then >= now ? view : next;
}

/** Magnifies by a factor; what is seen at `at` stays under the pointer. */
export function zoom(view: View, factor: number, at: Point): View {
  const scale = Math.min(MAX_SCALE, Math.max(1, view.scale * factor));
  const to: Point = [(at[0] * view.scale) / scale, (at[1] * view.scale) / scale];
  return { ...pan(view, at, holdInside(to)), scale };
}

/** A point of the disk as it is seen, pulled in to where dragging and zooming are still steady. */
function holdInside([x, y]: Point): Point {
  const norm = Math.hypot(x, y);
  return norm > MAX_HELD ? [(MAX_HELD * x) / norm, (MAX_HELD * y) / norm] : [x, y];
}

/** The point of the collection that is in the middle. */
export function viewCentre({ isometry }: View): Point {
  return apply(invert(isometry), [0, 0]);
}

/** How far the disk is turned, radians. */
export function viewRotation({ isometry }: View): number {
  return 2 * Math.atan2(isometry.ay, isometry.ax);
}

/** The view with a point in the middle, a turn and a magnification. */
export function viewAt(point: Point, angle = 0, scale = 1): View {
  const norm = Math.hypot(...point);
  const centre: Point =
    norm > MAX_NORM ? [(point[0] * MAX_NORM) / norm, (point[1] * MAX_NORM) / norm] : point;
  const isometry = compose(rotation(angle), invert(translation(centre)));
  return { isometry, scale: Math.min(MAX_SCALE, Math.max(1, scale)) };
}

/** The flight from a view to one with `point` in the middle: views by time from 0 to 1, slow at both ends. */
export function flight(start: View, point: Point, scale: number): (time: number) => View {
  const from = apply(start.isometry, point);
  const norm = Math.hypot(...from);
  const far = Math.atanh(norm);
  return (time) => {
    const eased = time * time * (3 - 2 * time);
    const left = norm > 0 ? Math.tanh(far * (1 - eased)) / norm : 0;
    const isometry = compose(carry(from, inside([from[0] * left, from[1] * left])), start.isometry);
    return { isometry, scale: start.scale * (scale / start.scale) ** eased };
  };
}

/** The magnification at which points at these distances from the middle (norms in the disk) fill the map. */
export function fittingScale(norms: readonly number[]): number {
  if (norms.length === 0) return 1;
  const sorted = [...norms].sort((a, b) => a - b);
  const reach = sorted[Math.floor(0.9 * (sorted.length - 1))];
  return Math.min(12, Math.max(1, 0.8 / Math.max(reach, 1e-3)));
}
