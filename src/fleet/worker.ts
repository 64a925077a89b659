/**
 * A worker of a fleet: takes shards from the queue one by one until none is left. A failed shard comes up again after
 * a pause, and is set aside after its last attempt; the shard of a worker that vanished goes to another one when its
 * lock has run out. The caller says what the work of a shard is.
 */
import type { Job } from 'bullmq';
import { UsageError } from '../errors.js';
import type { ShardResult } from './embedShard.js';
import { countJobs, readPlan, type ShardDone, type ShardJob } from './queue.js';
import { PREFIX, type RedisLink } from './redis.js';
import type { Shard } from './shard.js';

/** Options of {@link workFleet}. */
export interface WorkOptions {
  readonly link: RedisLink;
  readonly name: string;
  /** Does a shard. A UsageError sets the shard aside at once, any other error brings it up again. */
  readonly work: (shard: Shard, onProgress: (done: number, total: number) => void) => Promise<ShardResult>;
  /** Seconds without a sign of life after which a worker counts as gone. Default 60. */
  readonly lock?: number;
  /** How often a shard may lose its worker before it is set aside. Default 3. */
  readonly maxStalled?: number;
  /** Called for what happens to shards. */
  readonly onEvent?: (event: FleetEvent) => void;
  /** Stops after the shard in hand. */
  readonly signal?: AbortSignal;
}

/** What happens to a shard, as a worker sees it. */
export type FleetEvent =
  | { readonly kind: 'started'; readonly shard: Shard; readonly attempt: number }
  | { readonly kind: 'done'; readonly shard: Shard; readonly result: ShardResult }
  | { readonly kind: 'failed'; readonly shard: Shard; readonly reason: string; readonly again: boolean }
  | { readonly kind: 'stalled'; readonly shard: Shard }
  | { readonly kind: 'trouble'; readonly reason: string };

/** What a worker has done. */
export interface WorkerOutcome {
  /** Shards that this worker has finished. */
  readonly done: number;
  /** Shards that this worker has failed on, each attempt counted. */
  readonly failed: number;
  /** Whether nothing was left when it ended; false when it was stopped. */
  readonly finished: boolean;
  /** Shards of the fleet that are set aside. */
  readonly aside: number;
}

/** Milliseconds between reports of progress. */
const REPORT_EVERY = 1000;
/** Milliseconds between looks at whether anything is left. */
const LOOK_EVERY = 1000;

/**
 * Works until every shard is done or set aside, or the signal is aborted.
 * @throws UsageError when there is no fleet of that name, or it has been removed
 */
export async function workFleet({
  link,
  name,
  work,
  lock = 60,
  maxStalled = 3,
  onEvent = () => undefined,
  signal,
}: WorkOptions): Promise<WorkerOutcome> {
  const { shards: count } = await readPlan(link, name);
  const { Worker, UnrecoverableError } = link.bullmq;
  let [done, failed] = [0, 0];
  const shardOfJob = ({ data }: Job<ShardJob>): Shard => ({ index: data.index, count });

  const processor = async (job: Job<ShardJob, ShardDone>): Promise<ShardDone> => {
    const shard = shardOfJob(job);
    const started = performance.now();
    onEvent({ kind: 'started', shard, attempt: job.attemptsMade + 1 });
    let next = 0;
    try {
      const result = await work(shard, (done, total) => {
        if (performance.now() < next && done < total) return;
        next = performance.now() + REPORT_EVERY;
        job.updateProgress({ done, total }).catch(() => undefined); // the next report may get through
      });
      done++;
      onEvent({ kind: 'done', shard, result });
      const { items, bad, embedded, kept } = result;
      const seconds = (performance.now() - started) / 1000;
      return { images: items + bad.length, embedded, bad: bad.length, kept, seconds };
    } catch (error) {
      failed++;
      if (error instanceof UsageError) throw new UnrecoverableError(error.message);
      throw error;
    }
  };
  const worker = new Worker<ShardJob, ShardDone>(name, processor, {
    connection: link.client,
    prefix: PREFIX,
    concurrency: 1, // one shard uses all processors
    lockDuration: 1000 * lock,
    stalledInterval: 1000 * lock,
    maxStalledCount: maxStalled,
    drainDelay: 1,
  });
  worker.on('failed', (job, error) => {
    if (!job) return;
    const again = job.attemptsMade < (job.opts.attempts ?? 1) && !(error instanceof UnrecoverableError);
    onEvent({ kind: 'failed', shard: shardOfJob(job), reason: error.message, again });
  });
  worker.on('stalled', (id) => {
    const index = Number(/\d+$/.exec(id)?.[0]);
    onEvent({ kind: 'stalled', shard: { index, count } });
  });
  worker.on('error', (error) => onEvent({ kind: 'trouble', reason: error.message }));
  // At once, not at the next look: with the end of the shard in hand the library fetches the next one.
  const stop = () => void worker.close();
  signal?.addEventListener('abort', stop);
  if (signal?.aborted) stop();
  try {
    await worker.waitUntilReady();
    while (signal?.aborted !== true && (await openShards(link, name, count)) > 0) {
      await pause(LOOK_EVERY, signal);
      await readPlan(link, name); // of a fleet that has been removed, nothing is ever done
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    await worker.close();
  }
  const { failed: aside } = await countJobs(link, name);
  return { done, failed, aside, finished: (await openShards(link, name, count)) === 0 };
}

async function openShards(link: RedisLink, name: string, count: number): Promise<number> {
  const { completed, failed } = await countJobs(link, name);
  return count - completed - failed;
}

function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}
