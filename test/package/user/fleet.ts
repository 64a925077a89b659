/**
 * One use of the subpath of fleets, compiled against the installed package; it is not run. Its types name those of the
 * optional packages bullmq and ioredis, so that without them a project needs the compiler's `skipLibCheck`.
 */
import { parseShard, type Shard } from '@hier-ml/hier/fleet';

export const shard: Shard = parseShard('1/4');
