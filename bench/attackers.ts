/**
 * Attacks on a service, each in a thread of its own so that what is measured beside it is not held up by it. An attack goes
 * on until it is told to stop. The same file is the thread.
 */
import { realpathSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { getPriority, setPriority } from 'node:os';
import { basename } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import sharp from 'sharp';
import { itemId, nodeId } from './attackTable.js';

const JSON_TYPE = { 'content-type': 'application/json' };
const MEBI = 2 ** 20;

/** What an attack does over and over, by name. It counts what it sends. */
const ATTACKS: Readonly<
  Record<string, (url: string, sent: () => void, isOver: () => boolean) => Promise<void>>
> = {
  async 'slow bodies and headers'(url, sent, isOver) {
    const { port } = new URL(url);
    const heads = [
      `POST /api/search HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
      `POST /api/search/image HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 5000000\r\n\r\nx`,
      'GET /api/items HTTP/1.1\r\nHost: loc',
    ];
    const open = new Set<Socket>();
    for (let i = 0; !isOver(); i++) {
      while (open.size < 240) {
        const socket = connect(Number(port), '127.0.0.1');
        open.add(socket);
        socket.on('error', () => undefined).on('close', () => open.delete(socket));
        socket.write(heads[(i + open.size) % heads.length]);
        sent();
      }
      await delay(20);
    }
    for (const socket of open) socket.destroy();
  },

  async 'huge and deep JSON'(url, sent, isOver) {
    const bodies = [
      '['.repeat(20 * MEBI),
      '['.repeat(MEBI - 1),
      `{"vector":[${'"a",'.repeat(MEBI / 4 - 10)}"a"]}`,
      `{"filter":${'{"a":'.repeat(MEBI / 6)}`,
      `{${Array.from({ length: 50_000 }, (_, i) => `"key${i}":1`).join()}}`,
    ];
    await many(4, isOver, async (i) => {
      sent();
      await post(`${url}/api/search`, bodies[i % bodies.length], JSON_TYPE);
    });
  },

  async 'long texts and near names'(url, sent, isOver) {
    const texts = ['x'.repeat(10_000), 'node-'.repeat(200), 'node-1x', 'n'.repeat(60), 'a\0b'];
    await many(8, isOver, async (i) => {
      sent();
      await post(
        `${url}/api/search`,
        JSON.stringify({ id: itemId(i % 1000), within: texts[i % 5] }),
        JSON_TYPE,
      );
    });
  },

  async 'uploads that are cut'(url, sent, isOver) {
    const half = Buffer.alloc(2 * MEBI, 'x');
    await many(16, isOver, async () => {
      sent();
      await new Promise<void>((resolve) => {
        const { port } = new URL(url);
        const socket = connect(Number(port), '127.0.0.1', () => {
          socket.write(
            `POST /api/search/image HTTP/1.1\r\nHost: localhost:${port}\r\nContent-Length: 5000000\r\n\r\n`,
          );
          socket.write(half, () => socket.destroy());
        });
        socket.on('error', () => undefined).on('close', () => resolve());
      });
    });
  },

  async 'dear images'(url, sent, isOver) {
    const black = (width: number, height: number) =>
      sharp({ create: { width, height, channels: 3, background: '#000' }, limitInputPixels: false })
        .png()
        .toBuffer();
    const images = [
      await black(6000, 6000),
      await black(1, 1_000_000),
      await black(20_000, 20),
      await black(8000, 8000),
    ];
    await many(16, isOver, async (i) => {
      sent();
      await post(`${url}/api/search/image`, images[i % images.length], {}, i % 2 === 0 ? 200 : 20_000);
    });
  },

  async 'thumbnails in thousands'(url, sent, isOver) {
    await many(3000, isOver, async (i) => {
      sent();
      await get(`${url}/api/thumbnail?id=${itemId(i % 10_000)}`);
    });
  },

  async 'lists, trees and groups'(url, sent, isOver) {
    await many(16, isOver, async (i) => {
      sent();
      if (i % 4 === 0) await get(`${url}/api/items?offset=${i % 9000}&limit=1000`);
      else if (i % 4 === 1) await get(`${url}/api/tree`);
      else if (i % 4 === 2) await get(`${url}/api/points`);
      else {
        const question = { id: itemId(19_000), k: 1000, within: nodeId(0), group: true };
        await post(`${url}/api/search`, JSON.stringify(question), JSON_TYPE);
      }
    });
  },
  async 'what is not there, and metrics'(url, sent, isOver) {
    const paths = ['/api/nothing', '/nothing', '/metrics', '/api/nothing?a=1&a=2', `/${'x'.repeat(8000)}`];
    const agents = Array.from({ length: 64 }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    await many(64, isOver, async (i) => {
      sent();
      await get(`${url}${paths[i % paths.length]}`, agents[i % agents.length]);
    });
    for (const agent of agents) agent.destroy();
  },
};

/** Names of the attacks. */
export const ATTACK_NAMES: readonly string[] = Object.keys(ATTACKS);

/** Attacks a service for some milliseconds, with a priority lower by `nice`; answers how many requests were sent. */
export function attack(
  url: string,
  name: string,
  { ms, nice = 0 }: { readonly ms: number; readonly nice?: number },
): Promise<number> {
  const worker = new Worker(new URL(import.meta.url), { workerData: { url, name, ms, nice } });
  return new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
}

/** Does something over and over, several at a time. */
async function many(
  atOnce: number,
  isOver: () => boolean,
  work: (i: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const one = async () => {
    while (!isOver()) await work(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

function exchange(
  url: string,
  options: { method: string; headers: Record<string, string | number> },
  body: string | Buffer | undefined,
  patience: number,
  agent: Agent | false = false,
): Promise<void> {
  return new Promise((resolve) => {
    const sent = request(url, { ...options, agent }, (answer) => answer.resume());
    const timer = setTimeout(() => sent.destroy(), patience);
    sent
      .on('error', () => undefined)
      .on('close', () => {
        clearTimeout(timer);
        resolve();
      });
    sent.end(body);
  });
}

const get = (url: string, agent?: Agent) =>
  exchange(url, { method: 'GET', headers: {} }, undefined, 30_000, agent);
const post = (url: string, body: string | Buffer, headers: Record<string, string>, patience = 30_000) =>
  exchange(
    url,
    { method: 'POST', headers: { ...headers, 'content-length': Buffer.byteLength(body) } },
    body,
    patience,
  );

if (!isMainThread && workerData?.name in ATTACKS) {
  const { url, name, ms, nice } = workerData as { url: string; name: string; ms: number; nice: number };
  if (nice > 0 && process.platform === 'linux')
    setPriority(Number(basename(realpathSync('/proc/thread-self'))), Math.min(19, getPriority() + nice));
  let end = Number.POSITIVE_INFINITY;
  let count = 0;
  const sent = () => {
    if (count++ === 0) end = performance.now() + ms; // what is sent has been made by then
  };
  await ATTACKS[name](url, sent, () => performance.now() > end);
  parentPort!.postMessage(count);
}
