/**
 * Resampling with the exact bytes of PIL's `Image.resize`: a separable filter whose support grows with the
 * reduction (so that it averages instead of skipping), in 8-bit fixed point, rows first, then columns, rounded
 * to bytes in between. Written because image libraries for Node differ from PIL by up to 26 levels when they
 * reduce and by half a pixel when they enlarge, which is enough to move published results.
 */
import type { Raster } from './raster.js';

/** The interpolation kernels: Catmull-Rom (a = -0.5, support 2) and the triangle (support 1). */
export type Filter = 'bicubic' | 'bilinear';

/** What part of a raster to resample to which size. */
export interface ResizeOptions {
  /** Pixels of the result, at least 1. */
  readonly width: number;
  readonly height: number;
  /**
   * The source rectangle, in pixels and possibly fractional; default all of the raster. As in PIL, pixels just
   * outside it still take part: crop() first where they must not.
   */
  readonly box?: {
    readonly left: number;
    readonly top: number;
    readonly width: number;
    readonly height: number;
  };
  /** Default bicubic. */
  readonly filter?: Filter;
}

/** Weights of one axis: output i is the sum over k < sizes[i] of input[starts[i] + k] · weights[i·taps + k]. */
interface Weights {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly sizes: Int32Array;
  /** Fixed point with {@link BITS} fractional bits. */
  readonly weights: Int32Array;
}

/** 32 bits less 8 of the pixel and 2 for sums beyond the range. */
const BITS = 32 - 8 - 2;
const HALF = 1 << (BITS - 1);

/** Resamples `raster`. Throws RangeError for a size below 1 or a box outside the raster. */
export function resize(raster: Raster, options: ResizeOptions): Raster {
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

  const needRows = width !== raster.width || box.left !== 0 || box.width !== width;
  const needColumns = height !== raster.height || box.top !== 0 || box.height !== height;
  let result = raster;
  let firstRow = 0;
  const vertical = weightsFor(raster.height, box.top, box.height, height, filter);
  if (needRows) {
    firstRow = vertical.starts[0];
    const lastRow = vertical.starts[height - 1] + vertical.sizes[height - 1];
    const horizontal = weightsFor(raster.width, box.left, box.width, width, filter);
    result = resizeRows(raster, horizontal, width, firstRow, needColumns ? lastRow : firstRow + height);
  }
  return needColumns ? resizeColumns(result, vertical, height, firstRow) : result;
}

/** The weights of one axis: `inSize` pixels, of which `extent` from `start` become `outSize`. */
function weightsFor(inSize: number, start: number, extent: number, outSize: number, filter: Filter): Weights {
  const kernel = filter === 'bicubic' ? catmullRom : triangle;
  const scale = extent / outSize;
  const stretch = Math.max(scale, 1);
  const support = (filter === 'bicubic' ? 2 : 1) * stretch;
  const taps = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(outSize);
  const sizes = new Int32Array(outSize);
  const weights = new Int32Array(outSize * taps);
  const row = new Float64Array(taps);
  for (let i = 0; i < outSize; i++) {
    const centre = start + (i + 0.5) * scale;
    const first = Math.max(Math.trunc(centre - support + 0.5), 0);
    const size = Math.min(Math.trunc(centre + support + 0.5), inSize) - first;
    let sum = 0;
    for (let k = 0; k < size; k++) {
      row[k] = kernel((k + first - centre + 0.5) * (1 / stretch));
      sum += row[k];
    }
    for (let k = 0; k < size; k++) {
      const weight = sum === 0 ? row[k] : row[k] / sum;
      weights[i * taps + k] = Math.trunc(weight * (1 << BITS) + (weight < 0 ? -0.5 : 0.5));
    }
    starts[i] = first;
    sizes[i] = size;
  }
  return { taps, starts, sizes, weights };
}

/** Keys' cubic convolution kernel with a = -1/2. */
function catmullRom(x: number): number {
  const a = -0.5;
  x = Math.abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

/** Filters the rows `firstRow` to `lastRow` (exclusive) to `width` pixels. */
function resizeRows(raster: Raster, axis: Weights, width: number, firstRow: number, lastRow: number): Raster {
  const { data, width: inWidth } = raster;
  const { taps, starts, sizes, weights } = axis;
  const height = lastRow - firstRow;
  const out = new Uint8ClampedArray(width * height * 3);
  for (let y = 0, to = 0; y < height; y++) {
    const row = (firstRow + y) * inWidth * 3;
    for (let x = 0; x < width; x++, to += 3) {
      let [red, green, blue] = [HALF, HALF, HALF];
      let from = row + starts[x] * 3;
      const end = x * taps + sizes[x];
      for (let k = x * taps; k < end; k++, from += 3) {
        const weight = weights[k];
        red += Math.imul(data[from], weight);
        green += Math.imul(data[from + 1], weight);
        blue += Math.imul(data[from + 2], weight);
      }
      out[to] = red >> BITS;
      out[to + 1] = green >> BITS;
      out[to + 2] = blue >> BITS;
    }
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}

/** Filters the columns to `height` pixels; row 0 of `raster` is row `firstRow` of the source. */
function resizeColumns(raster: Raster, axis: Weights, height: number, firstRow: number): Raster {
  const { data, width } = raster;
  const { taps, starts, sizes, weights } = axis;
  const stride = width * 3;
  const sums = new Int32Array(stride);
  const out = new Uint8ClampedArray(stride * height);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < sizes[y]; k++) {
      const weight = weights[y * taps + k];
      const row = (starts[y] - firstRow + k) * stride;
      for (let i = 0; i < stride; i++) sums[i] += Math.imul(data[row + i], weight);
    }
    for (let i = 0; i < stride; i++) out[y * stride + i] = sums[i] >> BITS;
  }
  return { width, height, data: new Uint8Array(out.buffer) };
}
