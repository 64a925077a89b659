/** The command `hier serve` in a process of its own, for benchmarks of the service. What is asked of it is for others. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../src/cli/main.js', import.meta.url));

/** A server that runs. */
export interface Served {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it has said so far. */
  log(): string;
}

/** Starts the server of a table; resolves with its address, and rejects when it ends before it has one. */
export function serveTable(table: string): Promise<Served> {
  const child = spawn(process.execPath, [CLI, 'serve', table, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return new Promise((resolve, reject) => {
    let text = '';
    const read = (chunk: Buffer) => {
      text += chunk.toString();
      const url = /http:\/\/[\d.]+:\d+/.exec(text)?.[0];
      if (url) resolve({ child, url, log: () => text });
    };
    child.stdout!.on('data', read);
    child.stderr!.on('data', read);
    child.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${text}`)));
  });
}
