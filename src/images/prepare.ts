/**
 * From decoded pixels to a network's input, outside of a loader: for programs that have decoded an image themselves,
 * above all web pages. This file and what it imports use nothing of Node, and give what ImageLoader gives.
 */
import { type Fit, fitSquare } from './fit.js';
import { normalisationTable, type Rgb, writeNormalised } from './normalise.js';

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
  /** Taken off red, green and blue in [0, 1]; the difference is divided by `std`. */
  readonly mean: Rgb;
  readonly std: Rgb;
}

/**
 * The image as an input `[3, size, size]`: resized with Pillow's bicubic filter, cropped or padded to a square,
 * normalised. Alpha is dropped, as in training. Throws RangeError when there are not three or four bytes a pixel.
 */
export function prepareImage(
  { width, height, data }: PixelImage,
  { size, resizeTo, fit = 'cover', mean, std }: InputOptions,
): Float32Array<ArrayBuffer> {
  const channels = data.length / (width * height);
  if (channels !== 3 && channels !== 4)
    throw new RangeError(
      `an image of ${width}×${height} pixels with ${data.length} bytes: not RGB, nor RGBA`,
    );
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.length);
  const rgb = channels === 3 ? bytes : withoutAlpha(bytes);
  const square = fitSquare({ width, height, data: rgb }, size, fit, resizeTo ?? size);
  const input = new Float32Array(3 * size * size);
  writeNormalised(square, normalisationTable({ mean, std }), input, 0);
  return input;
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
