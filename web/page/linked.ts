/** Which items of two collections are the same, by id, and what is known of one carried over to the other. */
import type { Points } from '../data/points.js';

/** The items that two collections share. */
export interface Links {
  /** For each item of the first its number in the second, -1 for none; and the other way round. */
  readonly there: Int32Array;
  readonly back: Int32Array;
}

/** Links two collections. */
export function linkItems(first: Pick<Points, 'ids'>, second: Pick<Points, 'ids'>): Links {
  const numbers = new Map(second.ids.map((id, i) => [id, i]));
  const there = Int32Array.from(first.ids, (id) => numbers.get(id) ?? -1);
  const back = new Int32Array(second.ids.length).fill(-1);
  there.forEach((other, item) => {
    if (other >= 0) back[other] = item;
  });
  return { there, back };
}

/** The number of items that have none on the other side. */
export const countAlone = (links: Int32Array) => links.reduce((sum, other) => sum + Number(other < 0), 0);

/** A mask of one side as one of the other, whose items `from` links to it: 0 for those that have none there; null stays null. */
export function carried(mask: Uint8Array | null, from: Int32Array): Uint8Array | null {
  return mask && Uint8Array.from(from, (item) => (item < 0 ? 0 : mask[item]));
}
