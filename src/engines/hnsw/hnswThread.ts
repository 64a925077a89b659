/** The thread that builds an HNSW graph, from the side of the one that builds: what it is told, one thing after another. */
import { Worker } from 'node:worker_threads';
import { connectThread } from '../../threads.js';
import type { HnswCalls, HnswThreadData } from './hnswWorker.js';

/** A thread with one graph in hand. Call `end()`. */
export interface HnswThread {
  /** Begins an empty graph. */
  begin(): Promise<void>;
  /** Continues with a graph in a file. */
  load(path: string): Promise<void>;
  /** Links rows `[N, width]` in. */
  add(ids: ArrayLike<number>, rows: Float32Array): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  save(path: string): Promise<void>;
  end(): Promise<void>;
}

/** Starts a thread for rows of `width` numbers of a graph in a folder. Its methods throw errors for users. */
export function startHnswThread(width: number, folder: string): HnswThread {
  const worker = new Worker(new URL('./hnswWorker.js', import.meta.url), {
    workerData: { width, folder } satisfies HnswThreadData,
    execArgv: [],
  });
  const thread = connectThread<HnswCalls>(worker, { name: 'the thread that builds the HNSW graph' });
  return {
    begin: () => thread.call('begin'),
    load: (path) => thread.call('load', path),
    add: (ids, rows) => thread.call('add', { ids: BigUint64Array.from(ids, BigInt), rows }),
    remove: (ids) => thread.call('remove', BigUint64Array.from(ids, BigInt)),
    save: (path) => thread.call('save', path),
    end: () => thread.terminate(),
  };
}
