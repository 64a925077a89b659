/**
 * The store at size: build seconds, recall@10 and queries a second of an approximate index over many vectors, and
 * milliseconds of an exact search over 100,000, each in a process of its own. Points are clustered over five levels
 * with radii on both sides of the clip radius; queries are items of the table.
 *
 *   node dist/bench/store.js [--rows N] [--exact-rows N] [--dim D] [--queries N] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { randomStream } from '../src/random.js';
import { createTable } from '../src/store/open.js';
import { fitSpace } from '../src/store/space.js';
import type { Item } from '../src/store/store.js';
import { verifyStore } from '../src/store/verify.js';

const CURVATURE = 0.1;
const CLIP = 2.3;
const LEVELS = [10, 10, 8, 8, 5];
const BATCH = 20_000;

/** What one process measures. */
interface Measured {
  readonly rows: number;
  readonly writeSeconds: number;
  readonly indexSeconds: number;
  readonly recallAt10: number;
  readonly qps: number;
  readonly milliseconds: number;
  readonly peakRssMb: number;
}

/** Points of the ball in a tree of clusters. */
function makePoints(rows: number, dim: number): Float32Array {
  const random = randomStream(1, 'store benchmark');
  const decay = Float64Array.from({ length: dim }, (_, k) => (k + 1) ** -0.5);
  const draw = (scale: number) => Float64Array.from(decay, (value) => scale * value * random.normal());
  let centres = [new Float64Array(dim)];
  LEVELS.forEach((children, level) => {
    centres = centres.flatMap((centre) =>
      Array.from({ length: children }, () => draw(0.7 ** level).map((value, k) => value + centre[k])),
    );
  });
  const values = new Float32Array(rows * dim);
  for (let row = 0; row < rows; row++) {
    const centre = centres[random.integer(centres.length)];
    const tangent = draw(0.7 ** LEVELS.length).map((value, k) => value + centre[k]);
    const length = Math.hypot(...tangent);
    const radius = Math.min(CLIP, Math.max(0.25, 1.7 + 0.45 * random.normal()));
    const factor = Math.tanh(Math.sqrt(CURVATURE) * radius) / (Math.sqrt(CURVATURE) * length);
    for (let k = 0; k < dim; k++) values[row * dim + k] = factor * tangent[k];
  }
  return values;
}

async function measure(rows: number, dim: number, queries: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'hier-bench-store-'));
  try {
    const vectors = makePoints(rows, dim);
    const started = performance.now();
    const space = fitSpace({ vectors, dim, metric: 'hyperbolic', curvature: CURVATURE, clipRadius: CLIP });
    const store = await createTable(join(folder, 'table'), { space });
    for (let start = 0; start < rows; start += BATCH) {
      const count = Math.min(BATCH, rows - start);
      const items = Array.from({ length: count }, (_, i) => itemAt(vectors, dim, start + i));
      await store.write(items, { allNew: true });
    }
    const written = performance.now();
    await store.maintain();
    const built = performance.now();
    const { recallAt10, qps } = await verifyStore(store, { queries });
    await store.close();
    return {
      rows,
      writeSeconds: (written - started) / 1000,
      indexSeconds: (built - written) / 1000,
      recallAt10,
      qps,
      milliseconds: 1000 / qps,
      peakRssMb: peakRss(),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function itemAt(vectors: Float32Array, dim: number, row: number): Item {
  return {
    id: `item-${row}`,
    vector: vectors.subarray(row * dim, (row + 1) * dim),
    path: `/photos/${row}.jpg`,
    label: `class ${row % 1000}`,
    node: `n${row % 500}`,
    place: null,
    metadata: {},
    hash: String(row),
    thumbnail: null,
  };
}

/** Largest resident memory of this process so far, MB; the vectors in memory are part of it. */
function peakRss(): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024);
  } catch {
    return Math.round(process.resourceUsage().maxRSS / 1024);
  }
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'exact-rows': { type: 'string', default: '100000' },
    dim: { type: 'string', default: '128' },
    queries: { type: 'string', default: '200' },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
if (values.alone) {
  const result = await measure(Number(values.rows), Number(values.dim), Number(values.queries));
  process.stdout.write(JSON.stringify(result));
} else {
  const load = loadavg()[0];
  const results = [values.rows, values['exact-rows']].map((rows): Measured => {
    const words = ['--alone', '--rows', rows, '--dim', values.dim, '--queries', values.queries];
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(child.stdout) as Measured;
  });
  const machine = { cpu: cpus()[0].model, cores: cpus().length, load };
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
  else
    for (const { rows, writeSeconds, indexSeconds, recallAt10, qps, milliseconds, peakRssMb } of results)
      process.stdout.write(
        `${rows} rows of ${values.dim}: written in ${writeSeconds.toFixed(1)} s, indexed in ${indexSeconds.toFixed(1)} s, ` +
          `recall@10 ${recallAt10.toFixed(4)}, ${qps.toFixed(0)} queries/s (${milliseconds.toFixed(1)} ms), ${peakRssMb} MB at most (load ${load.toFixed(1)})\n`,
      );
}
