/** A thread that helps with retrieval: it does its part of each task that it is sent. Only types are imported from it. */
import { parentPort } from 'node:worker_threads';
import { serveThread } from '../threads.js';
import { perform, type Task } from './tasks.js';

/** What the thread can do. */
export interface RetrievalCalls {
  /** Does a part of a task; answers when there is nothing left of it to take. */
  perform(task: Task): Promise<void>;
}

serveThread<RetrievalCalls>(parentPort, () => ({ perform }));
