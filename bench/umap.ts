/**
 * UMAP into the hyperbolic plane beside Euclidean umap-js on the same points of the ball: time, and how many of
 * a point's true nearest neighbours (by hyperbolic distance) are its nearest in the picture, each picture
 * measured by its own distance. Both get the same number of neighbours and epochs.
 *
 *   node dist/bench/umap.js [--points N] [--dim D] [--neighbours K] [--npy FILE] [--ours-only] [--json]
 */
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { UMAP } from 'umap-js';
import { toBall } from '../src/geometry/numbers.js';
import { readNpy } from '../src/io/npy.js';
import { randomStream } from '../src/random.js';
import { nearestNeighbours } from '../src/retrieval/index.js';
import { planeDistance } from '../src/umap/hyperboloid.js';
import { hyperbolicUmap } from '../src/umap/umap.js';

const CURVATURE = 0.1;
const MEASURED = [5, 15, 30];
const QUERIES = 1000;

/** A tree of three levels (8 × 8 × 12 classes), clipped to the sphere that training clips to. */
function makeData(count: number, dim: number): Float32Array {
  const random = randomStream(2, 'umap benchmark');
  const points = new Float32Array(count * dim);
  const around = (centre: readonly number[], size: number) => centre.map((x) => x + size * random.normal());
  const zero = new Array<number>(dim).fill(0);
  const classes = Array.from({ length: 8 }, () => around(zero, 1)).flatMap((top) =>
    Array.from({ length: 8 }, () => around(top, 0.7)).flatMap((middle) =>
      Array.from({ length: 12 }, () => around(middle, 0.5)),
    ),
  );
  for (let row = 0; row < count; row++) {
    const tangent = around(classes[row % classes.length], 0.4).map((x) => (4 * x) / Math.sqrt(dim));
    points.set(toBall(tangent, { c: CURVATURE, clipRadius: 2.3 }), row * dim);
  }
  return points;
}

type Distance = (i: number, j: number) => number;

/** Share of the k true neighbours among the k nearest in the picture, for each k of MEASURED. */
function neighbourRecall(
  count: number,
  truth: { k: number; indices: Int32Array },
  between: Distance,
): number[] {
  const every = Math.max(1, Math.floor(count / QUERIES));
  const found = MEASURED.map(() => 0);
  let queries = 0;
  for (let i = 0; i < count; i += every, queries++) {
    const order = Array.from({ length: count }, (_, j) => ({
      j,
      d: j === i ? Number.POSITIVE_INFINITY : between(i, j),
    }));
    order.sort((a, b) => a.d - b.d);
    MEASURED.forEach((k, at) => {
      const nearest = new Set(order.slice(0, k).map(({ j }) => j));
      for (let place = 0; place < k; place++)
        if (nearest.has(truth.indices[i * truth.k + place])) found[at] += 1 / k;
    });
  }
  return found.map((sum) => sum / queries);
}

const { values: given } = parseArgs({
  options: {
    points: { type: 'string', default: '12000' },
    dim: { type: 'string', default: '128' },
    neighbours: { type: 'string', default: '15' },
    npy: { type: 'string' },
    'ours-only': { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const file = given.npy === undefined ? undefined : readNpy(given.npy);
const dim = file ? file.shape[1] : Number(given.dim);
const points = file ? Float32Array.from(file.data) : makeData(Number(given.points), dim);
const count = points.length / dim;
const neighbours = Number(given.neighbours);
const truth = await nearestNeighbours({
  queries: points,
  dim,
  k: 30,
  metric: 'hyperbolic',
  curvature: CURVATURE,
});

/** Runs a piece of work; returns its seconds by the clock and on all processors together. */
async function timed<T>(work: () => T | Promise<T>): Promise<{ result: T; seconds: number; cpu: number }> {
  const [started, used] = [performance.now(), process.cpuUsage()];
  const result = await work();
  const { user, system } = process.cpuUsage(used);
  return { result, seconds: (performance.now() - started) / 1000, cpu: (user + system) / 1e6 };
}

const rows: { name: string; seconds: number; cpu: number; recall: number[] }[] = [];
const { result: ours, ...cost } = await timed(() =>
  hyperbolicUmap({ points, dim, curvature: CURVATURE, neighbours }),
);
const { places } = ours;
const at = (i: number) => [places[2 * i], places[2 * i + 1]] as const;
rows.push({
  name: 'hier, hyperbolic plane',
  ...cost,
  recall: neighbourRecall(count, truth, (i, j) => planeDistance(at(i), at(j))),
});
if (!given['ours-only']) {
  const random = randomStream(2, 'umap-js');
  const data = Array.from({ length: count }, (_, i) => Array.from(points.subarray(i * dim, (i + 1) * dim)));
  const umap = new UMAP({ nNeighbors: neighbours, minDist: 0.1, random: () => random.uniform() });
  const { result: flat, ...theirs } = await timed(() => umap.fit(data));
  const between: Distance = (i, j) => Math.hypot(flat[i][0] - flat[j][0], flat[i][1] - flat[j][1]);
  rows.push({ name: 'umap-js, Euclidean plane', ...theirs, recall: neighbourRecall(count, truth, between) });
}
const result = {
  points: count,
  dim,
  neighbours,
  cpu: cpus()[0].model,
  cores: cpus().length,
  load: loadavg()[0],
  rows,
};
if (given.json) console.log(JSON.stringify(result, null, 2));
else {
  console.log(
    `${count} points, ${dim} numbers each, ${neighbours} neighbours; ${result.cores} × ${result.cpu}, load ${result.load.toFixed(1)}`,
  );
  for (const { name, seconds, cpu, recall } of rows)
    console.log(
      `${name.padEnd(26)} ${seconds.toFixed(1).padStart(7)} s (${cpu.toFixed(1)} s of processor)   neighbour recall ${recall.map((r, i) => `@${MEASURED[i]} ${(100 * r).toFixed(1)} %`).join('  ')}`,
    );
}
