/**
 * Several threads at one task, each with its own one-thread session: small operators do not scale over the
 * threads of one session. This thread takes its part as well. Arrays that all see are allocated here. What starts a
 * thread is not known here; in a browser nothing does, and this thread works alone.
 */

import { cores, startHelper } from '#helpers';
import { UsageError } from '../errors.js';
import type { SessionOptions } from '../graph/index.js';
import { perform, type Task } from './tasks.js';

/** How work is run. */
export interface ParallelOptions {
  /**
   * 'native' (Node), or 'wasm' (WebAssembly), which runs on this thread alone. Default: native where it can be loaded,
   * else WebAssembly.
   */
  readonly engine?: NonNullable<SessionOptions['engine']>;
  /**
   * Threads that work; by default one for each 100 million scores, at most 8 and the machine's cores. Always 1 in a
   * browser.
   */
  readonly threads?: number;
}

/** A thread beside this one. */
export interface Helper {
  /** Has it do its part of a task. */
  perform(task: Task): Promise<void>;
  end(): Promise<void>;
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
 * @throws UsageError when `threads` is not a whole number of at least 1
 */
export async function withTeam<T>(
  scores: number,
  { engine, threads }: ParallelOptions,
  work: (team: Team) => Promise<T>,
): Promise<T> {
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1))
    throw new UsageError(`The number of threads is ${threads}. Give a whole number of at least 1.`);
  const wanted = threads ?? Math.min(MOST_THREADS, cores(), Math.ceil(scores / SCORES_A_THREAD));
  if (engine === 'wasm' || !startHelper || wanted <= 1) return work(teamOf([]));
  const helpers = Array.from({ length: wanted - 1 }, startHelper);
  try {
    return await work(teamOf(helpers));
  } finally {
    await Promise.all(helpers.map((helper) => helper.end()));
  }
}

function teamOf(helpers: readonly Helper[]): Team {
  const memory = (bytes: number) =>
    helpers.length > 0 ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes);
  return {
    helpers: helpers.length,
    async perform(task) {
      const parts = await Promise.allSettled([
        ...helpers.map((helper) => helper.perform(task)),
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
