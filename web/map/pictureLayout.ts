/** Pictures on the map: how large they are, and of which items, so that they do not cover one another. */
import type { Point } from '../disk/moebius.js';
import type { Viewport } from './view.js';

/** Side of a picture at a screen place, px: larger near the middle. */
export const pictureSide = ([x, y]: Point, { width, height }: Viewport) =>
  26 + 26 * Math.max(0, 1 - Math.hypot(x - width / 2, y - height / 2) / (0.45 * Math.min(width, height)));

/**
 * Items that lie about `cell` px apart on screen: those of `first` as far as there is room, then those nearest to the
 * middle, at max `max`; only items whose entry in `among` is 1 where that is given.
 */
export function spreadItems(
  places: Float32Array,
  viewport: Viewport,
  cell: number,
  max: number,
  among: Uint8Array | null = null,
  first: readonly number[] = [],
): number[] {
  const best = new Map<number, { item: number; off: number }>();
  const columns = Math.ceil(viewport.width / cell);
  const margin = cell / 2;
  const isSeen = (i: number) =>
    places[2 * i] > margin &&
    places[2 * i + 1] > margin &&
    places[2 * i] < viewport.width - margin &&
    places[2 * i + 1] < viewport.height - margin;
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
    Math.hypot(places[2 * i] - viewport.width / 2, places[2 * i + 1] - viewport.height / 2);
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
  for (const { item } of ordered) if (chosen.length < max && isFree(item)) chosen.push(item);
  return chosen;
}
