/**
 * Position embeddings for another grid of patches: the grid is resized as an image whose pixels are vectors, the
 * embeddings of the first tokens stay. The numbers are those of PyTorch's `interpolate` with bicubic mode and
 * `align_corners=False`. Not for photographs, which are resampled as Pillow does.
 */

/** The grids. */
export interface GridResize {
  /** Tokens in front of the grid: class token, distillation token. */
  readonly first: number;
  /** Rows and columns of the grid as stored. */
  readonly from: readonly [rows: number, columns: number];
  /** Rows and columns wanted. */
  readonly to: readonly [rows: number, columns: number];
  /** Length of an embedding. */
  readonly width: number;
  /**
   * Whether the kernel widens when the grid shrinks (cubic with a = −½, PyTorch's `antialias=True`). Without it
   * (a = −¾) the numbers are those of DINOv2's and Hugging Face's code.
   */
  readonly antialias?: boolean;
}

/** Position embeddings `[first + rows · columns, width]` for the grid `to`, in double precision inside. */
export function resizePositions(
  values: ArrayLike<number>,
  { first, from, to, width, antialias = false }: GridResize,
): Float32Array {
  const result = new Float32Array((first + to[0] * to[1]) * width);
  for (let i = 0; i < first * width; i++) result[i] = values[i];
  if (from[0] === to[0] && from[1] === to[1]) {
    for (let i = first * width; i < result.length; i++) result[i] = values[i];
    return result;
  }
  const taps = antialias ? widenedTaps : plainTaps;
  const [rows, columns] = [taps(from[0], to[0]), taps(from[1], to[1])];
  const tall = new Float64Array(to[0] * from[1] * width);
  for (let y = 0; y < to[0]; y++)
    for (const [row, weight] of rows[y])
      for (let i = 0; i < from[1] * width; i++)
        tall[y * from[1] * width + i] += weight * values[(first + row * from[1]) * width + i];
  for (let y = 0; y < to[0]; y++)
    for (let x = 0; x < to[1]; x++)
      for (let i = 0; i < width; i++) {
        let sum = 0;
        for (const [column, weight] of columns[x]) sum += weight * tall[(y * from[1] + column) * width + i];
        result[(first + y * to[1] + x) * width + i] = sum;
      }
  return result;
}

/** For each place of a line of `to` what it takes of a line of `from`: place and weight. */
type Taps = [place: number, weight: number][][];

/** Four neighbours; beyond the ends the outermost one is repeated. */
function plainTaps(from: number, to: number): Taps {
  return Array.from({ length: to }, (_, i) => {
    const at = ((i + 0.5) * from) / to - 0.5;
    const start = Math.floor(at);
    return [-1, 0, 1, 2].map((k) => [
      Math.min(from - 1, Math.max(0, start + k)),
      cubic(at - start - k, -0.75),
    ]);
  });
}

/** Neighbours within twice the scale, weights summing to 1; beyond the ends there is nothing. */
function widenedTaps(from: number, to: number): Taps {
  const scale = from / to;
  const reach = Math.max(1, scale);
  return Array.from({ length: to }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - 2 * reach + 0.5));
    const end = Math.min(from, Math.trunc(centre + 2 * reach + 0.5));
    const taps = Array.from({ length: end - start }, (_, k): [number, number] => [
      start + k,
      cubic((start + k + 0.5 - centre) / reach, -0.5),
    ]);
    const total = taps.reduce((sum, [, weight]) => sum + weight, 0);
    return taps.map(([place, weight]): [number, number] => [place, weight / total]);
  });
}

/** The cubic convolution kernel (Keys 1981) with parameter `a`. */
function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? a * (((t - 5) * t + 8) * t - 4) : 0;
}
