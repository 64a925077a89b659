/**
 * Where items hang in a tree and where they stand on the map, from a file with the columns id, node, x and y; and what refuses
 * ids that are there twice.
 */
import { DataError } from '../errors.js';
import { readRows } from '../io/readRows.js';
import { own } from '../store/columns.js';
import type { ItemDescription } from './describe.js';

/** Where items hang in the tree, and their places on the map, from a file with the columns id, node, x and y. */
export interface ItemPlace {
  readonly node: string | null;
  readonly place: ItemDescription['place'];
}

/** Reads such a file. Throws DataError without a column `id`, for a row without one, and for two rows of one id. */
export function readItemPlaces(file: string): ReadonlyMap<string, ItemPlace> {
  const { columns, rows } = readRows(file);
  if (!columns.includes('id'))
    throw new DataError(`${file} has no column "id". It needs the columns id and node, or id, x and y.`);
  const ids = rows.map(({ line, values }) => {
    const id = own(values, 'id');
    if (!id) throw new DataError(`${file}, line ${line}: no value for "id".`);
    return { id, line };
  });
  refuseRepeats(file, ids);
  return new Map(
    rows.map(({ line, values }, i) => [
      ids[i].id,
      {
        node: own(values, 'node') || null,
        place: placeOf(own(values, 'x'), own(values, 'y'), `${file}, line ${line}`),
      },
    ]),
  );
}

/** Items with the node and place that a file gives them; what it does not name stays as it is. */
export function withPlaces<T extends ItemDescription>(
  items: readonly T[],
  placings: ReadonlyMap<string, ItemPlace>,
): T[] {
  return items.map((item) => {
    const found = placings.get(item.id);
    return found ? { ...item, node: found.node ?? item.node, place: found.place ?? item.place } : item;
  });
}

/** A place from its columns; null where both are empty. Throws DataError outside the unit disk. */
export function placeOf(
  x: string | null | undefined,
  y: string | null | undefined,
  where: string,
): ItemDescription['place'] {
  if (!x && !y) return null;
  const place = [Number(x), Number(y)] as const;
  if (!x || !y || !place.every(Number.isFinite) || Math.hypot(...place) > 1)
    throw new DataError(
      `${where}: (${x}, ${y}) is not a place in the unit disk. If x and y are something else, such as pixels, give those columns other names or leave them out.`,
    );
  return place;
}

/** Throws DataError when two rows have one id. */
export function refuseRepeats(
  file: string,
  rows: readonly { readonly id: string; readonly line: number }[],
  unit = 'line',
): void {
  const seen = new Map<string, number>();
  for (const { id, line } of rows) {
    const earlier = seen.get(id);
    if (earlier !== undefined)
      throw new DataError(
        `${file}: ${unit}s ${earlier} and ${line} both have the id "${id}". Give every row an id of its own.`,
      );
    seen.set(id, line);
  }
}
