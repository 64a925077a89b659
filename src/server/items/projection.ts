/**
 * Places in the unit disk for tables that come without a map: the vectors' tangents at the origin on their two
 * principal axes (power iteration), drawn together so that nearly all lie well inside. A stopgap that shows the
 * coarse structure; a map made for the purpose says more.
 */
import { logmap0 } from '../../geometry/numbers.js';
import { randomStream } from '../../random.js';
import { idIndex } from '../../store/idIndex.js';
import type { Store } from '../../store/store.js';
import { inPieces } from '../../turns.js';

/** Most vectors that the axes are computed from. */
const SAMPLE = 5000;
const ITERATIONS = 40;
/** Rows that are looked at in one go. */
const AT_ONCE = 512;
/** The place on the disk's radius of a point at the usual far end of an axis. */
const REACH = 0.9;

/** Places of the items of a table, `[N, 2]` in the order of their ids; the origin for one that is gone meanwhile. */
export async function projectToDisk(store: Store, ids: readonly string[]): Promise<Float32Array> {
  const { metric, curvature, dim } = store.manifest.space;
  const isCurved = metric === 'hyperbolic' && curvature > 0;
  const every = Math.max(1, Math.floor(ids.length / SAMPLE));
  const sample: ArrayLike<number>[] = [];
  let seen = 0;
  for await (const batch of store.scan({ vectors: true }))
    for (const { vector } of batch)
      if (seen++ % every === 0) sample.push(isCurved ? logmap0(vector, curvature) : vector);
  const { mean, axes } = await principalAxes(sample, dim);
  const middle = axes.map((axis) => dot(mean, axis));
  /** The two coordinates of a vector whose tangent is `stretch` times as long. */
  const along = (values: ArrayLike<number>, stretch = 1) =>
    axes.map((axis, i) => stretch * dot(values, axis) - middle[i]);
  const stretchOf = (vector: Float32Array) => {
    const norm = isCurved ? Math.sqrt(dot(vector, vector)) : 0;
    return norm > 0 ? logmap0([norm], curvature)[0] / norm : 1;
  };
  const lengths = sample.map((values) => Math.hypot(...along(values))).sort((a, b) => a - b);
  const usual = lengths[Math.floor(0.95 * (lengths.length - 1))] || 1;
  const numberOf = idIndex(ids.length, (i) => ids[i]);
  const places = new Float32Array(2 * ids.length);
  for await (const batch of store.scan({ vectors: true }))
    for (const { id, vector } of batch) {
      const [x, y] = along(vector, stretchOf(vector));
      const length = Math.hypot(x, y);
      const factor = length > 0 ? Math.tanh((Math.atanh(REACH) * length) / usual) / length : 0;
      const number = numberOf(id);
      if (number !== undefined) places.set([x * factor, y * factor], 2 * number);
    }
  return places;
}

/** Mean and two principal axes of rows; gives way to other work in between. */
async function principalAxes(rows: readonly ArrayLike<number>[], dim: number) {
  const mean = new Float64Array(dim);
  for (const row of rows) for (let k = 0; k < dim; k++) mean[k] += row[k] / rows.length;
  const random = randomStream(0, 'projection');
  const axes: Float64Array[] = [];
  const pause = inPieces('points');
  for (let a = 0; a < 2; a++) {
    let axis = unit(Float64Array.from({ length: dim }, () => random.normal()));
    for (let step = 0; step < ITERATIONS; step++) {
      const next = new Float64Array(dim);
      for (let from = 0; from < rows.length; from += AT_ONCE) {
        for (const row of rows.slice(from, from + AT_ONCE)) {
          const weight = dot(row, axis) - dot(mean, axis);
          for (let k = 0; k < dim; k++) next[k] += weight * (row[k] - mean[k]);
        }
        await pause();
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
