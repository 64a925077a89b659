/**
 * First values of parameters, drawn from streams keyed by (seed, name): adding a layer does not change the
 * values of the others.
 */
import { type Shape, sizeOf } from '../graph/index.js';
import { randomStream } from '../random.js';

/** How an array is filled at first. */
export type Initializer =
  | { readonly kind: 'constant'; readonly value: number }
  /** Normal with mean 0 and the given standard deviation. */
  | { readonly kind: 'normal'; readonly std: number }
  /** Uniform between −bound and bound. */
  | { readonly kind: 'uniform'; readonly bound: number }
  /** Normal truncated at two standard deviations. */
  | { readonly kind: 'truncated-normal'; readonly std: number }
  /** A matrix with orthonormal rows, or columns when it is taller than wide. */
  | { readonly kind: 'orthogonal' };

/** All zeros. */
export const zeros: Initializer = { kind: 'constant', value: 0 };
/** All ones. */
export const ones: Initializer = { kind: 'constant', value: 1 };

/** Normal with std √(2 / fan-in), for layers followed by a ReLU (He et al. 2015). Fan-in: all axes but the first. */
export function heNormal(shape: Shape): Initializer {
  return { kind: 'normal', std: Math.sqrt(2 / sizeOf(shape.slice(1))) };
}

/** The first values `[shape]` of the array `name`. */
export function initialize(initial: Initializer, shape: Shape, seed: number, name: string): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const random = randomStream(seed, 'initialize', name);
  switch (initial.kind) {
    case 'constant':
      return values.fill(initial.value);
    case 'normal':
      return values.map(() => random.normal() * initial.std);
    case 'uniform':
      return values.map(() => (2 * random.uniform() - 1) * initial.bound);
    case 'truncated-normal':
      return values.map(() => {
        let draw = random.normal();
        while (Math.abs(draw) > 2) draw = random.normal();
        return draw * initial.std;
      });
    case 'orthogonal':
      return orthogonal(shape, () => random.normal());
  }
}

/** Gram–Schmidt on normal draws, in double precision, twice for rounding. `[rows, columns]`. */
function orthogonal(shape: Shape, normal: () => number): Float32Array {
  const [rows, columns] = shape;
  const tall = rows > columns;
  const [count, length] = tall ? [columns, rows] : [rows, columns];
  const basis: Float64Array[] = [];
  while (basis.length < count) {
    const v = Float64Array.from({ length }, normal);
    for (let pass = 0; pass < 2; pass++)
      for (const b of basis) {
        const along = b.reduce((sum, x, i) => sum + x * v[i], 0);
        for (let i = 0; i < length; i++) v[i] -= along * b[i];
      }
    const size = Math.hypot(...v);
    if (size > 1e-6) basis.push(v.map((x) => x / size));
  }
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) values[r * columns + c] = tall ? basis[c][r] : basis[r][c];
  return values;
}
