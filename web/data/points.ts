/** The items of a collection as the page holds them: the points of the service, where each is at the moment, and centres. */
import { type DiskPoints, NONE, readPoints } from '../../src/server/protocol/points.js';
import { centreOf } from '../disk/centre.js';
import type { Point } from '../disk/moebius.js';

export type { Level } from '../../src/server/protocol/points.js';
export { NONE };

/**
 * Items as points of the disk. `x` and `y` are the places as they are shown, NaN for items that are not; whoever moves
 * the items writes them.
 */
export interface Points extends Omit<DiskPoints, 'epochs'> {
  /** The map at epochs of training, ascending, and last as it is now: at least one snapshot. */
  readonly snapshots: readonly Snapshot[];
}

/** Places of the items at one time, `[N]` each; NaN for items that are not known then. */
export interface Snapshot {
  /** Whole epochs done; null for the collection as it is. */
  readonly epoch: number | null;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** The points of the service's answer, shown as they are now. Throws Error when the bytes are not points. */
export function pointsFrom(bytes: ArrayBuffer): Points {
  const { epochs, x, y, ...points } = readPoints(bytes);
  return { ...points, x: x.slice(), y: y.slice(), snapshots: [...epochs, { epoch: null, x, y }] };
}

/** Whether an item is shown at the moment. */
export const isPlaced = ({ x }: Pick<Points, 'x'>, item: number) => !Number.isNaN(x[item]);

/** Name of an item's class; empty when it has none. */
export function classNameOf({ points }: { readonly points: Points }, item: number): string {
  return points.labels[points.label[item]] ?? '';
}

/** Terms of an item on the levels of its collection, the coarsest first. */
export function termsOf({ points }: { readonly points: Points }, item: number): string[] {
  return points.levels.flatMap(({ terms, term }) => terms[term[item]] ?? []);
}

/** A centre and the number of items around it. */
export interface Centre {
  readonly centre: Point;
  readonly count: number;
}

/**
 * Centre and size of each class, of the items that are shown at the moment and, where `among` is given, have 1 there, in the
 * order of `labels`.
 */
export function classCentres(points: Points, among: Uint8Array | null = null): Centre[] {
  const { labels, label, x, y } = points;
  const members: [number, number, number][][] = labels.map(() => []);
  for (let i = 0; i < label.length; i++)
    if (isPlaced(points, i) && among?.[i] !== 0) members[label[i]]?.push([x[i], y[i], 1]);
  return members.map((items) => ({ centre: centreOf(items), count: items.length }));
}

/** Centre of some items; those that are not shown at the moment do not count. */
export function centreOfItems({ x, y }: Points, items: Iterable<number>): Point {
  return centreOf([...items].map((i) => [x[i], y[i], 1] as const));
}
