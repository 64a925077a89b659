/**
 * What a resize will do, before a pixel is touched: which passes it needs, over which rows, with which weights. Both
 * ways to do it, plain and SIMD, follow the same plan, so they can differ in nothing but speed.
 */
import type { Raster } from '../raster.js';
import { KERNELS, type ResampleFilter } from './filters.js';

/** A rectangle in pixels, possibly fractional. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Weights of one axis: output i is the sum over k < sizes[i] of input[starts[i] + k] · weights[i·taps + k]. */
export interface Axis {
  readonly taps: number;
  readonly starts: Int32Array;
  readonly sizes: Int32Array;
  /** Fixed point with {@link BITS} fractional bits. */
  readonly weights: Int32Array;
}

/** The passes: rows first, then columns, each only where it changes anything. */
export interface ResamplePlan {
  readonly width: number;
  readonly height: number;
  /** Rows of the source that take part, from `firstRow` to `lastRow` (exclusive). */
  readonly firstRow: number;
  readonly lastRow: number;
  /** Along each row, to `width` pixels; undefined where rows stay as they are. */
  readonly across: Axis | undefined;
  /** Down each column, to `height` pixels; `starts` counts from `firstRow`. */
  readonly down: Axis | undefined;
}

/** 32 bits less 8 of the pixel and 2 for sums beyond the range. */
export const BITS = 32 - 8 - 2;
/** One half in fixed point, for rounding. */
export const HALF = 1 << (BITS - 1);

/** The plan for the part `box` of `raster`, which must lie inside it. */
export function resamplePlan(
  raster: Raster,
  box: Box,
  width: number,
  height: number,
  filter: ResampleFilter,
): ResamplePlan {
  const needRows = width !== raster.width || box.left !== 0 || box.width !== width;
  const needColumns = height !== raster.height || box.top !== 0 || box.height !== height;
  const across = needRows ? axisOf(raster.width, box.left, box.width, width, filter) : undefined;
  if (!needColumns) return { width, height, firstRow: 0, lastRow: raster.height, across, down: undefined };
  const axis = axisOf(raster.height, box.top, box.height, height, filter);
  const firstRow = axis.starts[0];
  const lastRow = axis.starts[height - 1] + axis.sizes[height - 1];
  const down = { ...axis, starts: axis.starts.map((row) => row - firstRow) };
  return { width, height, firstRow, lastRow, across, down };
}

/** The weights of one axis: `inSize` pixels, of which `extent` from `start` become `outSize`. */
function axisOf(
  inSize: number,
  start: number,
  extent: number,
  outSize: number,
  filter: ResampleFilter,
): Axis {
  if (filter === 'nearest') return nearestAxis(start, extent, outSize);
  const kernel = KERNELS[filter];
  const scale = extent / outSize;
  const stretch = Math.max(scale, 1);
  const support = kernel.support * stretch;
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
      row[k] = kernel.weight((k + first - centre + 0.5) * (1 / stretch));
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

/** One pixel for each of the result, without a sum; its place is added up step by step, as Pillow does. */
function nearestAxis(start: number, extent: number, outSize: number): Axis {
  const step = extent / outSize;
  const starts = new Int32Array(outSize);
  for (let i = 0, place = start + step * 0.5; i < outSize; i++, place += step) starts[i] = Math.trunc(place);
  const sizes = new Int32Array(outSize).fill(1);
  return { taps: 1, starts, sizes, weights: new Int32Array(outSize).fill(1 << BITS) };
}
