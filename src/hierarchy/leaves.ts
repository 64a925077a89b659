/**
 * What stands at the leaves of a tree: every image, or one point a class. A class stands at the mean direction
 * of its images, as far out as they are on average: their Einstein midpoint alone would lie nearer the origin
 * the more they differ, and so among the ancestors.
 */

import { DataError, UsageError } from '../errors.js';
import { poincareMean } from '../geometry/poincareMean.js';
import { joinValues, rowAt } from '../rows.js';
import { normsOf } from './build.js';
import type { Points } from './dissimilarity.js';

/** Leaves and the items they stand for. */
export interface Leaves {
  readonly points: Points;
  /** Name of each leaf. */
  readonly names: readonly string[];
  /** The items of each leaf, the one nearest to its point first. */
  readonly items: readonly (readonly number[])[];
  /** The class of each leaf; null where it has none. */
  readonly classes: readonly (string | null)[];
}

/** One leaf a class, in the order in which the classes appear. Throws DataError when an item has no class. */
export function classLeaves(points: Points, labels: readonly (string | null)[]): Leaves {
  checkCount(points, labels);
  const { dim } = points;
  const items = new Map<string, number[]>();
  labels.forEach((label, item) => {
    if (label === null)
      throw new DataError(
        `Item ${item} has no class, so there are no classes to build a tree over. Build it over images.`,
      );
    const list = items.get(label);
    if (list) list.push(item);
    else items.set(label, [item]);
  });
  const row = (item: number) => rowAt(points, item);
  const values = new Float32Array(items.size * dim);
  const ordered: number[][] = [];
  for (const members of items.values()) {
    const at = ordered.length * dim;
    const point = centreOfItems({ ...points, values: joinValues(members.map(row)) });
    values.set(point, at);
    const gap = (item: number) => row(item).reduce((sum, value, k) => sum + (value - point[k]) ** 2, 0);
    ordered.push(
      members
        .map((item) => ({ item, gap: gap(item) }))
        .sort((a, b) => a.gap - b.gap || a.item - b.item)
        .map(({ item }) => item),
    );
  }
  const names = [...items.keys()];
  return { points: { ...points, values }, names, items: ordered, classes: names };
}

/** Where a class of these items stands, `[d]`: at their mean direction, as far out as they are on average. */
export function centreOfItems(items: Points): Float32Array {
  const { values, dim } = items;
  const rows = Array.from({ length: values.length / dim }, (_, item) => rowAt(items, item));
  const mean = meanOf(items, rows);
  const radius = radiusAt(items, normsOf(items).reduce((sum, norm) => sum + norm, 0) / rows.length);
  const length = Math.hypot(...mean);
  return Float32Array.from(mean, (value) => (length > 0 ? (value / length) * radius : 0));
}

/** One leaf an item. */
export function itemLeaves(
  points: Points,
  labels: readonly (string | null)[],
  names: readonly string[],
): Leaves {
  checkCount(points, labels);
  return { points, names, items: names.map((_, item) => [item]), classes: labels };
}

function meanOf({ metric, curvature, dim }: Points, rows: readonly Float32Array[]): Float64Array {
  if (metric === 'hyperbolic' && curvature > 0) return poincareMean(rows, curvature);
  const mean = new Float64Array(dim);
  for (const row of rows) {
    const norm = metric === 'cosine' ? Math.hypot(...row) || 1 : 1;
    for (let k = 0; k < dim; k++) mean[k] += row[k] / norm / rows.length;
  }
  return mean;
}

/** Euclidean radius at a distance from the origin. */
function radiusAt({ metric, curvature }: Points, distance: number): number {
  if (metric !== 'hyperbolic') return distance;
  if (curvature === 0) return distance / 2;
  const root = Math.sqrt(curvature);
  return Math.tanh((root * distance) / 2) / root;
}

function checkCount({ values, dim }: Points, labels: readonly unknown[]): void {
  if (values.length !== labels.length * dim)
    throw new UsageError(
      `${labels.length} labels were given for ${values.length / dim} points. Give one a point.`,
    );
}
