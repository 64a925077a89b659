/**
 * The store at size: seconds of writing and of indexing, recall@10, queries a second of one caller and memory, of
 * an approximate index over many vectors, and of the exact search in 100,000; each in a process of its own. Queries
 * are items of the table.
 *
 *   node dist/bench/store.js [--rows N] [--exact-rows N] [--dim D] [--queries N] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { verifyStore } from '../src/store/verify.js';
import { memoryMb, writeMany } from './manyItems.js';

/** What one process measures. */
interface Measured {
  readonly rows: number;
  readonly writeSeconds: number;
  readonly indexSeconds: number;
  readonly recallAt10: number;
  readonly qps: number;
  readonly milliseconds: number;
  /** Largest resident memory: while writing and indexing, and in all. */
  readonly buildRssMb: number;
  readonly peakRssMb: number;
}

async function measure(rows: number, dim: number, queries: number): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'hier-bench-store-'));
  try {
    const { store, seconds } = await writeMany(join(folder, 'table'), rows, dim);
    const written = performance.now();
    await store.maintain();
    const built = performance.now();
    const buildRssMb = memoryMb('VmHWM');
    const { recallAt10, qps } = await verifyStore(store, { queries });
    await store.close();
    return {
      rows,
      writeSeconds: seconds,
      indexSeconds: (built - written) / 1000,
      recallAt10,
      qps,
      milliseconds: 1000 / qps,
      buildRssMb,
      peakRssMb: memoryMb('VmHWM'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
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
    for (const { rows, writeSeconds, indexSeconds, recallAt10, qps, milliseconds, ...memory } of results)
      process.stdout.write(
        `${rows} rows of ${values.dim}: written in ${writeSeconds.toFixed(1)} s, indexed in ${indexSeconds.toFixed(1)} s, ` +
          `recall@10 ${recallAt10.toFixed(4)}, ${qps.toFixed(0)} queries/s (${milliseconds.toFixed(1)} ms), ${memory.buildRssMb} MB at most to build and ${memory.peakRssMb} in all (load ${load.toFixed(1)})\n`,
      );
}
