/**
 * The search column: numbers derived from a vector such that plain Euclidean distance to a derived query ranks
 * exactly as the metric does. Any engine that knows L2 can then search a hyperbolic space, with or without an
 * approximate index. It ranks; the distances that are reported are computed from the vectors.
 *
 * A point y has features f(y), a query x has g(x), and g(x)·f(y) falls as the distance grows:
 *   hyperbolic  with z = √c y, p = 2‖z‖²/(1 - ‖z‖²), s = 2z/(1 - ‖z‖²):  f = (a p, s),  g = (-(1 + p)/a, s),
 *               so that g·f is the Lorentz product up to a constant of the query. The stretch a > 0 changes no
 *               product; it keeps both parts of one size for points near the origin.
 *   cosine      f = g = y/‖y‖.
 * The column holds X = f - mean(f) and behind it √(bound - ‖X‖²); the query is g brought to the length of a usual
 * X, and 0. Then ‖q - X‖² = ‖q‖² + bound - 2 q·X: the order of the product. Centring is what approximate indexes
 * need: the raw Lorentz product sends them to a few far-out points. The Euclidean column is y - mean itself.
 */
import { DataError } from '../errors.js';
import type { Metric } from '../retrieval/index.js';

/** How vectors become rows of the search column; frozen when a table is made. */
export interface SearchSpace {
  readonly metric: Metric;
  /** Curvature parameter c >= 0 of the ball; 0 for metrics of a flat space. */
  readonly curvature: number;
  /** Numbers of a vector. */
  readonly dim: number;
  /** Numbers of a row of the search column, a multiple of 8. */
  readonly width: number;
  /** Mean of the features. */
  readonly mean: readonly number[];
  /** The factor a of the first feature. */
  readonly stretch: number;
  /** No centred feature may have a larger squared length. */
  readonly bound: number;
  /** Length that queries are brought to. */
  readonly scale: number;
}

/** Options of {@link fitSpace}. */
export interface FitOptions {
  /** Vectors to fit to, `[N, dim]`; all there are, or a sample. */
  readonly vectors: Float32Array;
  readonly dim: number;
  readonly metric: Metric;
  /** Default 0.1; only for the hyperbolic metric, where 0 means flat: the Euclidean column. */
  readonly curvature?: number;
  /** Radius that tangent vectors are clipped to, where a model guarantees it: no later point lies farther out. */
  readonly clipRadius?: number;
}

/** Largest √c‖x‖ that the column can hold. */
const RIM = 1 - 1e-6;

/** Later points may have centred features this many times as long as those fitted to, without a clip radius. */
const ROOM = 2;

/** The space for a set of vectors. Throws DataError for points outside the ball. */
export function fitSpace({ vectors, dim, metric, curvature = 0.1, clipRadius }: FitOptions): SearchSpace {
  const c = metric === 'hyperbolic' ? curvature : 0;
  const rows = vectors.length / dim;
  const blank = { metric, curvature: c, dim, stretch: 1, bound: 0, scale: 1, width: 0 };
  const size = featureCount(blank);
  const features = new Float64Array(size);
  const mean = new Float64Array(size);
  const each = (space: Blank, visit: () => void) => {
    for (let row = 0; row < rows; row++) {
      try {
        writeFeatures(space, vectors, row * dim, features);
      } catch (error) {
        if (!(error instanceof DataError)) throw error;
        throw new DataError(`Row ${row} (from 0): ${error.message}`, { cause: error });
      }
      visit();
    }
  };
  let squares = 0;
  each(blank, () => {
    for (let k = 0; k < size; k++) mean[k] += features[k] / rows;
    squares += (sumOfSquares(features) - features[0] ** 2) / rows;
  });
  const stretch = isLorentz(blank) && squares > 0 && squares < 1 ? 1 / Math.sqrt(squares) : 1;
  if (isLorentz(blank)) mean[0] *= stretch;

  let [longest, total] = [0, 0];
  each({ ...blank, stretch }, () => {
    const length = Math.sqrt(squaredDistance(features, mean));
    longest = Math.max(longest, length);
    total += length;
  });
  const reach = clipRadius === undefined ? ROOM * longest : reachOf(c, clipRadius, stretch, mean);
  const bound = isFlat(blank) ? 0 : metric === 'cosine' ? 4 : Math.max(reach, longest) ** 2 * (1 + 1e-4) || 1;
  const width = 8 * Math.ceil((size + (isFlat(blank) ? 0 : 1)) / 8);
  return { ...blank, width, mean: [...mean], stretch, bound, scale: total / rows || 1 };
}

