/** The numbers of a resampling along one axis: which elements, and how much of each, make an element of the result. */
import { GraphError } from '../tensor.js';

/** How values between elements are made. */
export type Interpolation = 'nearest' | 'linear' | 'cubic';

/** How places of the result lie over those of the source. */
export type Coordinates =
  | 'half_pixel'
  | 'half_pixel_symmetric'
  | 'pytorch_half_pixel'
  | 'align_corners'
  | 'asymmetric';

/** Which neighbour of a place between two is the nearest. */
export type Rounding = 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil';

/** What the weights depend on. */
export interface WeightOptions {
  readonly mode?: Interpolation;
  readonly coordinates?: Coordinates;
  readonly nearest?: Rounding;
  readonly cubicCoefficient?: number;
  readonly antialias?: boolean;
  readonly excludeOutside?: boolean;
}

/** A row of weights over `from` elements for each of `to` results; rows sum to 1. `scale` is new size over old. */
export function weightsOf(from: number, to: number, scale: number, options: WeightOptions): number[][] {
  const { mode = 'nearest', coordinates = 'half_pixel', nearest = 'round_prefer_floor' } = options;
  const { cubicCoefficient = -0.75, antialias = false, excludeOutside = false } = options;
  const place = placeOf(coordinates, from, to, scale);
  const clamp = (i: number) => Math.min(from - 1, Math.max(0, i));
  return Array.from({ length: to }, (_, i) => {
    const row = Array<number>(from).fill(0);
    const x = place(i);
    if (mode === 'nearest') {
      row[clamp(rounded(x, nearest))] = 1;
      return row;
    }
    const kernel = mode === 'linear' ? triangle : cubic(cubicCoefficient);
    const wide = antialias ? Math.max(1, 1 / scale) : 1;
    const radius = (mode === 'linear' ? 1 : 2) * wide;
    for (let j = Math.ceil(x - radius); j <= Math.floor(x + radius); j++) {
      const outside = j < 0 || j >= from;
      // A widened kernel leaves out what lies beyond, as ONNX Runtime and Pillow do.
      if (outside && (excludeOutside || antialias)) continue;
      row[clamp(j)] += kernel((j - x) / wide);
    }
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((w) => w / total);
  });
}

/** The place in the source of each element of the result. */
function placeOf(coordinates: Coordinates, from: number, to: number, scale: number): (i: number) => number {
  switch (coordinates) {
    case 'half_pixel':
      return (i) => (i + 0.5) / scale - 0.5;
    case 'half_pixel_symmetric': {
      // The centres of both stay together where scale · from is not whole.
      const offset = (from / 2) * (1 - to / (scale * from));
      return (i) => offset + (i + 0.5) / scale - 0.5;
    }
    case 'pytorch_half_pixel':
      return (i) => (to > 1 ? (i + 0.5) / scale - 0.5 : 0);
    case 'align_corners':
      return (i) => (to > 1 ? (i * (from - 1)) / (to - 1) : 0);
    case 'asymmetric':
      return (i) => i / scale;
    default:
      throw new GraphError(
        `resize: coordinates "${coordinates}"; expected half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners or asymmetric`,
      );
  }
}

/** A place as the number of its nearest element. Numbers of 32-bit floats away from a half count as one. */
function rounded(x: number, how: Rounding): number {
  switch (how) {
    case 'floor':
      return Math.floor(x + 1e-6);
    case 'ceil':
      return Math.ceil(x - 1e-6);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5 + 1e-6);
    default:
      return Math.ceil(x - 0.5 - 1e-6);
  }
}

const triangle = (distance: number): number => Math.max(0, 1 - Math.abs(distance));

/** Keys' cubic kernel with constant a. */
function cubic(a: number): (distance: number) => number {
  return (distance) => {
    const d = Math.abs(distance);
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  };
}
