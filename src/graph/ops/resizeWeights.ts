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
  // Where a place lies halfway its last bit decides what is nearest, so that is computed as engines do, in 32-bit floats.
  const place = placeOf(coordinates, from, to, scale, mode === 'nearest' ? Math.fround : (x) => x);
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
      if (outside && excludeOutside) continue;
      row[clamp(j)] += kernel((j - x) / wide);
    }
    const total = row.reduce((a, b) => a + b, 0);
    return row.map((w) => w / total);
  });
}

/** The place in the source of each element of the result; `f` rounds each step. */
function placeOf(
  coordinates: Coordinates,
  from: number,
  to: number,
  scale: number,
  f: (x: number) => number,
): (i: number) => number {
  const centred = (i: number) => f(f((i + 0.5) / f(scale)) - 0.5);
  switch (coordinates) {
    case 'half_pixel':
      return centred;
    case 'half_pixel_symmetric': {
      // The centres of both stay together where scale · from is not whole.
      const offset = f((from / 2) * f(1 - f(to / f(f(scale) * from))));
      return (i) => f(f(offset + f((i + 0.5) / f(scale))) - 0.5);
    }
    case 'pytorch_half_pixel':
      return (i) => (to > 1 ? centred(i) : 0);
    case 'align_corners':
      return (i) => (to > 1 ? f((i * (from - 1)) / (to - 1)) : 0);
    case 'asymmetric':
      return (i) => f(i / f(scale));
    default:
      throw new GraphError(
        `resize: coordinates "${coordinates}"; expected half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners or asymmetric`,
      );
  }
}

/** A place as the number of its nearest element. */
function rounded(x: number, how: Rounding): number {
  switch (how) {
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    default:
      return Math.ceil(x - 0.5);
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
