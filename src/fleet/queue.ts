/**
 * A fleet's queue: one job a shard in Redis, and the plan that all of them follow. Jobs are hints, fragments are the
 * truth: losing the queue loses no work, since a shard that is there is kept when it comes up again.
 */
import type { Job } from 'bullmq';
import { z } from 'zod';
import { HierError, UsageError } from '../errors.js';
import { PREFIX, type RedisLink } from './redis.js';
import { MOST_SHARDS } from './shard.js';
import { badLimit } from './shardInputs.js';

const planSchema = z.object({
  version: z.literal(1),
  /** The folder of a run or an export, an ONNX file, or the name of a network on the hub. */
  run: z.string(),
  /** Of an ONNX file: what the embedding is. */
  output: z.string().optional(),
  images: z.array(z.string()).min(1),
  out: z.string(),
  shards: z.int().min(1).max(MOST_SHARDS),
  maxBad: z.string(),
  /** SHA-256 of the network: workers that have another one refuse. */
  modelHash: z.string(),
  /** Fingerprint of the ids of all images. */
  list: z.string(),
  /** Number of images. */
  total: z.int().min(0),
});

/** What the workers of a fleet do; paths are absolute and the same on all machines. */
export type FleetPlan = z.infer<typeof planSchema>;

/** How shards are tried. */
export interface RetryPolicy {
  /** Attempts before a shard is set aside. Default 3. */
  readonly attempts?: number;
  /** Seconds before the second attempt, doubled before each further one. Default 5. */
  readonly backoff?: number;
}

/** What a job says. */
export interface ShardJob {
  readonly index: number;
}

/** What a finished job answers. */
export interface ShardDone {
  /** Images dealt with: rows and unreadable ones. */
  readonly images: number;
  readonly embedded: number;
  readonly bad: number;
  readonly kept: boolean;
  readonly seconds: number;
}

/** How far a shard is, as its worker tells. */
export interface ShardProgress {
  readonly done: number;
  readonly total: number;
}

/** Outcome of {@link enqueue}. */
export interface Enqueued {
  readonly shards: number;
  /** Jobs that were not there before. */
  readonly added: number;
}

/** Jobs added or read at a time. */
const JOBS_AT_ONCE = 1000;

const planKey = (name: string) => `${PREFIX}-plan:${name}`;
const jobId = (index: number) => `shard-${index}`;

/** Throws UsageError for a name that a queue cannot have. */
export function checkFleetName(name: string): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name))
    throw new UsageError(
      `"${name}" is not a name of a fleet. Use letters, digits, ".", "_" and "-", at most 64, the first a letter or digit.`,
    );
}

/**
 * Puts the shards of a plan into the queue `name`. Again with the same plan it adds what is missing.
 * @throws UsageError when the queue is there with another plan
 */
export async function enqueue(
  link: RedisLink,
  name: string,
  plan: FleetPlan,
  { attempts = 3, backoff = 5 }: RetryPolicy = {},
): Promise<Enqueued> {
  checkFleetName(name);
  badLimit(plan.maxBad, 0);
  const text = JSON.stringify(planSchema.parse(plan));
  await link.client.set(planKey(name), text, 'NX');
  const there = (await link.client.get(planKey(name))) ?? text;
  if (there !== text)
    throw new UsageError(
      `There is a fleet "${name}" already, for something else (${differences(there, plan)}). Choose another --name, or remove it first: npx hier fleet remove --name ${name}`,
    );
  const queue = link.queue(name);
  const before = await countAll(link, name);
  for (let start = 0; start < plan.shards; start += JOBS_AT_ONCE) {
    const count = Math.min(JOBS_AT_ONCE, plan.shards - start);
    await queue.addBulk(
      Array.from({ length: count }, (_, i) => ({
        name: 'shard',
        data: { index: start + i } satisfies ShardJob,
        opts: {
          jobId: jobId(start + i),
          attempts,
          backoff: { type: 'exponential', delay: 1000 * backoff },
        },
      })),
    );
  }
  return { shards: plan.shards, added: (await countAll(link, name)) - before };
}

