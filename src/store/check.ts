/** Checks that every engine makes before it writes: they are part of the contract of a store. */
import { DataError } from '../errors.js';
import type { Manifest } from './manifest.js';
import type { Item } from './store.js';

/** Throws DataError unless these items can be written to a table. */
export function checkItems(items: readonly Item[], { space }: Manifest): void {
  const seen = new Set<string>();
  for (const { id, vector } of items) {
    if (id === '') throw new DataError('An item has an empty id. Give every item an id of its own.');
    if (seen.has(id)) throw new DataError(`The id "${id}" is there twice. Give every item an id of its own.`);
    seen.add(id);
    checkVector(vector, space.dim, `The item "${id}"`);
  }
}

/** Throws DataError unless a vector has the right length and is finite. */
export function checkVector(vector: Float32Array, dim: number, whose: string): void {
  if (vector.length !== dim)
    throw new DataError(`${whose} has a vector of ${vector.length} numbers; those of the table have ${dim}.`);
  for (const value of vector)
    if (!Number.isFinite(value))
      throw new DataError(`${whose} has a vector with NaN or infinite numbers. Leave it out or mend it.`);
}
