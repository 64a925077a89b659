/**
 * Similarity as one inner product. For each metric, points become coordinates such that
 *
 *   score(x, y) = Σₖ ±xₖ yₖ, negative sign at the one place `height`,
 *
 * falls exactly as the distance grows. So matrix products rank, and the order is that of the metric itself.
 * The form is symmetric in x and y, term by term, so that score(x, y) and score(y, x) round alike. Distances
 * themselves are computed apart, in float64: near-coincident points lose digits here.
 *
 * hyperbolic, c > 0: with y = √c x, p = 2‖y‖²/(1 - ‖y‖²) and s = 2y/(1 - ‖y‖²), the hyperboloid point is
 *   (s, 1 + p), and the score s·s' - (1 + p)(1 + p') = -cosh(√c d).
 *   Near the origin that is -1 to all digits. There, with σ² = mean p (to a power of 2), the coordinates
 *   (s/σ, P + 1, P√(1 - σ²)),
 *   P = p/σ², have the product (s·s' - p - p' - pp')/σ² - 1: the same order, without the loss.
 * euclidean, and hyperbolic at c = 0: the limit of the second form with y = x - mean:
 *   (s/σ, P + 1, P), product -2‖y - y'‖²/σ² - 1.
 * cosine: (x/‖x‖, 1), product cos - 1. A zero vector has cosine 0 with everything.
 */
import { DataError, shortened, suggestion, UsageError } from '../errors.js';
import type { Rows } from '../rows.js';
import type { CheckedRows } from './checkedRows.js';

/** How similarity is measured. */
export type Metric = 'hyperbolic' | 'cosine' | 'euclidean';

/** Names of the metrics. */
export const METRICS: readonly Metric[] = ['hyperbolic', 'cosine', 'euclidean'];

/** Throws `UsageError` unless this is the name of a metric. */
export function requireMetric(metric: string): void {
  if (METRICS.some((known) => known === metric)) return;
  throw new UsageError(
    `There is no metric "${shortened(metric)}". The metrics are ${METRICS.join(', ')}.${suggestion(metric, METRICS)}`,
  );
}

/** Largest Lorentz height minus 1 below which points count as near the origin. */
const FLAT_BELOW = 0.25;

/** Height of a padding row: its score with any real row is far below every real score. */
const PADDING_HEIGHT = 1e18;

/** How points become coordinates; one for all sets that are compared. */
export interface Frame {
  /** Numbers a point has in coordinates. */
  readonly width: number;
  /** The coordinate whose term is negative; always positive. */
  readonly height: number;
  /** Writes the coordinates of point `row` of a set to `target` at `offset`. */
  write(set: CheckedRows, row: number, target: Float32Array, offset: number): void;
}

/** Points in coordinates, a row each; `values` may lie in shared memory. */
export interface Coordinates extends Rows {
  /** Number of rows. */
  readonly count: number;
  /** The coordinate whose term is negative. */
  readonly height: number;
}

/**
 * The frame for sets that are compared with one another.
 *
 * @param curvature c >= 0 of the ball; only for 'hyperbolic'
 * @throws DataError when points lie outside the ball of radius 1/√c
 */
export function frameOf(metric: Metric, curvature: number, sets: readonly CheckedRows[]): Frame {
  if (metric === 'cosine') return cosineFrame(sets[0].dim);
  if (metric === 'euclidean' || curvature === 0) return flatFrame(sets, 0);
  const largest = Math.max(...sets.map((set) => largestInBall(set, curvature)));
  const p = (2 * largest) / (1 - largest);
  return p < FLAT_BELOW ? flatFrame(sets, curvature) : lorentzFrame(sets[0].dim, curvature);
}

/**
 * Coordinates of the rows of a set, in the given order (as they are by default), written to `allocate`d
 * memory.
 */
export function coordinatesOf(
  { width, height, write }: Frame,
  set: CheckedRows,
  allocate: (length: number) => Float32Array,
  order?: Int32Array,
): Coordinates {
  const values = allocate(set.count * width);
  for (let place = 0; place < set.count; place++)
    write(set, order ? order[place] : place, values, place * width);
  return { values, dim: width, count: set.count, height };
}

