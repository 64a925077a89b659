/** Hit testing: which items a place or a line on screen means. Every item is looked at: 100,000 take a few milliseconds. */
import type { Points } from '../data/points.js';
import type { Point } from '../disk/moebius.js';
import { diskRadius, type View, type Viewport } from './view.js';

/**
 * Screen places of all items, px, `[N, 2]`; NaN for items without a place. Written into `out` when it is given. The
 * isometry is written out here, since it is applied to every item in every frame.
 */
export function screenPlaces(
  { x, y }: Pick<Points, 'x' | 'y'>,
  view: View,
  viewport: Viewport,
  out = new Float32Array(2 * x.length),
): Float32Array {
  const { ax, ay, bx, by } = view.isometry;
  const r = diskRadius(view, viewport);
  const [cx, cy] = [viewport.width / 2, viewport.height / 2];
  for (let i = 0; i < x.length; i++) {
    const [u, v] = [x[i], y[i]];
    const nx = ax * u - ay * v + bx;
    const ny = ax * v + ay * u + by;
    const dx = bx * u + by * v + ax;
    const dy = bx * v - by * u - ay;
    const d = dx * dx + dy * dy;
    out[2 * i] = cx + (r * (nx * dx + ny * dy)) / d;
    out[2 * i + 1] = cy - (r * (ny * dx - nx * dy)) / d;
  }
  return out;
}

/** The item nearest to a place on screen, no farther than `within` px; -1 for none. */
export function itemAt(places: Float32Array, [px, py]: Point, within: number): number {
  let best = -1;
  let least = within * within;
  for (let i = 0; i < places.length / 2; i++) {
    const d = (places[2 * i] - px) ** 2 + (places[2 * i + 1] - py) ** 2;
    if (d <= least) {
      least = d;
      best = i;
    }
  }
  return best;
}

/** For each item, 1 when it lies within a closed line on screen (even-odd rule), else 0. */
export function itemsWithin(places: Float32Array, line: readonly Point[]): Uint8Array {
  const found = new Uint8Array(places.length / 2);
  for (let i = 0; i < found.length; i++) {
    const [px, py] = [places[2 * i], places[2 * i + 1]];
    for (let a = 0, b = line.length - 1; a < line.length; b = a++) {
      const [[ax, ay], [bx, by]] = [line[a], line[b]];
      if (ay > py !== by > py && px < ((bx - ax) * (py - ay)) / (by - ay) + ax) found[i] ^= 1;
    }
  }
  return found;
}
