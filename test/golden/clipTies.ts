/**
 * Rows that lie on the clip radius: where norm + 1e-5 is r to within rounding, min(1, r / (norm + 1e-5)) may go either way.
 * The point hardly moves, but its gradient has a radial part or has none. Such rows are found here, so that the others can be
 * compared; nothing is compared here.
 */
import { CLIP_NORM_OFFSET } from '../../src/geometry/constants.js';
import type { Engine, Precision } from './compare.js';

/** Rounding of a number of about 1, by the coarser of both sides. */
const EPSILON = { float64: 2 ** -52, float32: 2 ** -23 } as const;

/** Indices of the rows that may go either way when one side computes in the precision of `engine`, the other in `official`. */
export function clipTies(
  rows: readonly (readonly number[])[],
  radius: number | null,
  { engine, official }: { readonly engine: Engine; readonly official: Precision },
): ReadonlySet<number> {
  if (radius === null) return new Set();
  const coarser = engine === 'graph float32' || official === 'float32' ? 'float32' : 'float64';
  // A norm is a sum of squares: its rounding grows with the square root of their number.
  const room = (width: number) => radius * EPSILON[coarser] * (8 + Math.sqrt(width));
  return new Set(
    [...rows.keys()].filter((i) => {
      const norm = Math.hypot(...rows[i]);
      return Math.abs(norm + CLIP_NORM_OFFSET - radius) <= room(rows[i].length);
    }),
  );
}

/** What a reader is told of rows that are left out. */
export function tieNote(ties: ReadonlySet<number>, of: number, radius: number): string {
  const some = [...ties].slice(0, 8).join(', ');
  const rows = ties.size === 1 ? `row ${some}` : `rows ${some}${ties.size > 8 ? ', …' : ''}`;
  return `${rows} of ${of} left out: norm + 1e-5 is the clip radius ${radius} to within rounding, so either side may clip`;
}
