/** `hier fleet join`: a worker of a training on another machine. */
import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { HierError } from '../../../errors.js';
import { joinMeeting } from '../../../fleet/meeting.js';
import type { RedisLink } from '../../../fleet/redis.js';
import { counted } from '../../../shown.js';
import { type WorkEnd, type WorkerEvent, workOn } from '../../../training/spread/work.js';
import { openWorkerInputs } from '../../../training/spread/workerInputs.js';
import { onInterrupt } from '../../interrupt.js';
import { examples, wholeNumber } from '../../options.js';
import { noteLine, print, progress, say } from '../../output.js';
import { type Common, common, withRedis } from './common.js';

interface JoinOptions extends Common {
  threads?: number;
  data?: string;
  wait: number;
}

/** Adds the verb. */
export function addJoin(fleet: Command): void {
  const command = common(
    fleet
      .command('join')
      .summary('compute a part of each step of a training on another machine')
      .description(
        'Computes a part of each step of a training that was started with hier train --workers, until it is finished; the ' +
          'result is the same, bit for bit. It may come late and leave at any time. The data lie on this machine too, and ' +
          'are held against those of the training. Needs the same release of hier, and a processor of the same kind. ' +
          'Ctrl-C leaves.',
      )
      .option('--threads <N>', 'replicas at a time (default: one for each processor)', wholeNumber(1))
      .option('--data <SOURCE>', 'where the data lie on this machine (default: where the training has them)')
      .option('--wait <S>', 'seconds to wait for a training to begin, or to be resumed', wholeNumber(0), 600),
    'training',
  );
  examples(command, [
    ['hier fleet join --redis redis://10.0.0.5', 'one on every machine'],
    [
      'hier fleet join --name birds --data /photos/cub --threads 2',
      'with data of its own, on two processors',
    ],
  ]).action((options: JoinOptions) => withRedis(options, (link) => join(link, options)));
}

/** Works for the training of that name until it is finished, also when it is stopped and resumed meanwhile. */
async function join(
  link: RedisLink,
  { name, threads = availableParallelism(), data: source, wait, json }: JoinOptions,
): Promise<void> {
  const { signal, release } = onInterrupt('leaving the training; again to end at once');
  let steps = 0;
  const onEvent = (event: WorkerEvent) => {
    if (event.kind === 'began') say(`working for ${event.recipe}, on ${event.data}`);
    else steps++;
  };
  let end: WorkEnd = 'left';
  try {
    do {
      say(`looking for the training "${name}"`);
      const channel = await joinMeeting(link, name, { wait, signal });
      if (!channel) break;
      end = await workOn({
        ...{ channel, threads, onEvent, signal },
        openInputs: (recipe, part) =>
          openWorkerInputs(recipe, part, { source, progress, onNote: (note) => say(noteLine(note)) }),
      });
      if (end === 'gone') say('the training is gone');
    } while (end === 'gone' || end === 'paused');
  } catch (error) {
    // One that was stopped for good while it was waited for.
    if (!(error instanceof HierError) || steps === 0 || error.exitCode !== 1) throw error;
    throw new HierError(`${error.message} ${counted(steps, 'step')} had been worked on.`, { cause: error });
  } finally {
    release();
  }
  const finished = end === 'done';
  print(
    json,
    { name, steps, finished },
    `worked on ${counted(steps, 'step')} of the training "${name}"; ${finished ? 'it is finished' : 'it goes on without this worker'}`,
  );
  if (!finished) process.exitCode = 1;
}
