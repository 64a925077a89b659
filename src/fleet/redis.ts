/**
 * Connections to Redis and the queue library (BullMQ), both of which are optional: loaded when a command needs them,
 * with a message on what to install. It knows nothing of shards.
 */
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { HierError, UsageError } from '../errors.js';
import { loadOptional } from '../io/optional.js';

/** Where Redis is when nothing is said. */
export const DEFAULT_REDIS = 'redis://127.0.0.1:6379';

/** Names of queues and keys in Redis start with this. */
export const PREFIX = 'hier-fleet';

/** The library and a connection. Call `close()`. */
export interface RedisLink {
  readonly bullmq: typeof import('bullmq');
  readonly client: Redis;
  /** The queue of a name. */
  readonly queue: (name: string) => Queue;
  /** Closes the queues and the connection. */
  close(): Promise<void>;
}

/**
 * Connects to Redis.
 * @throws UsageError when bullmq and ioredis are not installed, or `url` is not an address; HierError when there is no Redis
 */
export async function connectRedis(url: string): Promise<RedisLink> {
  const shown = withoutPassword(url);
  const { bullmq, IoRedis } = await load();
  let connected = false;
  let failure: Error | undefined;
  const client = new IoRedis(url, {
    lazyConnect: true,
    connectTimeout: 5000,
    maxRetriesPerRequest: null,
    // A Redis that is not there at the start is a mistake; one that goes away is waited for.
    retryStrategy: (times) => (connected ? Math.min(5000, 200 * times) : null),
  });
  client.on('error', (error: Error) => {
    failure = error;
  });
  try {
    await client.connect();
    await client.ping();
    connected = true;
  } catch (cause) {
    client.disconnect();
    const reason = (failure ?? (cause as Error)).message;
    throw new HierError(
      `Redis cannot be reached at ${shown}: ${reason}. Start one (redis-server), or give another place with --redis or HIER_REDIS.`,
      { cause },
    );
  }
  const queues = new Map<string, Queue>();
  const queue = (name: string): Queue => {
    const known = queues.get(name);
    if (known) return known;
    const opened = new bullmq.Queue(name, { connection: client, prefix: PREFIX });
    opened.on('error', () => undefined); // told by the command that fails
    queues.set(name, opened);
    return opened;
  };
  const close = async () => {
    for (const opened of queues.values()) await opened.close();
    client.disconnect();
  };
  return { bullmq, client, queue, close };
}

/** A Redis URL without its password, to be shown. */
export function withoutPassword(url: string): string {
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    throw new UsageError(
      `"${url}" is not an address of Redis. Write redis://HOST:PORT, or rediss://… with TLS.`,
    );
  }
  if (!['redis:', 'rediss:'].includes(parsed.protocol))
    throw new UsageError(
      `"${parsed.protocol}//…" is not an address of Redis. Write redis://HOST:PORT, or rediss://… with TLS.`,
    );
  if (parsed.password) parsed.password = '***';
  return parsed.href;
}

function load() {
  return loadOptional({ purpose: 'Fleets need', names: ['bullmq', 'ioredis'] }, async () => {
    const [bullmq, { Redis: IoRedis }] = await Promise.all([import('bullmq'), import('ioredis')]);
    return { bullmq, IoRedis };
  });
}
