/** What the verbs of `hier fleet` have in common: the options, and the connection to Redis. */
import type { Command } from 'commander';
import { connectRedis, DEFAULT_REDIS, type RedisLink } from '../../../fleet/redis.js';
import { jsonOption } from '../../options.js';

/** Options of every verb. */
export interface Common {
  redis?: string;
  name: string;
  json?: boolean;
}

/** Adds the options of every verb. */
export function common(command: Command, what = 'fleet'): Command {
  return jsonOption(
    command
      .option('--name <NAME>', `name of the ${what}`, 'default')
      .option('--redis <URL>', `address of Redis (default: HIER_REDIS, else ${DEFAULT_REDIS})`),
  );
}

/** Connects to Redis for as long as `use` runs. */
export async function withRedis<T>({ redis }: Common, use: (link: RedisLink) => Promise<T>): Promise<T> {
  const link = await connectRedis(redis ?? process.env.HIER_REDIS ?? DEFAULT_REDIS);
  try {
    return await use(link);
  } finally {
    await link.close();
  }
}
