/** One writer at a time for a table in a folder. Tables on object stores need none: their writes are conditional. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HierError } from '../errors.js';
import { explainWriteError } from '../io/atomic.js';
import { acquireLock } from '../io/lock.js';
import { isRemote } from './lance.js';

/** Takes the writer's lock of a table, making its folder; returns how to give it back. Throws HierError while another process holds it. */
export function lockTable(uri: string): () => void {
  if (isRemote(uri)) return () => undefined;
  try {
    mkdirSync(uri, { recursive: true });
  } catch (error) {
    throw explainWriteError(uri, error);
  }
  const taken = acquireLock(join(uri, 'table.lock'));
  if ('lock' in taken) return () => taken.lock.release();
  const { pid, host, since } = taken.holder;
  throw new HierError(
    `The table ${uri} is being written by process ${pid} on ${host} since ${since}. Wait for it, or end it.`,
  );
}
