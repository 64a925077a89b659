/**
 * Features without learning, to compare a trained network with. Plain numbers from pixels; decoding is not
 * done here.
 */
import { UsageError } from '../errors.js';

/**
 * Raw pixels as an embedding: the image averaged over boxes to `to` × `to`, minus the mean of the result, so
 * that the cosine of two images is their correlation. Where `side` is not a multiple of `to`, pixels on the edge
 * of a box count in proportion to their share in it.
 *
 * @param raster `[side, side, 3]`, 0 to 255
 * @param side pixels a side of the square image
 * @param to boxes a side, at most `side`
 * @returns `[to, to, 3]`, -1 to 1, of mean 0; all 0 for an image of one grey
 * @throws UsageError when the raster is not of this size, or `to` is not a whole number from 1 to `side`
 */
export function pixelFeatures(raster: Uint8Array, side: number, to = 16): Float32Array {
  if (!Number.isInteger(side) || raster.length !== side * side * 3)
    throw new UsageError(
      `A raster of ${raster.length} bytes was given; side ${side} needs ${side} × ${side} × 3.`,
    );
  if (!(Number.isInteger(to) && to >= 1 && to <= side))
    throw new UsageError(`Features of ${to} × ${to} boxes were asked for. Give a number from 1 to ${side}.`);
  const shares = boxShares(side, to);
  const features = new Float64Array(to * to * 3);
  for (let y = 0; y < side; y++)
    for (const [boxY, shareY] of shares[y])
      for (let x = 0; x < side; x++)
        for (const [boxX, shareX] of shares[x])
          for (let channel = 0; channel < 3; channel++)
            features[(boxY * to + boxX) * 3 + channel] +=
              (raster[(y * side + x) * 3 + channel] * shareY * shareX) / 255;
  const mean = features.reduce((sum, value) => sum + value, 0) / features.length;
  return Float32Array.from(features, (value) => value - mean);
}

/** For each pixel of a line, the boxes it lies in and its share in each; the shares of a box sum to 1. */
function boxShares(side: number, to: number): [box: number, share: number][][] {
  const size = side / to;
  return Array.from({ length: side }, (_, pixel) => {
    const first = Math.floor((pixel * to) / side);
    const last = Math.min(Math.ceil(((pixel + 1) * to) / side) - 1, to - 1);
    return Array.from({ length: last - first + 1 }, (_, i): [number, number] => {
      const box = first + i;
      const overlap = Math.min(pixel + 1, (box + 1) * size) - Math.max(pixel, box * size);
      return [box, overlap / size];
    });
  });
}