/** Writes the row of `vector` to `target` at `offset`. Throws DataError when the space has no room for it. */
export function writeRow(
  space: SearchSpace,
  vector: Float32Array,
  target: Float32Array,
  offset: number,
  features = new Float64Array(space.mean.length),
): void {
  writeFeatures(space, vector, 0, features);
  let square = 0;
  for (let k = 0; k < features.length; k++) {
    const value = features[k] - space.mean[k];
    target[offset + k] = value;
    square += value * value;
  }
  target.fill(0, offset + features.length, offset + space.width);
  if (isFlat(space)) return;
  if (!(square <= space.bound * (1 + 1e-9)))
    throw new DataError(
      'A vector lies much farther from the others than any that the table was made with, or holds NaN. Index all vectors together into a new table, or mend the vector.',
    );
  target[offset + features.length] = Math.sqrt(Math.max(0, space.bound - square));
}

/** The query row for a vector: the nearest rows to it, by Euclidean distance, are the nearest in the metric. */
export function queryRow(space: SearchSpace, vector: Float32Array): Float32Array {
  const row = new Float32Array(space.width);
  const features = new Float64Array(space.mean.length);
  writeFeatures(space, vector, 0, features);
  if (isFlat(space)) {
    for (let k = 0; k < features.length; k++) row[k] = features[k] - space.mean[k];
    return row;
  }
  if (isLorentz(space)) features[0] = -(1 + features[0] / space.stretch) / space.stretch;
  const factor = space.scale / (Math.sqrt(sumOfSquares(features)) || 1);
  for (let k = 0; k < features.length; k++) row[k] = features[k] * factor;
  return row;
}

type Blank = Omit<SearchSpace, 'mean'>;

const isLorentz = ({ metric, curvature }: Blank) => metric === 'hyperbolic' && curvature > 0;
const isFlat = (space: Blank) => space.metric !== 'cosine' && !isLorentz(space);
const featureCount = (space: Blank) => space.dim + (isLorentz(space) ? 1 : 0);

function writeFeatures(space: Blank, values: Float32Array, at: number, features: Float64Array): void {
  const { dim, curvature, stretch } = space;
  let square = 0;
  for (let k = 0; k < dim; k++) square += values[at + k] ** 2;
  if (!isLorentz(space)) {
    const factor = space.metric === 'cosine' ? (square > 0 ? 1 / Math.sqrt(square) : 0) : 1;
    for (let k = 0; k < dim; k++) features[k] = factor * values[at + k];
    return;
  }
  const inside = curvature * square;
  if (!(inside <= RIM * RIM))
    throw new DataError(
      `A vector is not a point of the Poincaré ball of curvature parameter ${curvature}: its length is ${Math.sqrt(square)}, the ball's radius ${1 / Math.sqrt(curvature)}. Give the curvature that the vectors were made with, or another metric.`,
    );
  features[0] = (stretch * 2 * inside) / (1 - inside);
  const factor = (2 * Math.sqrt(curvature)) / (1 - inside);
  for (let k = 0; k < dim; k++) features[1 + k] = factor * values[at + k];
}

/** Largest length of centred features for tangent vectors of at most the clip radius. */
function reachOf(c: number, clipRadius: number, stretch: number, mean: Float64Array): number {
  const distance = 2 * Math.sqrt(c) * clipRadius;
  const height = stretch * (Math.cosh(distance) - 1);
  const space = Math.sinh(distance) + Math.sqrt(sumOfSquares(mean.subarray(1)));
  return Math.hypot(height, space);
}

function sumOfSquares(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += (a[k] - b[k]) ** 2;
  return sum;
}