/** The row that stands for no point: as a gallery item it comes last for every query. */
export function paddingRow({ dim, height }: Coordinates): Float32Array {
  const row = new Float32Array(dim);
  row[height] = PADDING_HEIGHT;
  return row;
}

function cosineFrame(dim: number): Frame {
  return {
    width: dim + 1,
    height: dim,
    write({ values }, row, target, offset) {
      const from = row * dim;
      const norm = Math.sqrt(squareOf(values, from, dim)) || 1;
      for (let k = 0; k < dim; k++) target[offset + k] = values[from + k] / norm;
      target[offset + dim] = 1;
    },
  };
}

function lorentzFrame(dim: number, c: number): Frame {
  const root = Math.sqrt(c);
  return {
    width: dim + 1,
    height: dim,
    write({ values }, row, target, offset) {
      const from = row * dim;
      const square = c * squareOf(values, from, dim);
      const scale = (2 * root) / (1 - square);
      for (let k = 0; k < dim; k++) target[offset + k] = scale * values[from + k];
      target[offset + dim] = (1 + square) / (1 - square);
    },
  };
}

/** Coordinates near the origin of the ball, or Euclidean ones about the mean (c = 0). */
function flatFrame(sets: readonly CheckedRows[], c: number): Frame {
  const { dim } = sets[0];
  const centre = c > 0 ? new Float64Array(dim) : meanOf(sets);
  const root = c > 0 ? Math.sqrt(c) : 1;
  const bend = c > 0 ? 1 : 0;
  const point = new Float64Array(dim);
  /** Leaves y in `point` and returns p and the factor from y to s. */
  const place = ({ values }: CheckedRows, row: number) => {
    for (let k = 0; k < dim; k++) point[k] = root * (values[row * dim + k] - centre[k]);
    const square = squareOf(point, 0, dim);
    return { p: (2 * square) / (1 - bend * square), scale: 2 / (1 - bend * square) };
  };
  let [total, count] = [0, 0];
  for (const set of sets) {
    for (let row = 0; row < set.count; row++) total += place(set, row).p;
    count += set.count;
  }
  const mean = total / count;
  const variance = mean > 0 ? 2 ** Math.round(Math.log2(mean)) : 1;
  const sigma = Math.sqrt(variance);
  const last = Math.sqrt(1 - bend * variance);
  return {
    width: dim + 2,
    height: dim,
    write(set, row, target, offset) {
      const { p, scale } = place(set, row);
      for (let k = 0; k < dim; k++) target[offset + k] = (scale * point[k]) / sigma;
      target[offset + dim] = p / variance + 1;
      target[offset + dim + 1] = (p / variance) * last;
    },
  };
}

/** Largest c‖x‖² of a set; throws unless all are below 1. */
function largestInBall({ values, count, dim, name }: CheckedRows, c: number): number {
  let largest = 0;
  const outside: number[] = [];
  for (let row = 0; row < count; row++) {
    const square = c * squareOf(values, row * dim, dim);
    if (square < 1) largest = Math.max(largest, square);
    else outside.push(row);
  }
  if (outside.length > 0)
    throw new DataError(
      `${outside.length} of ${count} ${name} lie outside the ball of radius ${(1 / Math.sqrt(c)).toPrecision(4)} (curvature c = ${c}); first rows: ${outside.slice(0, 5).join(', ')}. Give points of the ball (after the exponential map), or another metric.`,
    );
  return largest;
}

/** Mean of all points of all sets. */
function meanOf(sets: readonly CheckedRows[]): Float64Array {
  const { dim } = sets[0];
  const mean = new Float64Array(dim);
  const total = sets.reduce((sum, set) => sum + set.count, 0);
  for (const { values, count } of sets)
    for (let row = 0; row < count; row++)
      for (let k = 0; k < dim; k++) mean[k] += values[row * dim + k] / total;
  return mean;
}

function squareOf(values: ArrayLike<number>, from: number, dim: number): number {
  let sum = 0;
  for (let k = from; k < from + dim; k++) sum += values[k] * values[k];
  return sum;
}
