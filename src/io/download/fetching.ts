/**
 * One process at a time fetches what has a name into a folder: the folder is made, and locked while the work lasts. What is
 * fetched, and whether it is there already, is decided by the work.
 */
import { join } from 'node:path';
import { mkdirSync, writeFault } from '../../disk/index.js';
import { HierError } from '../../errors.js';
import { acquireLock, whenGone } from '../lock.js';

/** What is fetched, and where to. */
export interface Fetching {
  /** As the user knows it. */
  readonly name: string;
  /** The folder that it gets, or shares. */
  readonly folder: string;
  /** Name of the lock file in the folder; its own where others are fetched into the same folder. */
  readonly lock?: string;
}

/**
 * Does the work of fetching alone.
 * @throws HierError when the folder cannot be made, or another process fetches the same; what `work` throws
 */
export async function fetchingAlone<T>(
  { name, folder, lock: file = 'fetching.lock' }: Fetching,
  work: () => Promise<T>,
): Promise<T> {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw writeFault(folder, cause);
  }
  const path = join(folder, file);
  const taken = acquireLock(path);
  if ('holder' in taken) {
    const { pid, host, since } = taken.holder;
    throw new HierError(
      `Process ${pid} on ${host} is fetching ${name} already, since ${since}.${whenGone(path, taken.holder)}`,
    );
  }
  try {
    return await work();
  } finally {
    taken.lock.release();
  }
}
