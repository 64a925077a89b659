/**
 * A worker of its own process, whose network is a formula: `node workerChild.js REDIS NAME FILES COUNT OUT MODE`.
 * It says `in SHARD` on standard output when a shard is to be embedded. In the mode `hang` it then waits to be
 * killed, in the mode `after` it waits when the fragment is written but the queue does not know. Not a test.
 */
import { embedShard } from '../../src/fleet/embedShard.js';
import { connectRedis } from '../../src/fleet/redis.js';
import { workFleet } from '../../src/fleet/worker.js';
import { formula, makeItems, shardOptions } from './support.js';

const [, , url, name, files, count, out, mode] = process.argv;
const items = makeItems(files, Number(count), { write: false });
const link = await connectRedis(url);
const wait = () => new Promise<never>(() => setInterval(() => undefined, 1000));
const say = (text: string) => process.stdout.write(`${text}\n`);
const outcome = await workFleet({
  link,
  name,
  lock: mode === 'work' ? 3 : 1, // those that are to be killed are missed sooner
  work: async (shard, onProgress) => {
    const result = await embedShard({
      ...shardOptions(items, shard.index, shard.count, out),
      onProgress,
      embed: async (paths) => {
        say(`in ${shard.index}`);
        if (mode === 'hang') await wait();
        return formula(paths);
      },
    });
    if (mode === 'after') {
      say(`written ${shard.index}`);
      await wait();
    }
    return result;
  },
});
say(JSON.stringify(outcome));
await link.close();
