/**
 * Places in the unit disk for tables that come without a map: the vectors' tangents at the origin on their two
 * principal axes (power iteration), drawn together so that nearly all lie well inside. A stopgap that shows the
 * coarse structure; a map made for the purpose says more.
 */
import { logmap0 } from '../geometry/numbers.js';
import { randomStream } from '../random.js';
import type { Store } from '../store/store.js';

/** Most vectors that the axes are computed from. */
const SAMPLE = 5000;
const ITERATIONS = 40;
/** The place on the disk's radius of a point at the usual far end of an axis. */
const REACH = 0.9;

/** Places by id. */
export async function projectToDisk(store: Store): Promise<ReadonlyMap<string, readonly [number, number]>> {
  const { metric, curvature, dim } = store.manifest.space;
  const tangent = (vector: Float32Array): ArrayLike<number> =>
    metric === 'hyperbolic' && curvature > 0 ? logmap0(vector, curvature) : vector;
  const every = Math.max(1, Math.floor((await store.count()) / SAMPLE));
  const sample: ArrayLike<number>[] = [];
  let seen = 0;
  for await (const batch of store.scan({ vectors: true }))
    for (const { vector } of batch) if (seen++ % every === 0) sample.push(tangent(vector));
  const { mean, axes } = principalAxes(sample, dim);
  const along = (values: ArrayLike<number>) => axes.map((axis) => dot(values, axis) - dot(mean, axis));
  const lengths = sample.map((values) => Math.hypot(...along(values))).sort((a, b) => a - b);
  const usual = lengths[Math.floor(0.95 * (lengths.length - 1))] || 1;
  const places = new Map<string, readonly [number, number]>();
  for await (const batch of store.scan({ vectors: true }))
    for (const { id, vector } of batch) {
      const [x, y] = along(tangent(vector));
      const length = Math.hypot(x, y);
      const factor = length > 0 ? Math.tanh((Math.atanh(REACH) * length) / usual) / length : 0;
      places.set(id, [x * factor, y * factor]);
    }
  return places;
}

/** Mean and two principal axes of rows. */
function principalAxes(rows: readonly ArrayLike<number>[], dim: number) {
  const mean = new Float64Array(dim);
  for (const row of rows) for (let k = 0; k < dim; k++) mean[k] += row[k] / rows.length;
  const random = randomStream(0, 'projection');
  const axes: Float64Array[] = [];
  for (let a = 0; a < 2; a++) {
    let axis = unit(Float64Array.from({ length: dim }, () => random.normal()));
    for (let step = 0; step < ITERATIONS; step++) {
      const next = new Float64Array(dim);
      for (const row of rows) {
        const weight = dot(row, axis) - dot(mean, axis);
        for (let k = 0; k < dim; k++) next[k] += weight * (row[k] - mean[k]);
      }
      for (const other of axes) {
        const shared = dot(next, other);
        for (let k = 0; k < dim; k++) next[k] -= shared * other[k];
      }
      axis = unit(next);
    }
    axes.push(axis);
  }
  return { mean, axes };
}

function unit(values: Float64Array): Float64Array {
  const length = Math.sqrt(dot(values, values));
  return length > 0 ? values.map((value) => value / length) : values;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < b.length; k++) sum += a[k] * b[k];
  return sum;
}
