/** From bytes to the numbers a network takes: `(value / 255 - mean) / std`, channels first. */
import type { Raster } from './raster.js';

/** One number a channel: red, green, blue. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** Mean and standard deviation of a channel, for values in [0, 1]. */
export interface Normalisation {
  readonly mean: Rgb;
  readonly std: Rgb;
}

/**
 * The normalised value of every byte, `[3, 256]`, with the float32 rounding of torchvision's ToTensor and
 * Normalize after each step, so bit-equal to them.
 */
export function normalisationTable({ mean, std }: Normalisation): Float32Array {
  const table = new Float32Array(3 * 256);
  for (let channel = 0; channel < 3; channel++)
    for (let byte = 0; byte < 256; byte++) {
      const centred = Math.fround(Math.fround(byte / 255) - Math.fround(mean[channel]));
      table[channel * 256 + byte] = centred / Math.fround(std[channel]);
    }
  return table;
}

/**
 * Writes a raster as normalised `[3, height, width]` into `target` from `offset` on, mirrored left and right
 * if wanted.
 */
export function writeNormalised(
  { width, height, data }: Raster,
  table: Float32Array,
  target: Float32Array,
  offset: number,
  mirror = false,
): void {
  const plane = width * height;
  const step = mirror ? -3 : 3;
  for (let y = 0, to = offset; y < height; y++) {
    let from = (y * width + (mirror ? width - 1 : 0)) * 3;
    for (let x = 0; x < width; x++, to++, from += step) {
      target[to] = table[data[from]];
      target[to + plane] = table[256 + data[from + 1]];
      target[to + 2 * plane] = table[512 + data[from + 2]];
    }
  }
}
