/**
 * The interpolation kernels that Pillow's `Image.resize` offers, each with its support. How they become weights of pixels
 * is not decided here. Source: Pillow, `src/libImaging/Resample.c`; the nearest pixel has no kernel.
 */

/** The filters by name, in the order of Pillow's numbers 0 to 5. */
export const RESAMPLE_FILTERS = ['nearest', 'lanczos', 'bilinear', 'bicubic', 'box', 'hamming'] as const;

/** The name of a filter. */
export type ResampleFilter = (typeof RESAMPLE_FILTERS)[number];

/** A filter's weight at a distance, and the distance from which on it is 0, both in pixels of the larger grid. */
export interface Kernel {
  readonly support: number;
  weight(x: number): number;
}

/** Kernels by filter. */
export const KERNELS: Readonly<Record<Exclude<ResampleFilter, 'nearest'>, Kernel>> = {
  box: { support: 0.5, weight: (x) => (x > -0.5 && x <= 0.5 ? 1 : 0) },
  bilinear: { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) },
  hamming: { support: 1, weight: hamming },
  bicubic: { support: 2, weight: catmullRom },
  lanczos: { support: 3, weight: (x) => (x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) },
};

/** Keys' cubic convolution kernel with a = -1/2. */
function catmullRom(x: number): number {
  const a = -0.5;
  x = Math.abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

/** Hamming's window over a sinc; its coefficients are float32 in Pillow. */
function hamming(x: number): number {
  x = Math.abs(x);
  if (x >= 1) return 0;
  return sinc(x) * (Math.fround(0.54) + Math.fround(0.46) * Math.cos(x * Math.PI));
}

function sinc(x: number): number {
  if (x === 0) return 1;
  x *= Math.PI;
  return Math.sin(x) / x;
}