/** The plan of a fleet. Throws UsageError when there is none of that name. */
export async function readPlan(link: RedisLink, name: string): Promise<FleetPlan> {
  checkFleetName(name);
  const text = await link.client.get(planKey(name));
  if (text === null)
    throw new UsageError(
      `There is no fleet "${name}" in this Redis. Make it with: npx hier fleet enqueue RUN IMAGES --shards N --out DIR --name ${name}`,
    );
  const plan = planSchema.safeParse(JSON.parse(text));
  if (plan.success) return plan.data;
  throw new HierError(
    `The plan of the fleet "${name}" is damaged or of another version of hier. Remove it and enqueue again: npx hier fleet remove --name ${name}`,
  );
}

/** All jobs in some states. */
export async function jobsIn(
  link: RedisLink,
  name: string,
  states: readonly ('active' | 'completed' | 'failed')[],
): Promise<Job<ShardJob, ShardDone>[]> {
  const jobs: Job<ShardJob, ShardDone>[] = [];
  for (let start = 0; ; start += JOBS_AT_ONCE) {
    const part = await link.queue(name).getJobs([...states], start, start + JOBS_AT_ONCE - 1);
    jobs.push(...(part.filter(Boolean) as Job<ShardJob, ShardDone>[]));
    if (part.length === 0) return jobs;
  }
}

/**
 * Puts shards that were set aside into the queue again, with all their attempts; returns which.
 * @throws UsageError for a shard that is not set aside
 */
export async function retryAside(
  link: RedisLink,
  name: string,
  shards?: readonly number[],
): Promise<number[]> {
  await readPlan(link, name);
  const aside = await jobsIn(link, name, ['failed']);
  const has = new Map(aside.map((job) => [job.data.index, job]));
  const wrong = (shards ?? []).find((index) => !has.has(index));
  if (wrong !== undefined)
    throw new UsageError(
      `Shard ${wrong} is not set aside. Set aside are: ${[...has.keys()].join(', ') || 'none'}.`,
    );
  const chosen = (shards ?? [...has.keys()]).toSorted((a, b) => a - b);
  for (const index of chosen) await has.get(index)!.retry('failed', { resetAttemptsMade: true });
  return chosen;
}

/** Removes a fleet's queue and plan; fragments stay. Throws HierError while shards are being worked on, unless told to do it then too. */
export async function removeFleet(link: RedisLink, name: string, whileWorking = false): Promise<void> {
  await readPlan(link, name);
  const { active } = await link.queue(name).getJobCounts('active');
  if (active > 0 && !whileWorking)
    throw new HierError(
      `${active} shards of the fleet "${name}" are being worked on. Stop the workers first, or give --while-working.`,
    );
  await link.queue(name).obliterate({ force: true });
  await link.client.del(planKey(name));
}

/** Number of jobs in each state. */
export async function countJobs(
  link: RedisLink,
  name: string,
): Promise<Record<'waiting' | 'active' | 'delayed' | 'completed' | 'failed', number>> {
  const counts = await link.queue(name).getJobCounts('waiting', 'active', 'delayed', 'completed', 'failed');
  const { waiting = 0, active = 0, delayed = 0, completed = 0, failed = 0 } = counts;
  return { waiting, active, delayed, completed, failed };
}

async function countAll(link: RedisLink, name: string): Promise<number> {
  return Object.values(await countJobs(link, name)).reduce((sum, count) => sum + count, 0);
}

/** In what a stored plan is another one. */
function differences(stored: string, plan: FleetPlan): string {
  const old = JSON.parse(stored) as Record<string, unknown>;
  const names: Record<keyof FleetPlan, string> = {
    version: 'version',
    run: 'run',
    output: 'output of the network',
    images: 'images',
    out: 'folder of fragments',
    shards: 'number of shards',
    maxBad: 'limit of unreadable images',
    modelHash: 'model',
    list: 'list of images',
    total: 'number of images',
  };
  return Object.entries(plan)
    .filter(([key, value]) => JSON.stringify(old[key]) !== JSON.stringify(value))
    .map(([key]) => `another ${names[key as keyof FleetPlan]}`)
    .join(', ');
}
