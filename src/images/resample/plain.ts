/** The passes of a resize in plain TypeScript: for engines without WebAssembly SIMD, and the oracle of the SIMD form. */
import type { Raster } from '../raster.js';
import { type Axis, BITS, HALF, type ResamplePlan } from './plan.js';

/** Carries out a plan that was made for `raster`. */
export function resampleInPlain(
  raster: Raster,
  { width, height, firstRow, lastRow, across, down }: ResamplePlan,
): Raster {
  const stride = raster.width * 3;
  const rows = lastRow - firstRow;
  const source = raster.data.subarray(firstRow * stride, lastRow * stride);
  const filtered = across ? filterRows(source, stride, rows, across, width) : source;
  const data = down ? filterColumns(filtered, width * 3, down, height) : filtered;
  return { width, height, data };
}

/** Rows of `stride` bytes to `width` pixels each. */
function filterRows(data: Uint8Array, stride: number, rows: number, axis: Axis, width: number): Uint8Array {
  const { taps, starts, sizes, weights } = axis;
  const out = new Uint8ClampedArray(width * rows * 3);
  for (let y = 0, to = 0; y < rows; y++) {
    for (let x = 0; x < width; x++, to += 3) {
      let [red, green, blue] = [HALF, HALF, HALF];
      let from = y * stride + starts[x] * 3;
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
  return new Uint8Array(out.buffer);
}

/** Columns of rows of `stride` bytes to `height` rows. */
function filterColumns(data: Uint8Array, stride: number, axis: Axis, height: number): Uint8Array {
  const { taps, starts, sizes, weights } = axis;
  const sums = new Int32Array(stride);
  const out = new Uint8ClampedArray(stride * height);
  for (let y = 0; y < height; y++) {
    sums.fill(HALF);
    for (let k = 0; k < sizes[y]; k++) {
      const weight = weights[y * taps + k];
      const row = (starts[y] + k) * stride;
      for (let i = 0; i < stride; i++) sums[i] += Math.imul(data[row + i], weight);
    }
    for (let i = 0; i < stride; i++) out[y * stride + i] = sums[i] >> BITS;
  }
  return new Uint8Array(out.buffer);
}
