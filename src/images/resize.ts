/**
 * Resampling with the exact bytes of PIL's `Image.resize`: a separable filter whose support grows with the
 * reduction (so that it averages instead of skipping), in 8-bit fixed point, rows first, then columns, rounded
 * to bytes in between. Written because image libraries for Node differ from PIL by up to 26 levels when they
 * reduce and by half a pixel when they enlarge, which is enough to move published results. WebAssembly SIMD does
 * the work where the engine has it, plain TypeScript elsewhere, with the same bytes.
 */
import type { Raster } from './raster.js';
import type { ResampleFilter } from './resample/filters.js';
import { resampleInPlain } from './resample/plain.js';
import { type Box, type ResamplePlan, resamplePlan } from './resample/plan.js';
import { resampleBySimd } from './resample/simd.js';

export { RESAMPLE_FILTERS, type ResampleFilter } from './resample/filters.js';
export type { Box } from './resample/plan.js';

/** What part of a raster to resample to which size. */
export interface ResizeOptions {
  /** Pixels of the result, at least 1. */
  readonly width: number;
  readonly height: number;
  /**
   * The source rectangle, in pixels and possibly fractional; default all of the raster. As in PIL, pixels just
   * outside it still take part: crop() first where they must not.
   */
  readonly box?: Box;
  /** Default bicubic. */
  readonly filter?: ResampleFilter | undefined;
}

/** Resamples `raster`. Throws RangeError for a size below 1 or a box outside the raster. */
export function resize(raster: Raster, options: ResizeOptions): Raster {
  const plan = checkedPlan(raster, options);
  if (!plan.across && !plan.down) return raster;
  return resampleBySimd(raster, plan) ?? resampleInPlain(raster, plan);
}

/** The same without WebAssembly, several times slower. Throws as {@link resize} does. */
export function resizeInPlain(raster: Raster, options: ResizeOptions): Raster {
  const plan = checkedPlan(raster, options);
  return !plan.across && !plan.down ? raster : resampleInPlain(raster, plan);
}

function checkedPlan(raster: Raster, options: ResizeOptions): ResamplePlan {
  const { width, height, filter = 'bicubic' } = options;
  const box = options.box ?? { left: 0, top: 0, width: raster.width, height: raster.height };
  if (!(width >= 1 && height >= 1 && Number.isInteger(width) && Number.isInteger(height)))
    throw new RangeError(`resize to ${width}×${height}: both must be positive integers`);
  const inside = box.left >= 0 && box.top >= 0 && box.width > 0 && box.height > 0;
  if (!inside || box.left + box.width > raster.width || box.top + box.height > raster.height)
    throw new RangeError(
      `resize box ${box.width}×${box.height} at (${box.left}, ${box.top}) is not inside the raster of ` +
        `${raster.width}×${raster.height}`,
    );
  return resamplePlan(raster, box, width, height, filter);
}
