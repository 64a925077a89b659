/**
 * The exact search over rows in memory, which engines share: a look at every row by keys that rank as distances do. It
 * proposes candidates; their true distances are for whoever asked.
 */
import { setImmediate } from 'node:timers/promises';
import { type RowConstants, rowConstants, writeKeys } from './rowKeys.js';
import type { SearchSpace } from './space.js';

/** Rows that lie together in memory. */
export interface RowBlock {
  /** `[N, dim]`. */
  readonly vectors: Float32Array;
  /** Made with the first search. */
  constants: RowConstants | null;
}

/** A block that a search goes through. */
export interface ScannedBlock {
  readonly block: RowBlock;
  /** `[N]`: not 0 for rows that do not take part; null where all do. */
  readonly leftOut: Uint8Array | null;
}

/** A row: the number of its block, and its place there. */
export interface RowPlace {
  readonly block: number;
  readonly at: number;
}

/** Rows after which other work gets its turn. */
const AT_ONCE = 4096;

/** The `count` rows nearest to a vector, nearest first by their keys; gives way to other work in between. */
export async function nearestRows(
  space: SearchSpace,
  scanned: readonly ScannedBlock[],
  vector: Float32Array,
  count: number,
): Promise<RowPlace[]> {
  const query = Float64Array.from(vector);
  const rowsOf = ({ block }: ScannedBlock) => block.vectors.length / space.dim;
  const most = new Float64Array(Math.max(0, ...scanned.map(rowsOf)));
  let best: (RowPlace & { readonly key: number })[] = [];
  let worst = Number.POSITIVE_INFINITY;
  let since = 0;
  for (const [number, one] of scanned.entries()) {
    const { block, leftOut } = one;
    block.constants ??= rowConstants(space, block.vectors);
    const keys = most.subarray(0, rowsOf(one));
    writeKeys(space, query, block.vectors, block.constants, keys);
    for (let at = 0; at < keys.length; at++) {
      if (keys[at] >= worst || (leftOut !== null && leftOut[at] !== 0)) continue;
      best.push({ key: keys[at], block: number, at });
      if (best.length < 2 * count) continue;
      best = best.sort((a, b) => a.key - b.key).slice(0, count);
      worst = best[count - 1].key;
    }
    since += keys.length;
    if (since < AT_ONCE) continue;
    since = 0;
    await setImmediate();
  }
  return best.sort((a, b) => a.key - b.key).slice(0, count);
}
