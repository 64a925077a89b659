/**
 * Several threads at one task, each with its own one-thread session: small operators do not scale over the
 * threads of one session. This thread takes its part as well. Arrays that all see are allocated here. Node's
 * modules are loaded only when there is something to share, so that a browser can use the rest.
 */
import { UsageError } from '../errors.js';
import type { SessionOptions } from '../graph/index.js';
import { connectThread, type Thread } from '../threads.js';
import { perform, type Task } from './tasks.js';
import type { RetrievalCalls } from './worker.js';

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
  { engine = 'native', threads: given }: ParallelOptions,
  work: (team: Team) => Promise<T>,
): Promise<T> {
  if (given !== undefined && !(Number.isInteger(given) && given >= 1))
    throw new UsageError(`The number of threads is ${given}. Give a whole number of at least 1.`);
  const wanted = given ?? Math.min(MOST_THREADS, Math.ceil(scores / SCORES_A_THREAD));
  if (engine === 'wasm' || wanted === 1) return work(teamOf([]));
  const [{ availableParallelism }, { Worker }] = await Promise.all([
    import('node:os'),
    import('node:worker_threads'),
  ]);
  const helpers = (given ?? Math.min(wanted, availableParallelism())) - 1;
  const threads = Array.from({ length: helpers }, () =>
    connectThread<RetrievalCalls>(new Worker(new URL('./worker.js', import.meta.url)), {
      name: 'a retrieval thread',
    }),
  );
  try {
    return await work(teamOf(threads));
  } finally {
    await Promise.all(threads.map((thread) => thread.terminate()));
  }
}

function teamOf(threads: readonly Thread<RetrievalCalls>[]): Team {
  const memory = (bytes: number) =>
    threads.length > 0 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return {
    helpers: threads.length,
    async perform(task) {
      const parts = await Promise.allSettled([
        ...threads.map((thread) => thread.call('perform', task)),
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
