/**
 * The service under attack: `hier serve` in a process of its own over a table with a tree of 20,000 nodes, attacked in one
 * way after another, while `/api/health` and an ordinary search are asked at a steady rate. Printed is how long these
 * waited, counted from the moment when each was due, and beside it how the server's own thread fared: attackers and whoever
 * measures are on the same machine, and where that thread had no processor, a wait is not the server's. In the end the server
 * is told to stop under keep-alive clients, and printed is what became of their requests. Exit code 1 where a bar is missed.
 *
 *   node dist/bench/attack.js [--rows N] [--seconds N] [--only PART] [--nice N] [--json]
 *
 * With --nice attackers have a lower priority by N, as if they had processors of their own (Linux).
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { ATTACK_NAMES, attack } from './attackers.js';
import { itemId, makeAttackTable } from './attackTable.js';
import { memoryMb } from './manyItems.js';
import { type Fared, type Served, serveTable } from './serveTable.js';

/** What must hold at the 99th percentile, ms. */
const LIMITS = { health: 100, search: 1000 };
/** Between two requests that are measured, ms. */
const EVERY = 50;
const CLIENTS = 32;

interface Outcome {
  readonly ms: number;
  /** Status, or the code of what went wrong. */
  readonly status: number | string;
  readonly connection?: string | undefined;
}

/** Asks once. */
function ask(url: string, body: string | undefined, due: number, agent: Agent): Promise<Outcome> {
  const headers: Record<string, string | number> = body
    ? { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    : {};
  return new Promise((resolve) => {
    const end = (status: number | string, connection?: string) =>
      resolve({ ms: performance.now() - due, status, connection });
    request(url, { method: body ? 'POST' : 'GET', agent, headers }, (answer) => {
      answer.resume().on('end', () => end(answer.statusCode!, answer.headers.connection));
    })
      .on('error', ({ code = 'error' }: NodeJS.ErrnoException) => end(code))
      .end(body);
  });
}

const question = (i: number) => JSON.stringify({ id: itemId((i * 7919) % 10_000), k: 10 });

/** Times of health and of a search while something goes on. */
async function beside(url: string, work: Promise<number>) {
  const agent = new Agent({ keepAlive: true, timeout: 4000 });
  const asked: { health: Promise<Outcome>[]; search: Promise<Outcome>[] } = { health: [], search: [] };
  let isOver = false;
  const end = work.finally(() => {
    isOver = true;
  });
  const started = performance.now();
  const late: number[] = [];
  for (let i = 0; !isOver; i++) {
    const due = started + i * EVERY;
    await delay(Math.max(0, due - performance.now()));
    late.push(performance.now() - due);
    asked.health.push(ask(`${url}/api/health`, undefined, due, agent));
    asked.search.push(ask(`${url}/api/search`, question(i), due, agent));
  }
  const [sent, health, search] = await Promise.all([
    end,
    Promise.all(asked.health),
    Promise.all(asked.search),
  ]);
  agent.destroy();
  const askedLate = quantile(
    late.sort((a, b) => a - b),
    0.99,
  );
  return { sent, health: summary(health), search: summary(search), askedLate };
}

const quantile = (sorted: readonly number[], share: number) =>
  sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];

/** Quantiles of the times, and what did not succeed. */
function summary(outcomes: readonly Outcome[]) {
  const times = outcomes.map(({ ms }) => ms).sort((a, b) => a - b);
  const failed: Record<string, number> = {};
  for (const { status } of outcomes) if (status !== 200) failed[status] = (failed[status] ?? 0) + 1;
  return {
    count: times.length,
    p50: quantile(times, 0.5),
    p99: quantile(times, 0.99),
    worst: quantile(times, 1),
    failed,
  };
}

/** What was measured beside one attack. */
interface Phase extends Awaited<ReturnType<typeof beside>>, Fared {
  /** Of the server, MB. */
  readonly memory: number;
  readonly load: string;
}

/** Whether the bars hold, and all that was asked was answered. */
function isMet({ health, search }: Phase): boolean {
  const failed = Object.keys({ ...health.failed, ...search.failed }).length;
  return health.p99 <= LIMITS.health && search.p99 <= LIMITS.search && failed === 0;
}

