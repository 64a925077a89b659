/**
 * Tries damaged files of every format that hier reads, and holds that each is read or refused with an error for users, in
 * no more than 5 seconds and with bounded memory. `npm run fuzz -- --seconds 60`, and `--help` for the rest.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { TARGETS } from './targets/index.js';
import type { Answer, Ask, Setup } from './worker.js';

const USAGE = `npm run fuzz -- [--seconds N] [--seed S] [--format F] [--mutant M]
  --seconds N  how long, default 60
  --seed S     which mutants, a whole number, default 1; the same are tried again with the same seed
  --format F   of one format only: ${TARGETS.map(({ format }) => format).join(', ')}
  --mutant M   this one mutant of a format, to see a failure again`;

/** Longest that a mutant may take, ms of a processor. */
const LIMIT = 5000;
/** Longest that it may take by the clock, on a machine that is busy, ms. */
const CLOCK_LIMIT = 30_000;
/** Most memory of the process, bytes. */
const MEMORY = 1.5 * 2 ** 30;
/** Time for a format before the next has its turn, ms. */
const TURN = 250;
/** Failures of a format that are shown. */
const SHOWN = 3;

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
    mutant: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const [seconds, seed] = [Number(values.seconds), Number(values.seed)];
const targets = TARGETS.filter(({ format }) => values.format === undefined || format === values.format);
if (values.help || targets.length === 0 || !(seconds > 0) || !Number.isSafeInteger(seed)) {
  process.stdout.write(`${USAGE}\n`);
  process.exit(values.help ? 0 : 2);
}

// Memory where the system has a folder in it: a disk would take most of the time.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'hier-fuzz-'));
const state = new SharedArrayBuffer(16);
const now = new Float64Array(state);
let worker = start();

function start(): Worker {
  const setup: Setup = { seed, folder, state };
  now.fill(0);
  return new Worker(new URL('./worker.js', import.meta.url), {
    workerData: setup,
    resourceLimits: { maxOldGenerationSizeMb: 1024 },
  });
}

/** Has the thread do something; when it does not come back, it is ended, and the mutant is the failure. */
function ask(request: Ask): Promise<Answer> {
  return new Promise((resolve) => {
    let watched = { at: 0, cpu: process.cpuUsage() };
    const timer = setInterval(() => {
      const at = now[1];
      if (at !== watched.at) watched = { at, cpu: process.cpuUsage() };
      const { user, system } = process.cpuUsage(watched.cpu);
      const elapsed = at === 0 ? 0 : performance.timeOrigin + performance.now() - at;
      if (elapsed > CLOCK_LIMIT || (elapsed > LIMIT && (user + system) / 1000 > LIMIT))
        stop(`it takes more than ${LIMIT / 1000} s`);
      else if (process.memoryUsage.rss() > MEMORY)
        stop(`it takes ${Math.round(process.memoryUsage.rss() / 2 ** 20)} MiB of memory`);
    }, 100);
    const current = worker;
    const leave = () => {
      clearInterval(timer);
      current.off('message', finish).off('error', died);
    };
    const finish = (answer: Answer) => {
      leave();
      resolve(answer);
    };
    const stop = (error: string) => {
      leave();
      current.on('error', () => undefined); // it is being ended
      const number = now[0];
      void current.terminate().then(() => {
        worker = start();
        resolve({
          ...request,
          next: number + 1,
          sound: 0,
          failures: [{ format: request.format, number, error }],
        });
      });
    };
    const died = (error: Error) => stop(`it ended the thread: ${error.stack ?? error}`);
    current.on('message', finish).on('error', died);
    worker.postMessage(request);
  });
}

const tally = new Map(targets.map(({ format }) => [format, { tried: 0, sound: 0, failed: 0, ms: 0 }]));

async function turn(request: Ask): Promise<void> {
  const began = performance.now();
  const answer = await ask(request);
  const counts = tally.get(request.format)!;
  counts.tried += answer.next - request.from;
  counts.sound += answer.sound;
  counts.ms += performance.now() - began;
  for (const { format, number, error } of answer.failures)
    if (counts.failed++ < SHOWN)
      process.stdout.write(
        `\n${format}: ${error}\n  again: npm run fuzz -- --seed ${seed} --format ${format} --mutant ${number}\n`,
      );
}

if (values.mutant !== undefined)
  await turn({ format: targets[0].format, from: Number(values.mutant), count: 1 });
else {
  const end = performance.now() + 1000 * seconds;
  for (let i = 0; performance.now() < end; i++) {
    const { format } = targets[i % targets.length];
    await turn({ format, from: tally.get(format)!.tried, forMs: TURN });
  }
}
await worker.terminate();
rmSync(folder, { recursive: true, force: true });

const row = (...cells: readonly (string | number)[]) =>
  process.stdout.write(
    `${cells.map((cell, i) => (i ? String(cell).padStart(10) : String(cell).padEnd(16))).join('')}\n`,
  );
const sum = (of: 'tried' | 'failed') => [...tally.values()].reduce((total, counts) => total + counts[of], 0);
process.stdout.write('\n');
row('format', 'mutants', 'read', 'failed', 'a second');
for (const [format, { tried, sound, failed, ms }] of tally)
  row(format, tried, sound, failed, ms > 0 ? Math.round((1000 * tried) / ms) : 0);
process.stdout.write(
  `\n${sum('tried').toLocaleString('en')} mutants with seed ${seed}: ${sum('failed') === 0 ? 'every one was read, or refused with an error for users' : `${sum('failed')} failed`}.\n`,
);
process.exitCode = sum('failed') === 0 ? 0 : 1;
