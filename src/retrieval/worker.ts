/** A thread that helps with retrieval: it does its part of each task it is sent and says so. */
import { parentPort } from 'node:worker_threads';
import { perform, type Task } from './tasks.js';

parentPort!.on('message', async (task: Task) => {
  try {
    await perform(task);
    parentPort!.postMessage({ done: true });
  } catch (error) {
    parentPort!.postMessage({ error });
  }
});
