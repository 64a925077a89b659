/** The command `hier serve` in a process of its own, for benchmarks of the service. What is asked of it is for others. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { LoopDelay } from './loopDelay.js';

const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));
const LOOP_DELAY = new URL('./loopDelay.js', import.meta.url).href;

/** A server that runs. */
export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has said so far. */
  log(): string;
  /** Begins to look at how its own thread fares; what is given tells that. */
  observe(): () => Promise<Fared>;
}

/** How the server's own thread fared for a while. */
export interface Fared {
  readonly loop: LoopDelay;
  /** Share of the time in which it computed, and in which it had work and no processor; NaN where the system does not say. */
  readonly busy: number;
  readonly starved: number;
}

/** Starts the server of a table; resolves with its address, and rejects when it ends before it has one. */
export function serveTable(table: string): Promise<Served> {
  const child = spawn(process.execPath, ['--import', LOOP_DELAY, CLI, 'serve', table, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  child.channel!.unref();
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0];
      if (url) resolve({ child, url, log: () => text, observe: () => observe(child) });
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}

function observe(child: ChildProcess): () => Promise<Fared> {
  child.send('start');
  const started = performance.now();
  const before = scheduled(child.pid!);
  return async () => {
    const seconds = (performance.now() - started) / 1000;
    const after = scheduled(child.pid!);
    const told = once(child, 'message');
    child.send('tell');
    const [loop] = (await told) as [LoopDelay];
    return {
      loop,
      busy: (after.computing - before.computing) / seconds,
      starved: (after.waiting - before.waiting) / seconds,
    };
  };
}

/** Time in which the first thread of a process has computed, and in which it has waited for a processor, s (Linux). */
function scheduled(pid: number): { readonly computing: number; readonly waiting: number } {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8');
    const [computing, waiting] = text.split(' ').map((nanoseconds) => Number(nanoseconds) / 1e9);
    return { computing, waiting };
  } catch {
    return { computing: Number.NaN, waiting: Number.NaN };
  }
}
