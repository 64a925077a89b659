/**
 * From decoded pixels to a network's input, outside of a loader: for programs that have decoded an image themselves,
 * above all web pages. This file and what it imports use nothing of Node, and give what ImageLoader gives.
 */
import { type Fit, fitSquare } from './fit.js';
import { normalisationTable, type Rgb, writeNormalised } from './normalise.js';
import type { Raster } from './raster.js';
import type { ResampleFilter } from './resize.js';

/** Decoded pixels, rows from the top, of three bytes each (RGB) or of four (RGBA, such as ImageData). */
export interface PixelImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** How pixels become an input; `preprocessing` of an exported `model.json` is one. */
export interface InputOptions {
  /** Side of the network's square input, px. */
  readonly size: number;
  /** Side that the image is brought to before the centre crop. Default `size`. */
  readonly resizeTo?: number | null;
  /** Default cover. */
  readonly fit?: Fit;
  /** How pixels are interpolated. Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
  /** Taken off red, green and blue in [0, 1]; the difference is divided by `std`. */
  readonly mean: Rgb;
  readonly std: Rgb;
}

/**
 * The image as an input `[3, size, size]`: resized with Pillow's filter, made square,
 * normalised. Alpha is dropped, as in training. Throws RangeError when there are not three or four bytes a pixel.
 */
export function prepareImage(
  { width, height, data }: PixelImage,
  options: InputOptions,
): Float32Array<ArrayBuffer> {
  const { size } = options;
  const channels = data.length / (width * height);
  if (channels !== 3 && channels !== 4)
    throw new RangeError(
      `an image of ${width}×${height} pixels with ${data.length} bytes: not RGB, nor RGBA`,
    );
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const rgb = channels === 3 ? bytes : withoutAlpha(bytes);
  const input = new Float32Array(3 * size * size);
  inputWriter(options)({ width, height, data: rgb }, input, 0);
  return input;
}

/**
 * A function that writes images as such inputs, for many of them: a raster, as `[3, size, size]` into `target` from
 * `offset` on.
 */
export function inputWriter({
  size,
  resizeTo,
  fit,
  filter,
  mean,
  std,
}: InputOptions): (raster: Raster, target: Float32Array, offset: number) => void {
  const table = normalisationTable({ mean, std });
  const how = { fit, filter, resizeTo: resizeTo ?? size };
  return (raster, target, offset) => writeNormalised(fitSquare(raster, size, how), table, target, offset);
}

function withoutAlpha(rgba: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((rgba.length / 4) * 3);
  for (let from = 0, to = 0; from < rgba.length; from += 4) {
    rgb[to++] = rgba[from];
    rgb[to++] = rgba[from + 1];
    rgb[to++] = rgba[from + 2];
  }
  return rgb;
}
