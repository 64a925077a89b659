/**
 * Random variants of training images: what varies (typed options with defaults), and the one function that
 * turns a raster and a random stream into a normalised network input. The test transform is in fit.ts.
 */
import { UsageError } from '../errors.js';
import type { RandomStream } from '../random.js';
import { type ColourOptions, drawColourMap, normalisingScale, type Range, uniformIn } from './colour.js';
import { type Normalisation, normalisationTable, writeNormalised } from './normalise.js';
import { type CropOptions, drawCropBox } from './randomCrop.js';
import { crop, type Raster } from './raster.js';
import { resize } from './resize.js';
import { drawAffineMap, type WarpOptions, warp } from './warp.js';

/** A rectangle set to the mean colour (zero after normalisation), at random. */
export interface EraseOptions {
  /** How often, 0 to 1. */
  readonly probability: number;
  /** Area as a part of the image. */
  readonly area: Range;
  /** Width over height. */
  readonly aspect: Range;
}

/**
 * What varies between two looks at an image. `warp`: one affine map of the whole image, for small images;
 * `crop`: random resized crop, as the HIER paper trains on photographs. Colours and erasing go with either.
 */
export type AugmentOptions = ColourOptions & {
  readonly erase?: EraseOptions | undefined;
} & (({ readonly kind: 'warp' } & Partial<WarpOptions>) | ({ readonly kind: 'crop' } & Partial<CropOptions>));

/** Options with every default filled in. */
export type Augmentation = ColourOptions & { readonly erase?: EraseOptions | undefined } & (
    | ({ readonly kind: 'warp' } & WarpOptions)
    | ({ readonly kind: 'crop' } & CropOptions)
  );

/** A gentle warp: a window of 0.8 to 1.15 sides, shifted by up to 7.5 % and turned by up to 9 degrees. */
const WARP: WarpOptions & ColourOptions = {
  scale: [0.8, 1.15],
  shift: 0.075,
  rotation: 0.15,
  aspect: [1, 1],
  flip: true,
  border: 'white',
  brightness: [0.8, 1.1],
};

/** HIER official code, for ViT backbones; no change of colours. */
const CROP: CropOptions = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3], flip: true };

/** Fills in defaults and checks every range. Throws UsageError that names the option. */
export function resolveAugmentation(options: AugmentOptions): Augmentation {
  const defined = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved = { ...(options.kind === 'warp' ? WARP : CROP), ...defined } as Augmentation;
  const { erase } = resolved;
  checkRange('scale', resolved.scale, 0, resolved.kind === 'crop' ? 1 : 10);
  if (resolved.kind === 'warp') {
    checkNumber('shift', resolved.shift, 0, 1);
    checkNumber('rotation', resolved.rotation, 0, Math.PI);
    checkRange('aspect', resolved.aspect, 0, 10);
  } else checkRange('ratio', resolved.ratio, 0, 100);
  for (const name of ['brightness', 'contrast', 'saturation'] as const)
    if (resolved[name]) checkRange(name, resolved[name], -1e-9, 10);
  if (resolved.hue !== undefined) checkNumber('hue', resolved.hue, 0, 0.5);
  if (erase) {
    checkNumber('erase.probability', erase.probability, 0, 1);
    checkRange('erase.area', erase.area, 0, 1);
    checkRange('erase.aspect', erase.aspect, 0, 100);
  }
  return resolved;
}

/** An augmentation made ready for one network input. */
export type Augmenter = (
  raster: Raster,
  stream: RandomStream,
  target: Float32Array,
  targetOffset: number,
) => void;

/**
 * A function that writes a random variant of a raster, normalised, as `[3, size, size]` into a target. The
 * result depends on the raster and the stream only. `warp` needs square rasters.
 */
export function augmenter(augmentation: Augmentation, size: number, normalisation: Normalisation): Augmenter {
  const { scale, shift } = normalisingScale(normalisation);
  const table = normalisationTable(normalisation);
  const { brightness, contrast, saturation, hue, erase } = augmentation;
  const keepsColours = ![brightness, contrast, saturation].some(isVaried) && !hue;

  // The geometry is drawn first, so that changing colours does not move the window.
  return (raster, stream, target, targetOffset) => {
    const output = { sourceOffset: 0, target, targetOffset, size, scale, shift };
    if (augmentation.kind === 'warp') {
      if (raster.width !== raster.height) throw new RangeError('warp takes square rasters');
      const { data: source, width: side } = raster;
      const map = drawAffineMap(augmentation, side, size, stream);
      const colour = drawColourMap(augmentation, stream);
      warp({ source, side, map, border: augmentation.border, colour, ...output });
    } else {
      const box = drawCropBox(augmentation, raster.width, raster.height, stream);
      const mirror = augmentation.flip && stream.uniform() < 0.5;
      const part = crop(raster, box.left, box.top, box.width, box.height);
      const square = resize(part, { width: size, height: size });
      if (keepsColours) writeNormalised(square, table, target, targetOffset, mirror);
      else {
        const map = { ux: mirror ? -1 : 1, uy: 0, u0: mirror ? size - 1 : 0, vx: 0, vy: 1, v0: 0 };
        const colour = drawColourMap(augmentation, stream);
        warp({ source: square.data, side: size, map, border: 'edge', colour, ...output });
      }
    }
    if (erase) eraseRectangle(erase, size, stream, target, targetOffset);
  };
}

/** Whether a factor is ever other than 1. */
function isVaried(range: Range | undefined): boolean {
  return range !== undefined && (range[0] !== 1 || range[1] !== 1);
}

/** Sets a random rectangle to zero; draws again when it does not fit, at most ten times. */
function eraseRectangle(
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

function checkNumber(name: string, value: number, low: number, high: number): void {
  if (!(value >= low && value <= high))
    throw new UsageError(`augment.${name} must be from ${low} to ${high}, not ${value}.`);
}

/** A range [a, b] with `above` < a ≤ b ≤ `most`. */
function checkRange(name: string, [low, high]: Range, above: number, most: number): void {
  if (!(low > above && low <= high && high <= most))
    throw new UsageError(
      `augment.${name} must be [low, high] with ${Math.max(0, above)} ${above < 0 ? '≤' : '<'} low ≤ high ≤ ` +
        `${most}, not [${low}, ${high}].`,
    );
}
