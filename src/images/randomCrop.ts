/** The random resized crop of image classification and of the HIER paper, drawn as torchvision draws it. */
import type { RandomStream } from '../random.js';
import { type Range, uniformIn } from './colour.js';
import { roundHalfEven } from './fit.js';

/** How the cropped rectangle varies. */
export interface CropOptions {
  /** Area of the crop as a part of the image's. HIER official code: 0.2 to 1 for ViT, 0.08 to 1 else. */
  readonly scale: Range;
  /** Width over height, drawn evenly on a log scale. */
  readonly ratio: Range;
  /** Whether to mirror left and right with probability 1/2. */
  readonly flip: boolean;
}

/** A rectangle of whole pixels. */
export interface CropBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const TRIES = 10;

/**
 * Draws the rectangle to crop from a `width` × `height` image: ten tries at an area and a ratio, then the
 * largest centred rectangle within the ratios (torchvision RandomResizedCrop.get_params).
 */
export function drawCropBox(
  { scale, ratio }: CropOptions,
  width: number,
  height: number,
  stream: RandomStream,
): CropBox {
  const logRatio: Range = [Math.log(ratio[0]), Math.log(ratio[1])];
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const area = width * height * uniformIn(scale, stream);
    const aspect = Math.exp(uniformIn(logRatio, stream));
    const w = roundHalfEven(Math.sqrt(area * aspect));
    const h = roundHalfEven(Math.sqrt(area / aspect));
    if (w > 0 && w <= width && h > 0 && h <= height) {
      const top = stream.integer(height - h + 1);
      return { left: stream.integer(width - w + 1), top, width: w, height: h };
    }
  }
  const tall = width / height < ratio[0];
  const wide = width / height > ratio[1];
  const w = wide ? roundHalfEven(height * ratio[1]) : width;
  const h = tall ? roundHalfEven(width / ratio[0]) : height;
  return { left: Math.floor((width - w) / 2), top: Math.floor((height - h) / 2), width: w, height: h };
}
