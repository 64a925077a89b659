/** Threads that help with retrieval, in Node. Browsers get `noThreads` in place of this file. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { Helper } from './parallel.js';
import type { Task } from './tasks.js';

/** Threads that the machine runs at a time. */
export const cores = (): number => availableParallelism();

/** Starts a thread that does its part of tasks. */
export const startHelper: (() => Helper) | undefined = () => {
  const worker = new Worker(new URL('./worker.js', import.meta.url));
  return {
    perform: (task) => performOn(worker, task),
    end: async () => {
      await worker.terminate();
    },
  };
};

/** Settles when the worker has finished its part of the task, has failed or is gone. */
function performOn(worker: Worker, task: Task): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown) => {
      worker.off('message', onMessage).off('error', end).off('exit', onExit);
      if (error === undefined) resolve();
      else reject(error);
    };
    const onMessage = (message: { error?: unknown }) => end(message.error);
    const onExit = (code: number) => end(new Error(`a retrieval thread ended with exit code ${code}`));
    worker.on('message', onMessage).on('error', end).on('exit', onExit);
    worker.postMessage(task);
  });
}
