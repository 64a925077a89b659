/**
 * From images of any shape to the square that a network takes: torchvision's Resize and CenterCrop, a padded variant that
 * keeps the whole image, and one that squeezes it. The rounding rules are part of a network's preprocessing.
 */
import { crop, padToSquare, type Raster } from './raster.js';
import { type ResampleFilter, resize } from './resize.js';

/** The ways by name. */
export const FITS = ['cover', 'contain', 'fill'] as const;

/**
 * `cover` fills the square and loses the ends of the long side; `contain` keeps everything, on white; `fill` squeezes both
 * sides to the square, which changes their ratio.
 */
export type Fit = (typeof FITS)[number];

/** How an image becomes square. */
export interface FitOptions {
  /** Default cover. */
  readonly fit?: Fit | undefined;
  /**
   * Pixels before the middle is cut out: of the short side with cover, of the long side with contain, of both with fill.
   * Default the side of the square.
   */
  readonly resizeTo?: number | undefined;
  /** Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
}

/** Longer shapes are first cut to this ratio, or a strip of pixels would grow to gigabytes. */
const MOST_ELONGATED = 100;

/** Rounds halves to the even neighbour, as Python does. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return Math.round(x);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Size with the short side at `short` pixels; the long side is truncated, as torchvision's Resize does. */
export function shortSideSize(width: number, height: number, short: number): [width: number, height: number] {
  if (width <= height) return [short, Math.trunc((short * height) / width)];
  return [Math.trunc((short * width) / height), short];
}

/** Where a centre crop of `side` begins on an axis of `length` pixels, as torchvision's CenterCrop does. */
export function centreCropOffset(length: number, side: number): number {
  return roundHalfEven((length - side) / 2);
}

/** The square of `side` pixels in the middle; the raster must be at least as large. */
export function centreCrop(raster: Raster, side: number): Raster {
  const { width, height } = raster;
  return crop(raster, centreCropOffset(width, side), centreCropOffset(height, side), side, side);
}

/**
 * The raster as a square of `side` pixels: brought to `resizeTo` pixels by the short side, by the long one and padded with
 * white, or by both; then the middle is cut out.
 */
export function fitSquare(
  raster: Raster,
  side: number,
  { fit = 'cover', resizeTo: to = side, filter = 'bicubic' }: FitOptions = {},
): Raster {
  const { width, height } = raster;
  if (fit === 'fill') return centreCrop(resize(raster, { width: to, height: to, filter }), side);
  if (fit === 'cover') {
    const longest = Math.min(width, height) * MOST_ELONGATED;
    if (width > longest || height > longest) raster = cropLongSide(raster, longest);
    const [w, h] = shortSideSize(raster.width, raster.height, to);
    return centreCrop(resize(raster, { width: w, height: h, filter }), side);
  }
  const scale = to / Math.max(width, height);
  const w = Math.max(1, Math.round(width * scale));
  const h = Math.max(1, Math.round(height * scale));
  return centreCrop(padToSquare(resize(raster, { width: w, height: h, filter }), to), side);
}

/** The middle `longest` pixels of the long side. */
function cropLongSide(raster: Raster, longest: number): Raster {
  const width = Math.min(raster.width, longest);
  const height = Math.min(raster.height, longest);
  const left = centreCropOffset(raster.width, width);
  return crop(raster, left, centreCropOffset(raster.height, height), width, height);
}
