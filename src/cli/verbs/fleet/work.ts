/** `hier fleet work`: a worker of a fleet, from the plan in the queue to the exit code. */
import { UsageError } from '../../../errors.js';
import { readPlan } from '../../../fleet/queue.js';
import type { RedisLink } from '../../../fleet/redis.js';
import { shardText } from '../../../fleet/shard.js';
import { type FleetEvent, workFleet } from '../../../fleet/worker.js';
import { openShardWork } from '../../../runs/shards.js';
import { counted } from '../../../shown.js';
import { onInterrupt } from '../../interrupt.js';
import { print, progress, say } from '../../output.js';
import { whole } from '../../text/columns.js';
import { shardSummary } from '../embedShard.js';

/** Images embedded at a time: short enough for progress and for the signs of life in between. */
const BATCH = 256;

/** Works until no shard is left or Ctrl-C; sets the exit code. */
export async function fleetWork(
  link: RedisLink,
  { name, lock, json }: { name: string; lock: number; json?: boolean },
): Promise<void> {
  const plan = await readPlan(link, name);
  const { out, maxBad } = plan;
  const work = await openShardWork(plan.run, plan.images, progress, { output: plan.output });
  const { signal, release } = onInterrupt('stopping after this shard; again to stop at once');
  try {
    // A machine that sees something else than was enqueued must not take shards: it would fail all of them.
    if (work.modelHash !== plan.modelHash)
      throw new UsageError(
        `The model in ${plan.run} is not the one that the fleet "${name}" was enqueued with. Enqueue it again: npx hier fleet remove, npx hier fleet enqueue.`,
      );
    if (work.list !== plan.list)
      throw new UsageError(
        `This machine finds ${work.items.length} images in ${plan.images.join(', ')}, other ones than the ${plan.total} that the fleet "${name}" was enqueued with. If images were added or removed, enqueue it again: npx hier fleet remove, npx hier fleet enqueue.`,
      );
    const outcome = await workFleet({
      link,
      name,
      lock,
      signal,
      work: (shard, onProgress) => work.embed(shard, { out, maxBad, batch: BATCH, onProgress }),
      onEvent: (event) => say(eventText(event, out)),
    });
    const { done, failed, finished, aside } = outcome;
    const rest = finished ? 'none is left' : 'stopped; others go on, and the same command takes up again';
    const text = aside > 0 ? `; ${whole(aside)} are set aside: npx hier fleet status --name ${name}` : '';
    print(
      json,
      { name, done, failed, finished, aside },
      `${counted(done, 'shard')} done by this worker, ${rest}${text}`,
    );
    if (!finished || aside > 0) process.exitCode = 1;
  } finally {
    release();
    await work.close();
  }
}

function eventText(event: FleetEvent, out: string): string {
  if (event.kind === 'trouble') return `trouble with the queue: ${event.reason}`;
  if (event.kind === 'done') return shardSummary(event.result, out);
  const name = `shard ${shardText(event.shard)}`;
  if (event.kind === 'started')
    return event.attempt > 1 ? `${name}: started, attempt ${event.attempt}` : `${name}: started`;
  if (event.kind === 'stalled') return `${name}: its worker is gone, back into the queue`;
  return `${name}: failed, ${event.again ? 'to be tried again' : 'set aside'}: ${event.reason}`;
}
