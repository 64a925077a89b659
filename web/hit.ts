/** Which items are meant by a place or a line on screen. Every item is looked at: 100,000 take a few milliseconds. */
import type { Points } from './collection.js';
import type { Point } from './moebius.js';
import { type Frame, radius, type View } from './view.js';

/**
 * Screen places of all items, px: x and y by turns, NaN for items without a place. Written into `out` when it is given.
 * The isometry is written out here, since it is done for every item in every frame.
 */
export function screenPlaces(
  { x, y }: Pick<Points, 'x' | 'y'>,
  view: View,
  frame: Frame,
  out = new Float32Array(2 * x.length),
): Float32Array {
  const { ax, ay, bx, by } = view.map;
  const r = radius(view, frame);
  const [cx, cy] = [frame.width / 2, frame.height / 2];
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

/** Whether each item lies within a closed line on screen (even-odd rule). */
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

/**
 * Items about a cell apart on screen: `first` ones as far as there is room, then those nearest to the middle; only
 * marked ones where `among` is given.
 */
export function spread(
  places: Float32Array,
  frame: Frame,
  cell: number,
  most: number,
  among: Uint8Array | null = null,
  first: readonly number[] = [],
): number[] {
  const best = new Map<number, { item: number; off: number }>();
  const columns = Math.ceil(frame.width / cell);
  const margin = cell / 2;
  const isSeen = (i: number) =>
    places[2 * i] > margin &&
    places[2 * i + 1] > margin &&
    places[2 * i] < frame.width - margin &&
    places[2 * i + 1] < frame.height - margin;
  for (let i = 0; i < places.length / 2; i++) {
    if ((among !== null && among[i] === 0) || !isSeen(i)) continue;
    const [px, py] = [places[2 * i], places[2 * i + 1]];
    const [column, row] = [Math.floor(px / cell), Math.floor(py / cell)];
    const off = (px - (column + 0.5) * cell) ** 2 + (py - (row + 0.5) * cell) ** 2;
    const key = row * columns + column;
    const known = best.get(key);
    if (!known || off < known.off) best.set(key, { item: i, off });
  }
  const far = (i: number) =>
    Math.hypot(places[2 * i] - frame.width / 2, places[2 * i + 1] - frame.height / 2);
  const chosen: number[] = [];
  const isFree = (item: number) =>
    chosen.every(
      (other) =>
        Math.hypot(places[2 * item] - places[2 * other], places[2 * item + 1] - places[2 * other + 1]) >
        0.9 * cell,
    );
  const ordered = [...best.values()]
    .map(({ item }) => ({ item, far: far(item) }))
    .sort((a, b) => a.far - b.far);
  for (const item of first) if (isSeen(item) && isFree(item)) chosen.push(item);
  for (const { item } of ordered) if (chosen.length < most && isFree(item)) chosen.push(item);
  return chosen;
}
