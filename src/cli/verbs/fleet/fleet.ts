/** `hier fleet`: shards embedded by workers on any number of machines, over a queue in Redis; and workers of a training. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { isHubName } from '../../../backbones/hub/index.js';
import { UsageError } from '../../../errors.js';
import { enqueue, type FleetPlan, removeFleet, retryAside } from '../../../fleet/queue.js';
import { MOST_SHARDS } from '../../../fleet/shard.js';
import { fleetStatus } from '../../../fleet/status.js';
import { openShardWork } from '../../../runs/shards.js';
import { absoluteSource } from '../../../runs/sources.js';
import { counted } from '../../../shown.js';
import { type ModelOptions, modelAndWords, modelOptions, RUN_HELP } from '../../model.js';
import { collect, examples, formerly, wholeNumber } from '../../options.js';
import { noteLine, print, progress, say } from '../../output.js';
import { whole } from '../../text/columns.js';
import { statusText } from '../../text/fleet.js';
import { type Common, common, withRedis } from './common.js';
import { addJoin } from './join.js';
import { fleetWork } from './work.js';

interface EnqueueOptions extends Common, ModelOptions {
  shards: number;
  out: string;
  data?: string[];
  maxBad: string;
  attempts: number;
  backoff: number;
}

/** Adds the command with its verbs. */
export function addFleet(program: Command): void {
  const fleet = program
    .command('fleet')
    .summary('embed images or train with workers on several machines, over Redis')
    .description(
      'For fleets without a scheduler of their own: enqueue puts the shards of a list of images into a queue, work runs ' +
        'on every machine until none is left, status tells how far it is. Run, images and fragments lie in shared ' +
        'folders under the same paths on all machines. join computes a part of each step of a training with --workers. ' +
        'Needs Redis, and the packages bullmq and ioredis.',
    );
  addEnqueue(fleet);
  addWork(fleet);
  addStatus(fleet);
  addRetry(fleet);
  addRemove(fleet);
  addJoin(fleet);
}

function addEnqueue(fleet: Command): void {
  const command = modelOptions(
    common(
      fleet
        .command('enqueue')
        .summary('put the shards of a list of images into the queue')
        .description(
          'Puts the shards of a list of images into the queue; again, it adds those that are missing.',
        )
        .argument('[RUN]', RUN_HELP)
        .argument('[IMAGES...]', 'image files, folders, manifests, or emoji-9')
        .option('--data <SOURCE>', 'the same as IMAGES, by the name that other commands have for it', collect)
        .requiredOption('--shards <N>', 'number of parts', shardCount)
        .requiredOption('--out <DIR>', 'folder of the fragments')
        .option('--max-bad <LIMIT>', 'unreadable images allowed in a shard, such as 20 or 1%', '1%')
        .option('--attempts <N>', 'attempts before a shard is set aside', wholeNumber(1), 3)
        .option(
          '--backoff <S>',
          'seconds before the second attempt, doubled for each more',
          wholeNumber(0),
          5,
        ),
    ),
  );
  examples(command, [
    ['hier fleet enqueue runs/demo photos --shards 200 --out fragments', '200 parts of a folder'],
    ['hier fleet enqueue runs/demo a.csv --shards 50 --out a --name a --attempts 5', 'a fleet with a name'],
  ]).action(async (first: string | undefined, more: string[], options: EnqueueOptions) => {
    const { shards, out, maxBad, attempts, backoff, data = [], name, json } = options;
    const usage = 'npx hier fleet enqueue RUN IMAGES --shards N --out DIR';
    const { network, rest: images } = modelAndWords([first, ...more], options, usage);
    if (images.length + data.length === 0) throw new UsageError(`Give images: ${usage}.`);
    const run = isHubName(network) ? network : resolve(network);
    const { modelOutput: output } = options;
    const sources = [...images, ...data].map(absoluteSource);
    const { items, modelHash, list } = await openShardWork(run, sources, progress, {
      output,
      onNote: (note) => say(noteLine(note)),
    });
    const plan: FleetPlan = {
      version: 1,
      run,
      ...(output === undefined ? {} : { output }),
      images: sources,
      out: resolve(out),
      shards,
      maxBad,
      modelHash,
      list,
      total: items.length,
    };
    const { added } = await withRedis(options, (link) => enqueue(link, name, plan, { attempts, backoff }));
    print(
      json,
      { name, shards, added, images: plan.total, out: plan.out },
      `fleet "${name}": ${whole(added)} of ${counted(shards, 'shard')} added, ${counted(plan.total, 'image')} in all\nStart workers with: npx hier fleet work --name ${name}`,
    );
  });
}

