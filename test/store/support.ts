/** Points, items and brute force for the tests of this folder. */
import { randomStream } from '../../src/random.js';
import type { Metric } from '../../src/retrieval/index.js';
import { nearestNeighbours } from '../../src/retrieval/index.js';
import type { Item } from '../../src/store/store.js';

/** How {@link clustered} draws. */
export interface CloudOptions {
  readonly rows: number;
  readonly dim: number;
  readonly c?: number;
  /** Usual length of the tangent vectors. */
  readonly radius?: number;
  readonly seed?: number;
  readonly clusters?: number;
}

/** Points of the ball in clusters, radii between half and one and a half times the usual, `[rows, dim]`. */
export function clustered({
  rows,
  dim,
  c = 0.1,
  radius = 1.7,
  seed = 1,
  clusters = 20,
}: CloudOptions): Float32Array {
  const random = randomStream(seed, 'clusters');
  const centres = Array.from({ length: clusters }, () => Array.from({ length: dim }, () => random.normal()));
  const values = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++) {
    const centre = centres[random.integer(clusters)];
    const scale = (radius * (0.5 + random.uniform())) / Math.sqrt(1.5 * dim);
    const tangent = centre.map((value) => scale * (value + 0.7 * random.normal()));
    const length = Math.hypot(...tangent);
    const factor = Math.tanh(Math.sqrt(c) * Math.min(length, 2.3)) / (Math.sqrt(c) * length);
    values.set(
      tangent.map((value) => factor * value),
      row * dim,
    );
  }
  return values;
}

/** Row `i` of a matrix. */
export const rowOf = (values: Float32Array, dim: number, i: number) => values.slice(i * dim, (i + 1) * dim);

/** An item with usual facts. */
export function item(id: string, vector: Float32Array, facts: Partial<Item> = {}): Item {
  return {
    id,
    vector,
    path: null,
    label: null,
    node: null,
    place: null,
    metadata: {},
    hash: `hash of ${id}`,
    thumbnail: null,
    ...facts,
  };
}

/** Exact nearest rows of a gallery, one list a query. */
export async function bruteForce(
  queries: Float32Array,
  gallery: Float32Array,
  { dim, k, metric, c }: { dim: number; k: number; metric: Metric; c: number },
): Promise<{ rows: number[]; distances: number[] }[]> {
  const found = await nearestNeighbours({
    queries,
    gallery,
    dim,
    k,
    metric,
    curvature: c,
    excludeSelf: false,
  });
  return Array.from({ length: queries.length / dim }, (_, i) => ({
    rows: [...found.indices.subarray(i * found.k, (i + 1) * found.k)],
    distances: [...found.distances.subarray(i * found.k, (i + 1) * found.k)],
  }));
}
