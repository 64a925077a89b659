/**
 * Work on many machines: shards of a collection and the fragments that they leave, the queue over Redis that hands shards to
 * workers, and channels between a training and its workers (needs the packages bullmq and ioredis). Not how a model embeds: the
 * caller gives that.
 */
export {
  type Channel,
  type ChannelOptions,
  LostError,
  type Meeting,
  openChannel,
  type Pipe,
} from './channel.js';
export { type EmbeddedPart, type EmbedShardOptions, embedShard, type ShardResult } from './embedShard.js';
export {
  type BadImage,
  type Fragment,
  type FragmentItem,
  type FragmentModel,
  readFragment,
  writeFragment,
} from './fragment.js';
export { type FragmentFolder, type FragmentPart, readFragmentFolder } from './fragmentFolder.js';
export { joinMeeting, type MeetingOptions, openMeeting } from './meeting.js';
export {
  type Enqueued,
  enqueue,
  type FleetPlan,
  type RetryPolicy,
  removeFleet,
  retryAside,
  type ShardDone,
  type ShardProgress,
} from './queue.js';
export { connectRedis, DEFAULT_REDIS, type RedisLink } from './redis.js';
export { parseShard, type Shard, shardOf } from './shard.js';
export type { ShardItem } from './shardInputs.js';
export { type FleetStatus, fleetStatus, type ShardAside } from './status.js';
export { type FleetEvent, type WorkerOutcome, type WorkOptions, workFleet } from './worker.js';
