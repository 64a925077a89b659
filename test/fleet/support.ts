/** Items with files, a network that is a formula, and a Redis server of its own for the tests of this folder. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { EmbeddedPart, EmbedShardOptions } from '../../src/fleet/embedShard.js';
import type { FragmentModel } from '../../src/fleet/fragment.js';
import type { ShardItem } from '../../src/fleet/shardInputs.js';

/** Numbers of an embedding. */
export const DIM = 4;

/** The space of {@link formula}. */
export const MODEL: FragmentModel = { name: 'formula', embeddingSize: DIM, curvature: 0.1, clipRadius: 2.3 };

/** Writes `count` small files, and lists them in an order that is not that of their ids. */
export function makeItems(folder: string, count: number, { write = true } = {}): ShardItem[] {
  mkdirSync(folder, { recursive: true });
  const items = Array.from({ length: count }, (_, i) => {
    const path = join(folder, `${i}.txt`);
    if (write) writeFileSync(path, `${i} ${'x'.repeat(i % 7)}`);
    return { id: `item ${i}`, path, label: i % 3 === 0 ? null : `class ${i % 3}` };
  });
  return items.reverse();
}

/** A point that follows from a file's text alone. */
export function pointOf(text: string): number[] {
  return Array.from({ length: DIM }, (_, k) =>
    Math.fround(Math.sin((k + 1) * (Number.parseInt(text, 10) + 0.1 * text.length))),
  );
}

/** Embeds files by {@link pointOf}; a file that says `bad` cannot be read. */
export async function formula(paths: readonly string[]): Promise<EmbeddedPart> {
  const embeddings = new Float32Array(paths.length * DIM);
  const skipped: { index: number; reason: string }[] = [];
  paths.forEach((path, index) => {
    let text = 'bad';
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      // A missing file is as unreadable as a bad one.
    }
    if (text === 'bad') skipped.push({ index, reason: `${path} cannot be read.` });
    else embeddings.set(pointOf(text), index * DIM);
  });
  return { embeddings, skipped };
}

/** Usual options of a shard. */
export function shardOptions(
  items: readonly ShardItem[],
  index: number,
  count: number,
  out: string,
): EmbedShardOptions {
  return { items, shard: { index, count }, out, model: MODEL, modelHash: 'a'.repeat(64), embed: formula };
}

/** Why tests with a Redis server are left out; false where there is one. */
export const withoutRedis =
  spawnSync('redis-server', ['--version']).status === 0
    ? false
    : 'there is no redis-server here; install it with: apt-get install redis-server';

/** Starts a Redis server on a free port, which keeps nothing on disk. */
export async function startRedis(): Promise<{ url: string; stop: () => Promise<void> }> {
  const port = await freePort();
  const words = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => server.once('close', () => resolve()));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`redis-server left with ${code}`)));
    server.stdout.on('data', (text) => String(text).includes('Ready to accept') && resolve());
  });
  const stop = async () => {
    server.kill('SIGKILL');
    await ended;
  };
  return { url: `redis://127.0.0.1:${port}`, stop };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
