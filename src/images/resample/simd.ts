/**
 * The passes of a resize by WebAssembly kernels: puts weights and pixels into their memory and takes the result
 * out. The source goes in by strips that fit the processor's cache, so a large photograph needs little memory; the
 * memory is kept for the next image and never grows beyond {@link MOST_BYTES}.
 */
import { type Compiled, compileModule, growTo } from '../../wasm/compile.js';
import type { Raster } from '../raster.js';
import { kernelModule } from './kernels.js';
import type { Axis, ResamplePlan } from './plan.js';

/**
 * What the compiled module offers: rows(input, stride, count, output, records, recordsEnd, recordBytes) and
 * columns(input, stride, output, records, recordsEnd, recordBytes).
 */
type Kernels = Compiled<'rows' | 'columns'>;

const STRIP = 256 << 10;
/** The most bytes past the end that kernels read and write. */
const SLACK = 16;
/** Larger results are left to plain code rather than held by every worker thread for good. */
export const MOST_BYTES = 64 << 20;

let kernels: Kernels | null | undefined;

/** Whether this engine has WebAssembly SIMD and may compile it. */
export function hasSimd(): boolean {
  kernels ??= compile();
  return kernels !== null;
}

/** Carries out a plan made for `raster`; undefined where there is no SIMD, or it would take too much memory. */
export function resampleBySimd(raster: Raster, plan: ResamplePlan): Raster | undefined {
  kernels ??= compile();
  if (!kernels) return undefined;
  const { width, height, firstRow, lastRow, across, down } = plan;
  const stride = raster.width * 3;
  const rows = lastRow - firstRow;
  const stripRows = Math.max(1, Math.min(rows, Math.floor(STRIP / stride)));

  let end = 0;
  const reserve = (bytes: number) => {
    const place = end;
    end += Math.ceil((bytes + SLACK) / SLACK) * SLACK;
    return place;
  };
  const recordsAcross = across && reserve(bytesOfRecords(across));
  const recordsDown = down && reserve(bytesOfRecords(down));
  const strip = across ? reserve(stripRows * stride) : 0;
  const filtered = reserve(rows * width * 3);
  const result = down ? reserve(height * width * 3) : filtered;
  if (end > MOST_BYTES) return undefined;
  const { memory } = kernels;
  growTo(memory, end);
  const bytes = new Uint8Array(memory.buffer);

  if (across && recordsAcross !== undefined) {
    const records = writeRecords(memory.buffer, recordsAcross, across, 3);
    for (let row = 0; row < rows; row += stripRows) {
      const count = Math.min(stripRows, rows - row);
      const from = (firstRow + row) * stride;
      bytes.set(raster.data.subarray(from, from + count * stride), strip);
      kernels.rows(strip, stride, count, filtered + row * width * 3, ...records);
    }
  } else bytes.set(raster.data.subarray(firstRow * stride, lastRow * stride), filtered);
  if (down && recordsDown !== undefined) {
    const records = writeRecords(memory.buffer, recordsDown, down, width * 3);
    kernels.columns(filtered, width * 3, result, ...records);
  }
  return { width, height, data: bytes.slice(result, result + height * width * 3) };
}

function compile(): Kernels | null {
  try {
    return compileModule(kernelModule());
  } catch {
    return null; // no WebAssembly, none with SIMD, or a page's policy that forbids it
  }
}

/** A record is where its inputs begin, bytes of its weights, and the weights. */
const recordWords = ({ taps }: Axis) => taps + 2;
const bytesOfRecords = (axis: Axis) => axis.starts.length * recordWords(axis) * 4;

/** Writes the records of an axis whose inputs are `step` bytes apart; its place as the kernels take it. */
function writeRecords(
  memory: ArrayBuffer,
  place: number,
  axis: Axis,
  step: number,
): [number, number, number] {
  const { taps, starts, sizes, weights } = axis;
  const words = recordWords(axis);
  const records = new Int32Array(memory, place, starts.length * words);
  for (let i = 0; i < starts.length; i++) {
    records[i * words] = starts[i] * step;
    records[i * words + 1] = sizes[i] * 4;
    records.set(weights.subarray(i * taps, (i + 1) * taps), i * words + 2);
  }
  return [place, place + bytesOfRecords(axis), words * 4];
}
