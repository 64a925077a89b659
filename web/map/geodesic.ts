/** Geodesics of the disk as arcs on a canvas. */
import type { Point } from '../disk/moebius.js';
import { diskRadius, diskToScreen, type View, type Viewport } from './view.js';

/** Screen radius from which an arc is drawn as a straight line, px. */
const STRAIGHT = 1e5;

/**
 * Adds the geodesic between two points of the disk as it is seen to the path of a canvas: an arc that meets the
 * boundary at right angles.
 */
export function geodesic(
  context: CanvasRenderingContext2D,
  view: View,
  viewport: Viewport,
  p: Point,
  q: Point,
): void {
  const [from, to] = [diskToScreen(view, viewport, p), diskToScreen(view, viewport, q)];
  context.moveTo(...from);
  // The circle through p and q at right angles to the unit circle has centre c with 2 c·p = 1 + |p|², 2 c·q = 1 + |q|².
  const cross = 2 * (p[0] * q[1] - p[1] * q[0]);
  const [u, v] = [1 + p[0] ** 2 + p[1] ** 2, 1 + q[0] ** 2 + q[1] ** 2];
  const centre: Point = [(u * q[1] - v * p[1]) / cross, (v * p[0] - u * q[0]) / cross];
  const size = Math.hypot(centre[0] - p[0], centre[1] - p[1]) * diskRadius(view, viewport);
  if (!(Math.abs(cross) > 1e-9) || size > STRAIGHT) {
    context.lineTo(...to);
    return;
  }
  const [cx, cy] = diskToScreen(view, viewport, centre);
  const start = Math.atan2(from[1] - cy, from[0] - cx);
  const end = Math.atan2(to[1] - cy, to[0] - cx);
  const sweep = (end - start + 3 * Math.PI) % (2 * Math.PI);
  context.arc(cx, cy, size, start, end, sweep < Math.PI);
}
