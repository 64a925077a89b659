/**
 * The store at size: seconds of writing and of indexing, recall@10, queries a second of one caller and memory, of
 * an approximate index over many vectors, and of the exact search in 100,000; each in a process of its own. Queries
 * are items of the table. Beside the approximate search stands the engine's own: the same index, LanceDB asked in turns
 * with ours for the codes nearest to other items, ids alone. With `--hnsw` the graph is made too, and measured as the index
 * was.
 *
 *   node dist/bench/store.js [--hnsw] [--rows N] [--exact-rows N] [--dim D] [--queries N] [--json]
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { connect } from '@lancedb/lancedb';
import { ITEMS } from '../src/engines/lance/lancePlace.js';
import { shortlist } from '../src/engines/lance/lanceProbes.js';
import { openTable } from '../src/engines/open.js';
import { queryRow } from '../src/store/space.js';
import { EXACT_ROWS, type Store } from '../src/store/store.js';
import { verifyStore } from '../src/store/verify.js';
import { manyItems, memoryMb, writeMany } from './manyItems.js';

/** What one process measures. */
interface Measured {
  readonly rows: number;
  readonly writeSeconds: number;
  readonly indexSeconds: number;
  readonly recallAt10: number;
  readonly qps: number;
  readonly milliseconds: number;
  /** Of a search of ours and of the engine alone, in turns; null where every row is looked at. */
  readonly besideEngine: { readonly ours: number; readonly engine: number } | null;
  /** Partitions that a search looks into; null where it looks at every row. */
  readonly probes: number | null;
  /** The graph, where it was asked for. */
  readonly hnsw: MeasuredGraph | null;
  /** Largest resident memory: while writing and indexing, and in all. */
  readonly buildRssMb: number;
  readonly peakRssMb: number;
}

/** What a process measures of an HNSW graph. */
interface MeasuredGraph {
  readonly seconds: number;
  readonly candidates: number;
  readonly recallAt10: number;
  readonly qps: number;
}

interface Wanted {
  readonly rows: number;
  readonly dim: number;
  readonly queries: number;
  readonly hnsw: boolean;
}

async function measure({ rows, dim, queries, hnsw }: Wanted): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'hier-bench-store-'));
  try {
    const table = join(folder, 'table');
    const { store, seconds } = await writeMany(table, rows, dim);
    const written = performance.now();
    const { probes } = await store.maintain();
    const built = performance.now();
    const buildRssMb = memoryMb('VmHWM');
    const { recallAt10, qps } = await verifyStore(store, { queries });
    const besideEngine = rows > EXACT_ROWS ? await inTurns(store, table, { rows, dim, queries }) : null;
    await store.close();
    const graph = hnsw && rows > EXACT_ROWS ? await measureGraph(table, queries) : null;
    return {
      rows,
      writeSeconds: seconds,
      indexSeconds: (built - written) / 1000,
      recallAt10,
      qps,
      milliseconds: 1000 / qps,
      besideEngine,
      probes,
      hnsw: graph,
      buildRssMb,
      peakRssMb: memoryMb('VmHWM'),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureGraph(table: string, queries: number): Promise<MeasuredGraph> {
  const store = await openTable(table);
  const started = performance.now();
  const { hnsw } = await store.maintain({ hnsw: true });
  const seconds = (performance.now() - started) / 1000;
  const { recallAt10, qps } = await verifyStore(store, { queries });
  await store.close();
  return { seconds, candidates: hnsw!.candidates, recallAt10, qps };
}

const TOP = 10;

/** Mean milliseconds of a search of ours and of LanceDB alone, in turns, neither with what the other has just read. */
async function inTurns(
  store: Store,
  folder: string,
  { rows, dim, queries }: { readonly rows: number; readonly dim: number; readonly queries: number },
) {
  const db = await connect(folder);
  const { probes } = await store.index();
  const table = await db.openTable(ITEMS);
  const [items] = manyItems(rows, dim);
  const vectors = items.slice(0, queries).map(({ vector }) => vector);
  const searches = {
    ours: (vector: Float32Array) => store.search(vector, { k: TOP }),
    engine: (vector: Float32Array) => {
      const row = queryRow(store.manifest.space, vector);
      return shortlist(table, row, { k: TOP, probes: probes! });
    },
  };
  const time = { ours: 0, engine: 0 };
  for (const counts of [false, true])
    for (const i of vectors.keys())
      for (const [name, at] of [
        ['ours', i],
        ['engine', (i + (queries >> 1)) % queries],
      ] as const) {
        const started = performance.now();
        await searches[name](vectors[at]);
        if (counts) time[name] += (performance.now() - started) / vectors.length;
      }
  table.close();
  db.close();
  return time;
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    'exact-rows': { type: 'string', default: '100000' },
    dim: { type: 'string', default: '128' },
    queries: { type: 'string', default: '200' },
    hnsw: { type: 'boolean', default: false },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
if (values.alone) {
  const [rows, dim, queries] = [values.rows, values.dim, values.queries].map(Number);
  const result = await measure({ rows, dim, queries, hnsw: values.hnsw });
  process.stdout.write(JSON.stringify(result));
} else {
  const load = loadavg()[0];
  const results = [values.rows, values['exact-rows']].map((rows): Measured => {
    const words = ['--alone', '--rows', rows, '--dim', values.dim, '--queries', values.queries];
    if (values.hnsw) words.push('--hnsw');
    const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), ...words], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    return JSON.parse(child.stdout) as Measured;
  });
  const machine = { cpu: cpus()[0].model, cores: cpus().length, load };
  if (values.json) process.stdout.write(`${JSON.stringify({ machine, results }, null, 2)}\n`);
  else
    for (const {
      rows,
      writeSeconds,
      indexSeconds,
      recallAt10,
      qps,
      besideEngine: turns,
      probes,
      hnsw,
      ...memory
    } of results)
      process.stdout.write(
        `${rows} rows of ${values.dim}: written in ${writeSeconds.toFixed(1)} s, indexed in ${indexSeconds.toFixed(1)} s` +
          `${probes ? `, ${probes} partitions a search` : ''}, ` +
          `recall@10 ${recallAt10.toFixed(4)}, ${qps.toFixed(0)} queries/s (${memory.milliseconds.toFixed(1)} ms), ${memory.buildRssMb} MB at most to build and ${memory.peakRssMb} in all (load ${load.toFixed(1)})\n` +
          (turns
            ? `  in turns: ${turns.ours.toFixed(1)} ms ours, ${turns.engine.toFixed(1)} ms the engine's search alone, ratio ${(turns.ours / turns.engine).toFixed(2)}\n`
            : '') +
          (hnsw
            ? `  graph: made in ${hnsw.seconds.toFixed(1)} s, ${hnsw.candidates} candidates a search, recall@10 ${hnsw.recallAt10.toFixed(4)}, ${hnsw.qps.toFixed(0)} queries/s\n`
            : ''),
      );
}
