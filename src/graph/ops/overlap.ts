/** Adding pieces back into the places of one axis that strided windows took them from: the transpose of strided slices. */
import { constant, type Tensor } from '../tensor.js';
import { add } from './arithmetic.js';
import { pad } from './padding.js';
import { concat, reshape, slice } from './shape.js';

/** Values that belong to the places start, start + stride, … of an axis. */
export interface Piece {
  readonly share: Tensor;
  readonly start: number;
}

/**
 * Sum of pieces along an axis of the given size, zeros where none reaches. Pieces whose starts leave the same rest by the
 * stride are added where they lie close together, and only then spread, so nothing is added to zeros.
 */
export function addInto(pieces: readonly Piece[], axis: number, stride: number, size: number): Tensor {
  const length = Math.ceil(size / stride);
  const phases = Array.from({ length: stride }, (_, rest) => {
    const own = pieces.filter(({ start }) => start % stride === rest);
    const laid = own.map(({ share, start }) => layOut(share, axis, Math.floor(start / stride), length));
    return laid.length > 0 ? laid.reduce((a, b) => add(a, b)) : null;
  });
  return interleave(phases, axis, size, pieces[0].share);
}

/** A piece from `at` on along an axis of `length`; what lies beyond its end is of no window and left out. */
function layOut(share: Tensor, axis: number, at: number, length: number): Tensor {
  const fitting = Math.min(share.shape[axis], length - at);
  return pad(slice(share, axis, 0, fitting), axis, at, length - at - fitting);
}

/** Puts phases in turn along an axis: element i of phase p to place i · phases + p. A missing phase is zeros. */
function interleave(phases: readonly (Tensor | null)[], axis: number, size: number, like: Tensor): Tensor {
  const length = Math.ceil(size / phases.length);
  if (phases.length === 1) return phases[0]!;
  const shape = like.shape.with(axis, length);
  const apart = [...shape.slice(0, axis + 1), 1, ...shape.slice(axis + 1)];
  const parts = phases.map((phase) => (phase ? reshape(phase, apart) : constant(0, apart, like.dtype)));
  const joined = reshape(concat(parts, axis + 1), shape.with(axis, length * phases.length));
  return slice(joined, axis, 0, size);
}
