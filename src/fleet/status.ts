/** How a fleet is doing: shards by state, images, rate and time left, and the shards that were set aside. */
import type { Job } from 'bullmq';
import { countJobs, jobsIn, readPlan, type ShardDone, type ShardJob, type ShardProgress } from './queue.js';
import type { RedisLink } from './redis.js';

/** A shard that all attempts have failed on. */
export interface ShardAside {
  readonly shard: number;
  readonly attempts: number;
  /** How often its worker has vanished. */
  readonly stalled: number;
  /** What the last attempt said. */
  readonly reason: string;
}

/** State of a fleet. */
export interface FleetStatus {
  readonly name: string;
  readonly out: string;
  /** Numbers of shards; `delayed` ones wait for their next attempt. `aside` has given up. */
  readonly shards: Readonly<
    Record<'all' | 'done' | 'active' | 'waiting' | 'delayed' | 'aside' | 'missing', number>
  >;
  readonly images: { readonly all: number; readonly done: number; readonly bad: number };
  /** Images a second at present: what a worker has done a second so far, times the workers that are busy. */
  readonly imagesPerSecond: number | null;
  /** Seconds that the rest would take at this rate; 0 when nothing is left, null when it is not known. */
  readonly secondsLeft: number | null;
  /** Shards that were set aside, by number. */
  readonly aside: readonly ShardAside[];
}

/** Looks at a fleet. Throws UsageError when there is none of that name. */
export async function fleetStatus(link: RedisLink, name: string, now = Date.now()): Promise<FleetStatus> {
  const plan = await readPlan(link, name);
  const counts = await countJobs(link, name);
  const active = await jobsIn(link, name, ['active']);
  const completed = await jobsIn(link, name, ['completed']);
  const failed = await jobsIn(link, name, ['failed']);
  const finished = completed.map(({ returnvalue }) => returnvalue);
  const running = active.map((job) => runningOf(job, now));
  const { waiting, delayed } = counts;
  const open = plan.shards - completed.length - failed.length;
  const images = sum(finished, ({ images }) => images) + sum(running, ({ done }) => done);
  // Images of shards set aside are not known, but are near the mean.
  const expected = Math.round((plan.total * (plan.shards - failed.length)) / plan.shards);
  const { rate, left } = outlook(finished, running, { left: Math.max(0, expected - images), open });
  return {
    name,
    out: plan.out,
    shards: {
      all: plan.shards,
      done: completed.length,
      active: active.length,
      waiting,
      delayed,
      aside: failed.length,
      missing: Math.max(0, open - active.length - waiting - delayed),
    },
    images: { all: plan.total, done: images, bad: sum(finished, ({ bad }) => bad) },
    imagesPerSecond: rate,
    secondsLeft: left,
    aside: failed
      .map(({ data, attemptsMade, stalledCounter, failedReason }) => ({
        shard: data.index,
        attempts: attemptsMade,
        stalled: stalledCounter,
        reason: failedReason,
      }))
      .sort((a, b) => a.shard - b.shard),
  };
}

/** What a shard in work has done, and in how many seconds. */
export interface RunningShard {
  readonly done: number;
  readonly seconds: number;
}

/** Rate (images a second) and seconds left, from what finished and running shards have done. */
export function outlook(
  finished: readonly Pick<ShardDone, 'embedded' | 'seconds'>[],
  running: readonly RunningShard[],
  { left, open }: { left: number; open: number },
): { rate: number | null; left: number | null } {
  // Shards that were there already take no time and say nothing of the rate.
  const worked = finished.filter(({ embedded }) => embedded > 0);
  const begun = running.filter(({ done }) => done > 0);
  const images = sum(worked, ({ embedded }) => embedded) + sum(begun, ({ done }) => done);
  const seconds = sum(worked, (shard) => shard.seconds) + sum(begun, (shard) => shard.seconds);
  const rate = running.length > 0 && seconds > 0 ? (images / seconds) * running.length : null;
  if (open === 0) return { rate: null, left: 0 };
  return { rate, left: rate === null ? null : left / rate };
}

function runningOf({ progress, processedOn = 0 }: Job<ShardJob, ShardDone>, now: number): RunningShard {
  const { done = 0 } = (typeof progress === 'object' ? progress : {}) as Partial<ShardProgress>;
  return { done, seconds: Math.max(0, now - processedOn) / 1000 };
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
