/**
 * Where a layout begins: the two principal axes of the data, smoothed over the neighbour graph until they
 * approach the smoothest functions on it (a few steps of subspace iteration towards the spectral embedding, cut
 * short so that separate parts of the graph stay apart).
 */
import { randomStream } from '../random.js';
import type { LikenessGraph } from './fuzzy.js';

/** Options of {@link startingPlaces}. */
export interface StartOptions {
  /** `[N, dim]`; tangent vectors at the origin, or any coordinates. */
  readonly values: ArrayLike<number>;
  readonly dim: number;
  readonly graph: LikenessGraph;
  /** Hyperbolic radius of the outermost point. */
  readonly radius: number;
  /** Default 0. */
  readonly seed?: number;
}

const POWER_STEPS = 40;
const SMOOTHING_STEPS = 60;
/** Noise over the radius, so that no two points coincide. */
const NOISE = 2e-3;

/** Places on the hyperboloid, `[N, 2]`. */
export function startingPlaces({ values, dim, graph, radius, seed = 0 }: StartOptions): Float64Array {
  const count = values.length / dim;
  const columns = principalColumns(values, dim, seed);
  const roots = rootsOfDegrees(graph);
  const trivial = unit(roots.slice());
  for (const [which, column] of columns.entries()) {
    for (let i = 0; i < count; i++) column[i] *= roots[i];
    let current = column;
    for (let step = 0; step < SMOOTHING_STEPS; step++) {
      const before = columns.slice(0, which).map((other) => other.map((value, i) => value * roots[i]));
      for (const done of [trivial, ...before]) removePart(current, unit(done));
      current = unit(smoothed(current, graph, roots));
    }
    for (let i = 0; i < count; i++) column[i] = roots[i] > 0 ? current[i] / roots[i] : 0;
  }
  // Both axes to one spread, without outliers deciding it; then the outermost point to the radius.
  const scaled = columns.map((column) => {
    const size = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0) / count) || 1;
    return column.map((value) => Math.tanh(value / (2 * size)));
  });
  const random = randomStream(seed, 'umap start');
  const places = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    const x = scaled[0][i] + NOISE * random.normal();
    const y = scaled[1][i] + NOISE * random.normal();
    const length = Math.hypot(x, y);
    const stretch = length > 0 ? Math.sinh((radius * length) / Math.SQRT2) / length : 0;
    places[2 * i] = stretch * x;
    places[2 * i + 1] = stretch * y;
  }
  return places;
}

/** The data along their two principal axes, by power iteration. */
function principalColumns(values: ArrayLike<number>, dim: number, seed: number): Float64Array[] {
  const count = values.length / dim;
  const mean = new Float64Array(dim);
  for (let i = 0; i < count; i++) for (let k = 0; k < dim; k++) mean[k] += values[i * dim + k] / count;
  const along = (axis: Float64Array) =>
    Float64Array.from({ length: count }, (_, i) => {
      let sum = 0;
      for (let k = 0; k < dim; k++) sum += (values[i * dim + k] - mean[k]) * axis[k];
      return sum;
    });
  const random = randomStream(seed, 'umap axes');
  const axes: Float64Array[] = [];
  return Array.from({ length: 2 }, () => {
    let axis = unit(Float64Array.from({ length: dim }, () => random.normal()));
    for (let step = 0; step < POWER_STEPS; step++) {
      for (const other of axes) removePart(axis, other);
      const column = along(axis);
      const next = new Float64Array(dim);
      for (let i = 0; i < count; i++)
        for (let k = 0; k < dim; k++) next[k] += column[i] * (values[i * dim + k] - mean[k]);
      axis = unit(next);
    }
    for (const other of axes) removePart(axis, other);
    axes.push(axis);
    return along(axis);
  });
}

function rootsOfDegrees({ starts, weights }: LikenessGraph): Float64Array {
  return Float64Array.from({ length: starts.length - 1 }, (_, i) => {
    let degree = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) degree += weights[at];
    return Math.sqrt(degree);
  });
}

/** Half the column, half the mean of its neighbours (normalised symmetrically). */
function smoothed(column: Float64Array, { starts, neighbours, weights }: LikenessGraph, roots: Float64Array) {
  return column.map((value, i) => {
    let sum = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++)
      sum += (weights[at] * column[neighbours[at]]) / (roots[i] * roots[neighbours[at]]);
    return (value + sum) / 2;
  });
}

function unit(values: Float64Array): Float64Array {
  const length = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length > 0 ? values.map((value) => value / length) : values;
}

/** Takes the part along a unit vector out of `values`. */
function removePart(values: Float64Array, direction: Float64Array): void {
  let dot = 0;
  for (let i = 0; i < values.length; i++) dot += values[i] * direction[i];
  for (let i = 0; i < values.length; i++) values[i] -= dot * direction[i];
}
