/** Centres of classes and of items, as far as they are shown at the moment. */
import { centreOf } from '../disk/centre.js';
import type { Point } from '../disk/moebius.js';
import { isPlaced, type Points } from './points.js';

/** A centre and the number of items around it. */
export interface Centre {
  readonly centre: Point;
  readonly count: number;
}

/** Centre and size of each class, in the order of `labels`. */
export function classCentres(points: Points): Centre[] {
  const { labels, label, x, y } = points;
  const members: [number, number, number][][] = labels.map(() => []);
  for (let i = 0; i < label.length; i++) if (isPlaced(points, i)) members[label[i]]?.push([x[i], y[i], 1]);
  return members.map((items) => ({ centre: centreOf(items), count: items.length }));
}

/** Centre of some items. */
export function centreOfItems({ x, y }: Points, items: Iterable<number>): Point {
  return centreOf([...items].map((i) => [x[i], y[i], 1] as const));
}
