/** Rows of a complete set of fragments, read from their files when they are asked for and kept for a while. */

import { DataError } from '../errors.js';
import { rowAt } from '../rows.js';
import { readFragment } from './fragment.js';
import type { FragmentFolder, FragmentPart } from './fragmentFolder.js';

/**
 * A reader of rows `[d]` by their place in the whole. Quick when rows are asked for in order: of the fragments read
 * last it keeps enough of them that at least `keep` rows are in memory.
 *
 * @throws DataError when a fragment has changed since the folder was read
 */
export function fragmentRows({ parts, model }: FragmentFolder, keep: number): (row: number) => Float32Array {
  const dim = model.embeddingSize;
  const filled = parts.filter(({ items }) => items.length > 0);
  const cache = new Map<FragmentPart, Float32Array>();
  let cached = 0;
  const valuesOf = (part: FragmentPart): Float32Array => {
    const known = cache.get(part);
    if (known) return known;
    for (const oldest of cache.keys()) {
      if (cached - oldest.items.length < keep) break;
      cache.delete(oldest);
      cached -= oldest.items.length;
    }
    const { items, embeddings } = readFragment(part.path);
    if (items.length !== part.items.length || items.some(({ id }, i) => id !== part.items[i].id))
      throw new DataError(`${part.path} has changed while it was being read. Run the same command again.`);
    cache.set(part, embeddings);
    cached += items.length;
    return embeddings;
  };
  return (row) => {
    let [low, high] = [0, filled.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (filled[middle].start <= row) low = middle;
      else high = middle - 1;
    }
    const part = filled[low];
    const at = row - part.start;
    return rowAt({ values: valuesOf(part), dim }, at);
  };
}
