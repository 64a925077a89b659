/**
 * The Chamfer distance of leaves that are sets of items: the mean distance of an item of one to the nearest of the other,
 * both ways. It follows what touches, where means may lie between things. Linkage of it is average linkage.
 */
import { takeRows } from '../rows.js';
import { between, type Dissimilarities, type Points, pairDistances } from './dissimilarity.js';

/** The items of leaves that are sets. */
export interface LeafItems {
  /** Points of the items. */
  readonly points: Points;
  /** The items of each leaf, as rows of the points. */
  readonly items: readonly (readonly number[])[];
}

/** Most items that take part, and of one leaf: all their pairs are compared. */
const MOST = { items: 2_000, ofLeaf: 16 };

/** Chamfer distances of all pairs of leaves. Of large leaves items at even steps take part, so that it takes seconds. */
export function chamferDistances({ points, items }: LeafItems): Dissimilarities {
  const most = Math.max(1, Math.min(MOST.ofLeaf, Math.floor(MOST.items / items.length)));
  const chosen = items.map((list) => atEvenSteps(list, most));
  const starts = [0];
  for (const list of chosen) starts.push(starts[starts.length - 1] + list.length);
  const pairs = pairDistances({ ...points, ...takeRows(points, chosen.flat()) });
  const nearest = (a: number, b: number) => {
    let sum = 0;
    for (let i = starts[a]; i < starts[a + 1]; i++) {
      let least = Number.POSITIVE_INFINITY;
      for (let j = starts[b]; j < starts[b + 1]; j++) least = Math.min(least, between(pairs, i, j));
      sum += least;
    }
    return sum / chosen[a].length;
  };
  const count = items.length;
  const values = new Float64Array((count * (count - 1)) / 2);
  let at = 0;
  for (let a = 0; a < count; a++)
    for (let b = a + 1; b < count; b++) values[at++] = (nearest(a, b) + nearest(b, a)) / 2;
  return { count, values };
}

function atEvenSteps(list: readonly number[], most: number): readonly number[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)]);
}
