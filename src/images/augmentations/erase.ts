/** Random erasing: a rectangle of a network input set to the mean colour, which is zero after normalisation. */
import type { RandomStream } from '../../random.js';
import { type Range, uniformIn } from '../colour.js';

/** How a rectangle is erased. */
export interface EraseOptions {
  /** How often, 0 to 1. */
  readonly probability: number;
  /** Area as a part of the image. */
  readonly area: Range;
  /** Width over height. */
  readonly aspect: Range;
}

/**
 * Sets a random rectangle of `target`, `[3, size, size]` from `offset` on, to zero; draws again when it does not fit,
 * at most ten times.
 */
export function eraseRectangle(
  { probability, area, aspect }: EraseOptions,
  size: number,
  stream: RandomStream,
  target: Float32Array,
  offset: number,
): void {
  if (stream.uniform() >= probability) return;
  const logAspect: Range = [Math.log(aspect[0]), Math.log(aspect[1])];
  for (let attempt = 0; attempt < 10; attempt++) {
    const pixels = uniformIn(area, stream) * size * size;
    const ratio = Math.exp(uniformIn(logAspect, stream));
    const width = Math.round(Math.sqrt(pixels * ratio));
    const height = Math.round(Math.sqrt(pixels / ratio));
    if (width < 1 || height < 1 || width > size || height > size) continue;
    const left = stream.integer(size - width + 1);
    const top = stream.integer(size - height + 1);
    for (let channel = 0; channel < 3; channel++)
      for (let y = top; y < top + height; y++) {
        const row = offset + (channel * size + y) * size + left;
        target.fill(0, row, row + width);
      }
    return;
  }
}
