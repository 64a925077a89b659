/**
 * From items in the spaces that a run knows them by to what trees are built from: leaves that are items or means of their
 * items, in the space of the embeddings and in that of the features as they came.
 */
import { joinValues, rowAt, takeRows } from '../rows.js';
import type { TreeSources } from './build.js';
import type { Points } from './dissimilarity.js';
import { centreOfItems } from './leaves.js';

/** Items, a row each, in the spaces that trees are built from. */
export interface ItemSpaces {
  /** Embeddings. */
  readonly points: Points;
  /** Features as they came, before any training of ours. */
  readonly features?: Points | undefined;
  /** Hierarchical proxies in the space of the embeddings, `[P, d]`. */
  readonly proxies?: Float32Array | undefined;
}

/**
 * What trees over some leaves are built from.
 *
 * @param items the rows of each leaf
 * @param isSets whether leaves are sets of items; default: whether one has several
 */
export function treeSources(
  { points, features, proxies }: ItemSpaces,
  items: readonly (readonly number[])[],
  isSets: boolean = items.some((list) => list.length > 1),
): TreeSources {
  return {
    points: leafPoints(points, items),
    proxies,
    features: features && leafPoints(features, items),
    sets: isSets ? { items, points, features } : undefined,
  };
}

/** A point a leaf: its item, or where a class of such items stands. */
function leafPoints(points: Points, items: readonly (readonly number[])[]): Points {
  if (items.every((list) => list.length === 1)) {
    const rows = items.map(([row]) => row);
    const isAll = rows.length * points.dim === points.values.length && rows.every((row, i) => row === i);
    return isAll ? points : { ...points, ...takeRows(points, rows) };
  }
  return {
    ...points,
    values: joinValues(
      items.map((list) =>
        centreOfItems({ ...points, values: joinValues(list.map((row) => rowAt(points, row))) }),
      ),
    ),
  };
}
