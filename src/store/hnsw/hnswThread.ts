/** The thread that builds an HNSW graph, from the side of the one that builds: what it is told, one thing after another. */
import { Worker } from 'node:worker_threads';
import { HierError } from '../../errors.js';
import type { HnswReply, HnswRequest } from './hnswWorker.js';

/** A thread with one graph in hand. Call `end()`. */
export interface HnswThread {
  /** Begins an empty graph. */
  begin(): Promise<void>;
  /** Goes on with a graph in a file. */
  load(path: string): Promise<void>;
  /** Links rows `[N, width]` in. */
  add(ids: ArrayLike<number>, rows: Float32Array): Promise<void>;
  remove(ids: readonly number[]): Promise<void>;
  save(path: string): Promise<void>;
  end(): Promise<unknown>;
}

/** Starts a thread for rows of `width` numbers. Its methods throw HierError with what the library says. */
export function startHnswThread(width: number): HnswThread {
  const worker = new Worker(new URL('./hnswWorker.js', import.meta.url), {
    workerData: { width },
    execArgv: [],
  });
  let failure: Error | undefined;
  worker.on('error', (error) => {
    failure = error as Error;
  });
  worker.on('exit', () => {
    failure ??= new HierError('The thread that builds the HNSW graph has ended.');
  });
  const ask = (request: HnswRequest) =>
    new Promise<void>((resolve, reject) => {
      const end = (error?: Error) => {
        worker.off('message', onReply).off('exit', onExit);
        if (error) reject(error);
        else resolve();
      };
      const onReply = ({ error }: HnswReply) => end(error === undefined ? undefined : new HierError(error));
      const onExit = () => end(failure);
      if (failure) return reject(failure);
      worker.on('message', onReply).on('exit', onExit);
      worker.postMessage(request);
    });
  return {
    begin: () => ask({ kind: 'begin' }),
    load: (path) => ask({ kind: 'load', path }),
    add: (ids, rows) => ask({ kind: 'add', ids: BigUint64Array.from(ids, BigInt), rows }),
    remove: (ids) => ask({ kind: 'remove', ids: BigUint64Array.from(ids, BigInt) }),
    save: (path) => ask({ kind: 'save', path }),
    end: () => worker.terminate(),
  };
}
