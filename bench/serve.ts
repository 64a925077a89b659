/**
 * The service under load: `hier serve` in a process of its own over a table of many rows, asked at a steady rate
 * whether or not it has answered, by vector and by id in turns. A time is counted from the moment when a request was
 * due. Printed are the times, what failed, and the memory of the server at the start, each minute and at the end.
 *
 *   node dist/bench/serve.js [--rows N] [--dim D] [--rate N] [--seconds N] [--table TABLE] [--hnsw] [--json]
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Item } from '../src/store/store.js';
import { manyItems, memoryMb, writeMany } from './manyItems.js';
import { serveTable } from './serveTable.js';

const WARM_UP = 3;
const TOP = 10;

/** What the load measured. */
interface Load {
  readonly requests: number;
  readonly failed: Readonly<Record<string, number>>;
  /** ms, of requests by vector and by id together. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly worst: number;
  readonly p99ByVector: number;
  readonly p99ById: number;
}

/** Resident memory of the server, MB. */
interface Memory {
  readonly samples: readonly { readonly second: number; readonly mb: number }[];
  /** Of a straight line through the second half of the samples, MB a minute. */
  readonly slope: number;
  readonly peak: number;
}

/** Asks `rate` times a second for `seconds`, whatever the answers take. */
async function load(url: string, items: readonly Item[], rate: number, seconds: number): Promise<Load> {
  const agent = new Agent({ keepAlive: true, timeout: 3000 }); // sooner than the server closes a connection at rest
  const times: { readonly ms: number; readonly byId: boolean }[] = [];
  const failed: Record<string, number> = {};
  const fail = (why: string) => {
    failed[why] = (failed[why] ?? 0) + 1;
  };
  const ask = (body: string, due: number, byId: boolean) =>
    new Promise<void>((resolve) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
      const asked = request(`${url}/api/search`, { method: 'POST', agent, headers }, (answer) => {
        let size = 0;
        answer.on('data', (chunk: Buffer) => {
          size += chunk.length;
        });
        answer.on('end', () => {
          if (answer.statusCode === 200 && size > 0) times.push({ ms: performance.now() - due, byId });
          else fail(`status ${answer.statusCode}`);
          resolve();
        });
      });
      asked.on('error', (error) => {
        fail(error.message);
        resolve();
      });
      asked.end(body);
    });
  const started = performance.now();
  const pending: Promise<void>[] = [];
  const requests = Math.round(rate * seconds);
  for (let i = 0; i < requests; i++) {
    const due = started + (1000 * i) / rate;
    const wait = due - performance.now();
    if (wait > 0) await delay(wait);
    const { id, vector } = items[(i * 7919) % items.length];
    const byId = i % 2 === 1;
    const query = byId ? { id } : { vector: [...vector] };
    pending.push(ask(JSON.stringify({ ...query, k: TOP }), due, byId));
  }
  await Promise.all(pending);
  agent.destroy();
  const quantile = (share: number, of = times) => {
    const sorted = of.map(({ ms }) => ms).sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
  };
  return {
    requests,
    failed,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    worst: quantile(1),
    p99ByVector: quantile(
      0.99,
      times.filter(({ byId }) => !byId),
    ),
    p99ById: quantile(
      0.99,
      times.filter(({ byId }) => byId),
    ),
  };
}

/** Samples the memory of a process until stopped. */
function watch(pid: number): () => Memory {
  const started = performance.now();
  const all: { second: number; mb: number }[] = [];
  const take = () =>
    all.push({ second: Math.round((performance.now() - started) / 1000), mb: memoryMb('VmRSS', pid) });
  take();
  const timer = setInterval(take, 5000);
  return () => {
    clearInterval(timer);
    take();
    const half = all.slice(all.length >> 1);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const [x, y] = [mean(half.map(({ second }) => second)), mean(half.map(({ mb }) => mb))];
    const square = half.reduce((sum, { second }) => sum + (second - x) ** 2, 0);
    const slope = (60 * half.reduce((sum, { second, mb }) => sum + (second - x) * (mb - y), 0)) / square;
    const samples = all.filter(({ second }, i) => i === 0 || i === all.length - 1 || second % 60 < 5);
    return { samples, slope, peak: memoryMb('VmHWM', pid) };
  };
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    dim: { type: 'string', default: '128' },
    rate: { type: 'string', default: '50' },
    seconds: { type: 'string', default: '60' },
    table: { type: 'string' },
    hnsw: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});
const [rows, dim, rate, seconds] = [values.rows, values.dim, values.rate, values.seconds].map(Number);
const folder = mkdtempSync(join(tmpdir(), 'hier-bench-serve-'));
try {
  const table = values.table ?? join(folder, 'table');
  if (!existsSync(table)) {
    const { store } = await writeMany(table, rows, dim);
    await store.maintain({ hnsw: values.hnsw || undefined });
    await store.close();
  }
  const items: Item[] = manyItems(Math.min(rows, 20_000), dim).next().value!;
  const started = performance.now();
  const { child, url } = await serveTable(table);
  const startSeconds = (performance.now() - started) / 1000;
  const before = loadavg()[0];
  await load(url, items, rate, WARM_UP);
  const stop = watch(child.pid!);
  const times = await load(url, items, rate, seconds);
  const memory = stop();
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.removeAllListeners('exit');
  child.kill('SIGTERM');
  await ended;
  const machine = { cpu: cpus()[0].model, cores: cpus().length, load: [before, loadavg()[0]] };
  if (values.json)
    process.stdout.write(
      `${JSON.stringify({ machine, rows, rate, seconds, startSeconds, ...times, memory }, null, 2)}\n`,
    );
  else {
    const ms = (value: number) => value.toFixed(1);
    const line = memory.samples.map(({ second, mb }) => `${second} s ${mb}`).join(', ');
    process.stdout.write(
      `${rows} rows, ${rate} requests/s for ${seconds} s, half by vector and half by id; started in ${startSeconds.toFixed(1)} s\n` +
        `p50 ${ms(times.p50)} ms, p95 ${ms(times.p95)}, p99 ${ms(times.p99)} (by vector ${ms(times.p99ByVector)}, by id ${ms(times.p99ById)}), worst ${ms(times.worst)}\n` +
        `failed: ${JSON.stringify(times.failed)} of ${times.requests}\n` +
        `memory of the server, MB: ${line}; ${memory.slope.toFixed(1)} a minute over the second half, ${memory.peak} at most (load ${machine.load.map((one) => one.toFixed(1)).join(' to ')})\n`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
