/**
 * The exact search over rows in memory, which engines share: a look at every row by keys that rank as distances do. It
 * proposes candidates; their true distances are for whoever asked.
 */

import { inPieces } from '../turns.js';
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

/** Numbers of rows that are looked at in one go. */
const AT_ONCE = 2 ** 18;

/** The constants of a block, made with its first search. */
async function constantsOf(
  space: SearchSpace,
  block: RowBlock,
  pause: ReturnType<typeof inPieces>,
): Promise<RowConstants> {
  if (block.constants) return block.constants;
  const { vectors } = block;
  const step = Math.max(1, Math.floor(AT_ONCE / space.dim)) * space.dim;
  const square = new Float64Array(vectors.length / space.dim);
  const scale = new Float64Array(square.length);
  for (let from = 0; from < vectors.length; from += step) {
    const some = rowConstants(space, vectors.subarray(from, from + step));
    square.set(some.square, from / space.dim);
    scale.set(some.scale, from / space.dim);
    await pause();
  }
  block.constants = { square, scale };
  return block.constants;
}

/** The `count` rows nearest to a vector, nearest first by their keys; gives way to other work in between. */
export async function nearestRows(
  space: SearchSpace,
  scanned: readonly ScannedBlock[],
  vector: Float32Array,
  count: number,
): Promise<RowPlace[]> {
  const query = Float64Array.from(vector);
  const { dim } = space;
  const step = Math.max(1, Math.floor(AT_ONCE / dim));
  const most = new Float64Array(step);
  let best: (RowPlace & { readonly key: number })[] = [];
  let worst = Number.POSITIVE_INFINITY;
  const pause = inPieces('scan');
  for (const [number, { block, leftOut }] of scanned.entries()) {
    const { vectors } = block;
    const constants = await constantsOf(space, block, pause);
    const rows = vectors.length / dim;
    for (let from = 0; from < rows; from += step) {
      const to = Math.min(rows, from + step);
      const keys = most.subarray(0, to - from);
      const { square, scale } = constants;
      const some = { square: square.subarray(from, to), scale: scale.subarray(from, to) };
      writeKeys(space, query, vectors.subarray(from * dim, to * dim), some, keys);
      for (let i = 0; i < keys.length; i++) {
        if (keys[i] >= worst || (leftOut !== null && leftOut[from + i] !== 0)) continue;
        best.push({ key: keys[i], block: number, at: from + i });
        if (best.length < 2 * count) continue;
        best = best.sort((a, b) => a.key - b.key).slice(0, count);
        worst = best[count - 1].key;
      }
      await pause();
    }
  }
  return best.sort((a, b) => a.key - b.key).slice(0, count);
}