function addWork(fleet: Command): void {
  const command = common(
    fleet
      .command('work')
      .summary('embed shards until none is left')
      .description(
        'Embeds shards one by one until none is left. Ctrl-C stops after the shard in hand; a worker that vanishes ' +
          'leaves its shard to the others. Exit code 1 when shards are set aside.',
      )
      .option(
        '--lock <S>',
        'seconds without a sign of life until a worker counts as gone',
        wholeNumber(1),
        60,
      ),
  );
  examples(command, [
    ['hier fleet work --redis redis://10.0.0.5:6379', 'one on every machine'],
    ['hier fleet work --name a --json', 'with one document about it at the end'],
  ]).action((options: Common & { lock: number }) => withRedis(options, (link) => fleetWork(link, options)));
}

function addStatus(fleet: Command): void {
  const command = common(
    fleet
      .command('status')
      .summary('tell how far a fleet is')
      .description('Tells how far a fleet is, how fast, and which shards are set aside.'),
  );
  examples(command, [
    ['hier fleet status', 'the fleet "default"'],
    ['hier fleet status --name a --json', 'for scripts'],
  ]).action((options: Common) =>
    withRedis(options, async (link) => {
      const status = await fleetStatus(link, options.name);
      print(options.json, status, statusText(status));
    }),
  );
}

function addRetry(fleet: Command): void {
  const command = common(
    fleet
      .command('retry')
      .summary('queue shards again that were set aside')
      .description('Puts shards that were set aside into the queue again, with all their attempts.')
      .option(
        '--shard <I>',
        'one shard, by number; may be given several times (default: all)',
        (text, earlier: readonly number[] = []) => [...earlier, wholeNumber(0)(text)],
      ),
  );
  examples(command, [
    ['hier fleet retry', 'all that are set aside'],
    ['hier fleet retry --shard 17 --shard 40 --name a', 'two of them'],
  ]).action((options: Common & { shard?: number[] }) =>
    withRedis(options, async (link) => {
      const requeued = await retryAside(link, options.name, options.shard);
      const text =
        requeued.length > 0 ? `queued again: shards ${requeued.join(', ')}` : 'no shard is set aside';
      print(options.json, { name: options.name, requeued }, text);
    }),
  );
}

function addRemove(fleet: Command): void {
  const command = common(
    fleet
      .command('remove')
      .summary('remove a fleet and its queue')
      .description('Removes a fleet and its queue from Redis. Fragments stay where they are.')
      .option('--while-working', 'even while shards are being worked on'),
  );
  formerly(command, '--force', '--while-working');
  examples(command, [['hier fleet remove --name a', 'when it is done']]).action(
    (options: Common & { whileWorking?: boolean }) =>
      withRedis(options, async (link) => {
        await removeFleet(link, options.name, options.whileWorking);
        print(options.json, { removed: options.name }, `fleet "${options.name}" removed; its fragments stay`);
      }),
  );
}

function shardCount(text: string): number {
  const count = wholeNumber(1)(text);
  if (count > MOST_SHARDS)
    throw new UsageError(`The number of shards must be 1 to ${MOST_SHARDS}, not ${text}.`);
  return count;
}
