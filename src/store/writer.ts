/**
 * Who may write to a table. In a folder one process at a time, by a lock file. On an object store several, when
 * it refuses to write over an object on request: LanceDB then sorts out their commits. On one that does not, a
 * single writer, who shows that it is there by a marker object.
 */
import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { mkdirSync, writeFault } from '../disk/index.js';
import { HierError } from '../errors.js';
import { acquireLock, whenGone } from '../io/lock.js';
import { type Objects, probeConditionalPut } from './objectStore.js';

/** Permission to write to a table. Give it back with `release()`. */
export interface Writer {
  /** Nobody else can write meanwhile. */
  readonly alone: boolean;
  /** Lets others write. */
  release(): Promise<void>;
}

/** Seconds after which a marker that is not renewed counts as that of a dead process. */
const EXPIRY = 60;
/** Seconds between renewals. */
const RENEWAL = 10;

/** Permission to write where the engine itself keeps several writers apart. */
export const anyWriter = async (): Promise<Writer> => ({ alone: false, release: async () => undefined });

/** Takes the lock of a table in a folder, making the folder. Throws HierError while another process holds it. */
export async function folderWriter(folder: string): Promise<Writer> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeFault(folder, error);
  }
  const path = join(folder, 'table.lock');
  const taken = acquireLock(path);
  if ('lock' in taken) return { alone: true, release: async () => taken.lock.release() };
  const { pid, host, since } = taken.holder;
  throw new HierError(
    `The table ${folder} is being written by process ${pid} on ${host} since ${since}. Wait for it, or end it.${whenGone(path, taken.holder)}`,
  );
}

/**
 * Permission to write to a table on an object store, after a probe of its conditional writes.
 * @throws HierError when the store fails the probe and another process is writing
 */
export async function objectsWriter(objects: Objects, uri: string, prefix: string): Promise<Writer> {
  if (await probeConditionalPut(objects, prefix)) return anyWriter();
  const folder = `${prefix}/writers/`;
  const own = `${folder}${randomBytes(12).toString('hex')}`;
  const text = JSON.stringify({ pid: process.pid, host: hostname(), since: new Date().toISOString() });
  // First the marker, then the look around: of two that come at once each sees the other, and neither goes on.
  await objects.put(own, text);
  try {
    for (const { key, age } of await objects.list(folder)) {
      if (key === own) continue;
      if (age > EXPIRY) await objects.remove(key);
      else throw new HierError(await refusal(objects, key, uri));
    }
  } catch (error) {
    await objects.remove(own);
    throw error;
  }
  const renewal = setInterval(() => objects.put(own, text).catch(() => undefined), RENEWAL * 1000);
  renewal.unref();
  return {
    alone: true,
    async release() {
      clearInterval(renewal);
      await objects.remove(own);
    },
  };
}

/** Who a marker names, whatever it holds. */
function writerIn(text: string | null): string {
  try {
    const { pid, host, since } = JSON.parse(text ?? 'null') as Record<string, unknown>;
    if (typeof pid === 'number' && typeof host === 'string')
      return `process ${pid} on ${host} since ${since}`;
  } catch {
    // It says nothing that could be read.
  }
  return 'another process';
}

async function refusal(objects: Objects, key: string, uri: string): Promise<string> {
  const text = await objects.get(key);
  const who = writerIn(text);
  return `The table ${uri} is being written by ${who}, and its object store does not refuse to write over an object on request (If-None-Match: *), so two writers would lose each other's rows. Wait for it; a killed one is forgotten after ${EXPIRY} seconds.`;
}
