/** Threads that help with retrieval, in Node. Browsers get `noHelpers` in place of this file. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { connectThread } from '../threads.js';
import type { Helper } from './parallel.js';
import type { RetrievalCalls } from './worker.js';

/** Threads that the machine runs at a time. */
export const cores = (): number => availableParallelism();

/** Starts a thread that does its part of tasks. */
export const startHelper: (() => Helper) | undefined = () => {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  const thread = connectThread<RetrievalCalls>(worker, { name: 'a retrieval thread' });
  return { perform: (task) => thread.call('perform', task), end: () => thread.terminate() };
};
