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
} from './moebius.js';

/** A view of the disk. */
export interface View {
  readonly map: Moebius;
  /** Magnification; at 1 the whole disk fits. */
  readonly scale: number;
}

/** Size of the map on screen, px. */
export interface Frame {
  readonly width: number;
  readonly height: number;
}

/** The whole disk, nothing moved. */
export const START: View = { map: IDENTITY, scale: 1 };
/** Largest magnification. */
export const MOST_SCALE = 64;
/** Largest norm of the point in the middle: beyond it float32 on the graphics card would shake. */
const FARTHEST = 0.9999;
/** Part of the shorter side that the disk's radius takes. */
const FILL = 0.47;

/** Radius of the disk on screen, px. */
export function radius({ scale }: View, { width, height }: Frame): number {
  return FILL * Math.min(width, height) * scale;
}

/** Screen place of a point of the collection. */
export function toScreen(view: View, frame: Frame, point: Point): Point {
  return placeOnScreen(view, frame, apply(view.map, point));
}

/** Screen place of a point of the disk as it is seen. */
export function placeOnScreen(view: View, frame: Frame, [x, y]: Point): Point {
  const r = radius(view, frame);
  return [frame.width / 2 + r * x, frame.height / 2 - r * y];
}

/** The point of the disk as it is seen at a screen place; outside the disk, the nearest one just inside. */
export function fromScreen(view: View, frame: Frame, [px, py]: Point): Point {
  const r = radius(view, frame);
  const [x, y] = [(px - frame.width / 2) / r, (frame.height / 2 - py) / r];
  const norm = Math.hypot(x, y);
  return norm > 0.98 ? [(0.98 * x) / norm, (0.98 * y) / norm] : [x, y];
}

/** Moves what is seen at one point of the disk to another. Beyond the farthest place the view stays as it is. */
export function pan(view: View, from: Point, to: Point): View {
  const map = compose(carry(from, to), view.map);
  const next = { ...view, map };
  const now = Math.hypot(...middle(view));
  const then = Math.hypot(...middle(next));
  return then > FARTHEST && then >= now ? view : next;
}

/** Magnifies by a factor; what is seen at `at` stays under the pointer. */
export function zoom(view: View, factor: number, at: Point): View {
  const scale = Math.min(MOST_SCALE, Math.max(1, view.scale * factor));
  const to: Point = [(at[0] * view.scale) / scale, (at[1] * view.scale) / scale];
  return { ...pan(view, at, limit(to)), scale };
}

function limit([x, y]: Point): Point {
  const norm = Math.hypot(x, y);
  return norm > 0.98 ? [(0.98 * x) / norm, (0.98 * y) / norm] : [x, y];
}

/** The point of the collection that is in the middle. */
export function middle({ map }: View): Point {
  return apply(invert(map), [0, 0]);
}

/** How far the disk is turned, radians. */
export function turn({ map }: View): number {
  return 2 * Math.atan2(map.ay, map.ax);
}

/** The view with a point in the middle, a turn and a magnification. */
export function viewAt(point: Point, angle = 0, scale = 1): View {
  const norm = Math.hypot(...point);
  const kept: Point = norm > FARTHEST ? [(point[0] * FARTHEST) / norm, (point[1] * FARTHEST) / norm] : point;
  const map = compose(rotation(angle), invert(translation(kept)));
  return { map, scale: Math.min(MOST_SCALE, Math.max(1, scale)) };
}

/** The way from a view to one with `point` in the middle: views by time from 0 to 1, slow at both ends. */
export function flight(start: View, point: Point, scale: number): (time: number) => View {
  const from = apply(start.map, point);
  const norm = Math.hypot(...from);
  const far = Math.atanh(norm);
  return (time) => {
    const t = time * time * (3 - 2 * time);
    const left = norm > 0 ? Math.tanh(far * (1 - t)) / norm : 0;
    const map = compose(carry(from, inside([from[0] * left, from[1] * left])), start.map);
    return { map, scale: start.scale * (scale / start.scale) ** t };
  };
}

/** The magnification at which points at these distances from the middle (norms in the disk) fill the map. */
export function fittingScale(norms: readonly number[]): number {
  if (norms.length === 0) return 1;
  const sorted = [...norms].sort((a, b) => a - b);
  const reach = sorted[Math.floor(0.9 * (sorted.length - 1))];
  return Math.min(12, Math.max(1, 0.8 / Math.max(reach, 1e-3)));
}
