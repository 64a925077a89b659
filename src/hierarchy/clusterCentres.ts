/** Centres of clusters of rows: where untrained ancestors stand, and where trained ones may begin. */

import { UsageError } from '../errors.js';
import { randomStream } from '../random.js';
import { nearestNeighbours } from '../retrieval/index.js';
import { type Rows, rowCount, takeRows } from '../rows.js';

/** Rounds of assigning and averaging. */
const ROUNDS = 6;

/**
 * Centres of `count` clusters of rows by Lloyd's algorithm from random rows, `[count, dim]`. A cluster that
 * loses all its rows keeps its centre.
 *
 * @throws UsageError when there are fewer rows than clusters
 */
export async function clusterCentres(
  rows: Rows,
  { count, seed = 0 }: { readonly count: number; readonly seed?: number },
): Promise<Float32Array> {
  const { values, dim } = rows;
  const total = rowCount(rows);
  if (total < count)
    throw new UsageError(`${count} clusters of ${total} rows were asked for. Ask for ${total} at most.`);
  const centres = takeRows(rows, randomStream(seed, 'cluster centres').choose(total, count)).values;
  for (let round = 0; round < ROUNDS; round++) {
    const near = await nearestNeighbours({
      queries: values,
      gallery: centres,
      dim,
      k: 1,
      metric: 'euclidean',
    });
    const sums = new Float64Array(count * dim);
    const sizes = new Int32Array(count);
    near.indices.forEach((centre, row) => {
      sizes[centre]++;
      for (let i = 0; i < dim; i++) sums[centre * dim + i] += values[row * dim + i];
    });
    sizes.forEach((size, k) => {
      if (size > 0) for (let i = k * dim; i < (k + 1) * dim; i++) centres[i] = sums[i] / size;
    });
  }
  return centres;
}
