/**
 * Embeds many image files on all cores: threads, each with a session of its own on one core or a few, which on CPUs is
 * faster than one session with many threads that waits for decoded images. For a few images, opening them costs more than
 * they save.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError } from '../errors.js';
import type { Model } from '../graph/index.js';
import type { SkippedImage } from '../images/loader.js';
import { connectThread, type Thread } from '../threads.js';
import {
  type EmbedCalls,
  type EmbeddedGroup,
  type EmbedRequest,
  type EmbedSetup,
  STOPPED,
} from './embedMessages.js';
import type { Preprocessing } from './inputs.js';

/** Images from which on threads are worth opening. */
export const MANY_IMAGES = 64;
/** Images that go through a network at a time: few, so that what it computes stays in the processor's cache. */
const GROUP = 4;
const MOST_THREADS = 8;
/** All copies of the network together take no more memory than this, in bytes of its file. */
const MOST_BYTES = 1 << 30;

/** How many threads a network of some bytes is given; 1 means that they are of no use. */
export function embedThreadCount(bytes: number, cores = availableParallelism()): number {
  return Math.max(1, Math.min(cores, MOST_THREADS, Math.floor(MOST_BYTES / bytes)));
}

/** How image files are embedded. */
export interface EmbedFilesOptions {
  readonly dim: number;
  readonly batch: number;
  readonly onBad: 'fail' | 'skip';
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
  /** Ends the work after the images in hand. */
  readonly signal?: AbortSignal | undefined;
}

/** Running threads. Call `close()`. */
export interface EmbedThreads {
  /**
   * Embeddings `[N, d]` of image files, in order; rows of those that cannot be read are NaN.
   * @throws DataError naming the first image that cannot be read, unless `onBad` is 'skip'; what the signal was aborted with
   */
  embed(
    paths: readonly string[],
    options: EmbedFilesOptions,
  ): Promise<{ readonly embeddings: Float32Array; readonly skipped: readonly SkippedImage[] }>;
  close(): Promise<void>;
}

/** Opens `count` threads for a network. What hinders them is told by the first call. */
export function openEmbedThreads(network: Model, preprocessing: Preprocessing, count: number): EmbedThreads {
  const threads = Math.max(1, Math.floor(availableParallelism() / count));
  const workers = Array.from({ length: count }, (_, i) => start({ network, preprocessing, threads }, i));
  return {
    embed: (paths, options) => embedOn(workers, paths, options),
    close: async () => {
      await Promise.all(workers.map((worker) => worker.close()));
    },
  };
}

function start(setup: EmbedSetup, index: number): Thread<EmbedCalls> {
  const worker = new Worker(new URL('./embedWorker.js', import.meta.url), {
    workerData: setup,
    execArgv: [],
  });
  return connectThread<EmbedCalls>(worker, { name: `thread ${index} that embeds images` });
}

async function embedOn(
  workers: readonly Thread<EmbedCalls>[],
  paths: readonly string[],
  { dim, batch, onBad, onProgress, signal }: EmbedFilesOptions,
) {
  const embeddings = new Float32Array(paths.length * dim);
  const skipped: SkippedImage[] = [];
  let done = 0;
  let told = 0;
  const tell = (group: EmbeddedGroup) => {
    embeddings.set(group.embeddings, group.start * dim);
    skipped.push(...group.skipped);
    done += group.count;
    if (done - told < batch && done < paths.length) return;
    told = done;
    onProgress?.(done, paths.length);
  };
  const request: EmbedRequest = {
    paths,
    group: Math.min(batch, GROUP),
    skipBad: onBad === 'skip',
    control: new SharedArrayBuffer(8),
  };
  const stop = () => Atomics.store(new Int32Array(request.control), STOPPED, 1);
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  await Promise.all(workers.map((worker) => worker.call('embed', request, tell))).finally(() =>
    signal?.removeEventListener('abort', stop),
  );
  signal?.throwIfAborted();
  skipped.sort((a, b) => a.index - b.index);
  // Images are taken in order, and what was taken is decoded: the first of these is the first of all.
  if (onBad === 'fail' && skipped.length > 0) throw new DataError(skipped[0].reason);
  for (const { index } of skipped) embeddings.fill(Number.NaN, index * dim, (index + 1) * dim);
  return { embeddings, skipped };
}
