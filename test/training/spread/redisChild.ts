/**
 * A worker in a process of its own, whose data are a formula: `node redisChild.js URL NAME THREADS MODE`. It says `step` on
 * standard output for every step that it computes a real part of. In the mode `hang` it then does nothing any more, not even give
 * signs of life, until it is killed; in the mode `work` it says at the end how that came. Not a test.
 */
import { joinMeeting } from '../../../src/fleet/meeting.js';
import { connectRedis } from '../../../src/fleet/redis.js';
import { workOn } from '../../../src/training/spread/work.js';
import { formulaInputs, spreadRecipe } from './support.js';

const [, , url, name, threads, mode] = process.argv;
const say = (text: string) => process.stdout.write(`${text}\n`);
const link = await connectRedis(url);
const channel = await joinMeeting(link, name, { wait: 60, silence: 2 });
let steps = 0;
const end = await workOn({
  channel: channel!,
  threads: Number(threads),
  openInputs: async () => formulaInputs(spreadRecipe()),
  onEvent: (event) => {
    if (event.kind !== 'step' || ++steps === 1) return;
    say('step');
    if (mode === 'hang') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
});
await link.close();
say(end);