/** What is printed of it. */
function lineOf(name: string, phase: Phase): string {
  const waits = ({ p50, p99, worst, failed }: ReturnType<typeof summary>, limit: number) =>
    `p50 ${p50.toFixed(0)}, p99 ${p99.toFixed(0)} of ${limit}, worst ${worst.toFixed(0)} ms${Object.keys(failed).length > 0 ? `, failed ${JSON.stringify(failed)}` : ''}`;
  const { sent, health, search, askedLate, loop, busy, starved, memory, load } = phase;
  const percent = (share: number) => `${(100 * share).toFixed(0)} %`;
  return [
    `${name}: ${sent} requests`,
    `health ${waits(health, LIMITS.health)}`,
    `search ${waits(search, LIMITS.search)}: ${isMet(phase) ? 'met' : 'MISSED'}`,
    `the server's loop late by p99 ${loop.p99.toFixed(0)}, worst ${loop.worst.toFixed(0)} ms; its thread at work ${percent(busy)}, without a processor ${percent(starved)}; whoever measures late by p99 ${askedLate.toFixed(0)} ms`,
    `memory ${memory} MB`,
    `load ${load}`,
  ].join('; ');
}

/** Stops the server under clients that ask without a pause on connections that they keep. */
async function shutdown({ child, url, log }: Served) {
  const all: { outcome: Outcome; isAfter: boolean }[] = [];
  let signalled = Number.POSITIVE_INFINITY;
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = client; ; i += CLIENTS) {
      const began = performance.now();
      const outcome = await ask(`${url}/api/search`, question(i), began, agent);
      all.push({ outcome, isAfter: began > signalled });
      if (typeof outcome.status === 'string') break;
    }
    agent.destroy();
  });
  await delay(2000);
  const ended = new Promise<number>((resolve) => child.once('close', () => resolve(performance.now())));
  child.removeAllListeners('exit');
  const before = log().length;
  signalled = performance.now();
  child.kill('SIGTERM');
  const seconds = ((await ended) - signalled) / 1000;
  await Promise.all(clients);
  const count = (test: (one: (typeof all)[number]) => boolean) => all.filter(test).length;
  const text = log().slice(before);
  return {
    seconds,
    requests: all.length,
    inFlightLost: count(({ outcome: { status }, isAfter }) => !isAfter && status !== 200 && status !== 503),
    reset: count(({ outcome: { status } }) => typeof status === 'string' && status !== 'ECONNREFUSED'),
    laterAnswered: count(({ outcome: { status }, isAfter }) => isAfter && status === 200),
    laterRefused: count(({ outcome: { status }, isAfter }) => isAfter && status === 503),
    keptOpen: count(
      ({ outcome: { status, connection }, isAfter }) =>
        isAfter && typeof status === 'number' && connection !== 'close',
    ),
    log: text.trim().split('\n').length - 1,
  };
}

const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '20000' },
    seconds: { type: 'string', default: '10' },
    only: { type: 'string', default: '' },
    nice: { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'hier-bench-attack-'));
const say = (text: string) => values.json || process.stdout.write(`${text}\n`);
const load = () => loadavg()[0].toFixed(1);
try {
  const table = await makeAttackTable(folder, Number(values.rows));
  const server = await serveTable(table);
  const ms = 1000 * Number(values.seconds);
  const nice = Number(values.nice);
  const phases: Record<string, Phase> = {};
  for (const name of ['nothing', ...ATTACK_NAMES]) {
    if (!name.includes(values.only) && name !== 'nothing') continue;
    const fared = server.observe();
    const quiet = () => delay(Math.min(ms, 5000)).then(() => 0);
    const times = await beside(
      server.url,
      name === 'nothing' ? quiet() : attack(server.url, name, { ms, nice }),
    );
    const memory = memoryMb('VmRSS', server.child.pid!);
    const phase = { ...times, ...(await fared()), memory, load: load() };
    phases[name] = phase;
    say(lineOf(name, phase));
  }
  const stopped = await shutdown(server);
  const isOrderly = stopped.seconds <= 10 && stopped.reset === 0 && stopped.inFlightLost === 0;
  say(
    `SIGTERM under ${CLIENTS} clients: ended in ${stopped.seconds.toFixed(1)} of 10 s; of ${stopped.requests} requests ${stopped.inFlightLost} in flight were lost, ${stopped.reset} reset; later ones: ${stopped.laterAnswered} answered, ${stopped.laterRefused} refused in words, ${stopped.keptOpen} on connections that stayed open: ${isOrderly ? 'met' : 'MISSED'}`,
  );
  const missed = Object.keys(phases).filter((name) => !isMet(phases[name]));
  const held = missed.length === 0;
  const machine = { cpu: cpus()[0].model, cores: cpus().length };
  say(
    `health ≤ ${LIMITS.health} ms and searches ≤ ${LIMITS.search} ms at the 99th percentile: ${held ? 'met' : `MISSED beside ${missed.join(', ')}`} (${machine.cores} cores)`,
  );
  if (values.json)
    process.stdout.write(`${JSON.stringify({ machine, phases, stopped, held, isOrderly }, null, 2)}\n`);
  if (!held || !isOrderly) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
