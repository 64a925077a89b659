/**
 * Kills `hier index` at random moments, ten times, then lets it end: after each kill the table must open, hold whole
 * batches and no id twice, never fewer rows than before, and be searched; in the end it must hold exactly all. The
 * moments are drawn over the time that an undisturbed run takes, so that writing, merging of files and making of the
 * index are all hit.
 *
 *   node dist/bench/kills.js [--rows N] [--dim D] [--kills N] [--seed N] [--json]
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openTable } from '../src/engines/open.js';
import { writeNpy } from '../src/io/npy.js';
import { randomStream } from '../src/random.js';
import { EXACT_ROWS, type Store } from '../src/store/store.js';
import { manyItems } from './manyItems.js';

const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
/** Rows that the command writes at a time. */
const BATCH = 20_000;

/** Runs the command, killed after a number of milliseconds unless that is undefined; how it ended, and its last line. */
function index(
  source: string,
  out: string,
  after?: number,
): Promise<{ readonly signal: string | null; readonly code: number | null; readonly text: string }> {
  const words = ['index', source, '--curvature', '0.1', '--out', out, '--no-map', '--json'];
  const child = spawn(process.execPath, [CLI, ...words], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const timer = after === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((resolve) =>
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ signal, code, text: code === 0 ? text : errors });
    }),
  );
}

/** Rows of a table, checked: no id twice, and every vector asked for finds itself. */
async function check(store: Store, probes: readonly { id: string; vector: Float32Array }[]): Promise<number> {
  const seen = new Set<string>();
  let rows = 0;
  for await (const batch of store.scan())
    for (const { id } of batch) {
      seen.add(id);
      rows++;
    }
  if (seen.size !== rows) throw new Error(`${rows} rows, but ${seen.size} ids`);
  for (const { id, vector } of probes) {
    if (!seen.has(id)) continue;
    const [nearest] = await store.search(vector, { k: 1 });
    if (nearest.id !== id || nearest.distance !== 0) throw new Error(`${id} is not found: ${nearest.id}`);
  }
  return rows;
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '120000' },
    dim: { type: 'string', default: '128' },
    kills: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const [rows, dim, kills] = [values.rows, values.dim, values.kills].map(Number);
const random = randomStream(Number(values.seed), 'kills');
const folder = mkdtempSync(join(tmpdir(), 'hier-bench-kills-'));
try {
  const [source, out] = [join(folder, 'vectors.npy'), join(folder, 'table')];
  const data = new Float32Array(rows * dim);
  let filled = 0;
  const probes: { id: string; vector: Float32Array }[] = [];
  for (const items of manyItems(rows, dim)) {
    probes.push({ id: String(filled / dim), vector: items[0].vector });
    for (const { vector } of items) {
      data.set(vector, filled);
      filled += dim;
    }
  }
  writeNpy(source, { shape: [rows, dim], data });
  const started = performance.now();
  const whole = await index(source, join(folder, 'undisturbed'));
  const length = performance.now() - started;
  if (whole.code !== 0) throw new Error(whole.text);

  const rounds: { readonly killedAfterMs: number; readonly rows: number; readonly indexed: number }[] = [];
  let before = 0;
  while (rounds.length < kills) {
    const killedAfterMs = Math.round(length * (0.1 + 0.9 * random.uniform()));
    const { signal, code, text } = await index(source, out, killedAfterMs);
    if (signal !== 'SIGKILL') {
      if (code !== 0) throw new Error(text);
      // It came to its end: begin again, so that every kill counted is one.
      rmSync(out, { recursive: true });
      before = 0;
      continue;
    }
    const store = existsSync(join(out, 'items.lance')) ? await openTable(out) : null;
    const found = store ? await check(store, probes) : 0;
    const indexed = store ? (await store.index()).rows : 0;
    await store?.close();
    if (found < before || (found % BATCH !== 0 && found !== rows))
      throw new Error(`${found} rows after ${before}`);
    rounds.push({ killedAfterMs, rows: found, indexed });
    before = found;
  }
  const last = await index(source, out);
  if (last.code !== 0) throw new Error(last.text);
  const store = await openTable(out);
  const found = await check(store, probes);
  const { rows: indexed } = await store.index();
  await store.close();
  if (rows > EXACT_ROWS && indexed === 0) throw new Error('there is no index at the end');
  if (found !== rows) throw new Error(`${found} rows at the end, not ${rows}`);
  const { added, replaced, unchanged } = JSON.parse(last.text) as Record<string, number>;
  const result = {
    rows,
    undisturbedSeconds: length / 1000,
    rounds,
    final: { rows: found, indexed, added, replaced, unchanged },
  };
  if (values.json) process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  else {
    for (const round of rounds)
      process.stdout.write(
        `killed after ${round.killedAfterMs} ms: ${round.rows} rows, ${round.indexed} of them indexed\n`,
      );
    process.stdout.write(
      `then to the end: ${found} rows, ${indexed} indexed (${added} added, ${replaced} replaced, ${unchanged} unchanged)\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
