/**
 * Several threads at one task, each with its own one-thread session: small operators do not scale over the
 * threads of one session. This thread takes its part as well. Arrays that all see are allocated here. Node's
 * modules are loaded only when there is something to share, so that a browser can use the rest.
 */
import type { Worker } from 'node:worker_threads';
import { UsageError } from '../errors.js';
import type { SessionOptions } from '../graph/index.js';
import { perform, type Task } from './tasks.js';

/** How work is run. */
export interface ParallelOptions {
  /** 'native' (default; Node) or 'wasm' (WebAssembly; Node and browsers), which runs on this thread alone. */
  readonly engine?: NonNullable<SessionOptions['engine']>;
  /** Threads that work; by default one for each 100 million scores, at most 8 and the machine's cores. */
  readonly threads?: number;
}

/** Threads that take part in a piece of work, and memory that all of them see. */
export interface Team {
  /** Threads beside this one; 0 when the memory is not shared. */
  readonly helpers: number;
  /** Has the task done by all together. */
  perform(task: Task): Promise<void>;
  /** Float32 zeros. */
  float32(length: number): Float32Array;
  /** Float64 zeros. */
  float64(length: number): Float64Array;
  /** Int32 zeros. */
  int32(length: number): Int32Array;
}

const SCORES_A_THREAD = 1e8;
const MOST_THREADS = 8;

/**
 * Starts as many threads as the work is worth, hands them to `work`, and ends them.
 *
 * @param scores number of scores to compute
 * @throws UsageError when `threads` is no whole number of at least 1
 */
export async function withTeam<T>(
  scores: number,
  { engine = 'native', threads }: ParallelOptions,
  work: (team: Team) => Promise<T>,
): Promise<T> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1))
    throw new UsageError(`The number of threads is ${threads}. Give a whole number of at least 1.`);
  const wanted = threads ?? Math.min(MOST_THREADS, Math.ceil(scores / SCORES_A_THREAD));
  if (engine === 'wasm' || wanted === 1) return work(teamOf([]));
  const [{ availableParallelism }, { Worker }] = await Promise.all([
    import('node:os'),
    import('node:worker_threads'),
  ]);
  const helpers = (threads ?? Math.min(wanted, availableParallelism())) - 1;
  const workers = Array.from({ length: helpers }, () => new Worker(new URL('./worker.js', import.meta.url)));
  try {
    return await work(teamOf(workers));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function teamOf(workers: readonly Worker[]): Team {
  const memory = (bytes: number) =>
    workers.length > 0 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return {
    helpers: workers.length,
    async perform(task) {
      const parts = await Promise.allSettled([
        ...workers.map((worker) => performOn(worker, task)),
        perform(task),
      ]);
      const failed = parts.find((part) => part.status === 'rejected');
      if (failed) throw failed.reason;
    },
    float32: (length) => new Float32Array(memory(4 * length)),
    float64: (length) => new Float64Array(memory(8 * length)),
    int32: (length) => new Int32Array(memory(4 * length)),
  };
}

/** Settles when the worker has no more of the task to do, has failed or is gone. */
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
