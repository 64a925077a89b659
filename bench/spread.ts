/**
 * A training step with a worker in another process, over a Redis on this machine, beside the same step in one process: what it
 * costs, how many bytes travel, and from these parts on paper what 2, 4 and 8 machines would take and how fast their network has to
 * be. Both have the same two replicas on the same processors, so what the second takes longer is the price of the protocol.
 *
 *   node dist/bench/spread.js [--recipe demo|vit] [--rounds N] [--steps N] [--json]
 */
import { spawn } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { measureStep } from '../src/experiments/cost.js';
import { joinMeeting, openMeeting } from '../src/fleet/meeting.js';
import { connectRedis } from '../src/fleet/redis.js';
import { randomStream } from '../src/random.js';
import { checkRecipe, loadRecipe, type Recipe } from '../src/recipe/load.js';
import { workOn } from '../src/training/spread/work.js';
import { Workers } from '../src/training/spread/workers.js';
import { Trainer } from '../src/training/trainer.js';
import { startRedis } from '../test/fleet/support.js';
import { median, timeSteps } from './sideBySide.js';

/** What is trained, and how many classes. ViT-S/16 is that of `vit.ts`. */
const WORK: Record<string, () => { readonly recipe: Recipe; readonly classes: number }> = {
  demo: () => ({ recipe: loadRecipe('demo', ['engine.replicas=2', 'engine.threads=2']), classes: 730 }),
  vit: () => ({
    classes: 8,
    recipe: checkRecipe({
      name: 'bench-vit',
      images: { size: 224 },
      backbone: { name: 'tiny-vit', patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4 },
      losses: { hier: { weight: 0 } },
      batch: { size: 16, imagesPerClass: 2 },
      optimizer: { gradientClamp: null },
      schedule: { warmupEpochs: 0 },
      engine: { threads: 2, replicas: 2, microbatch: 4, kept: 2 },
    }),
  }),
};
const STEPS_PER_EPOCH = 1000;
/** Machines on paper. */
const MACHINES = [2, 4, 8];
/** Networks on paper, Gbit/s. */
const NETWORKS = [1, 10];

const { values: given } = parseArgs({
  options: {
    recipe: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    steps: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    worker: { type: 'string' },
  },
});
const [rounds, steps] = [Number(given.rounds), Number(given.steps)];

/** The images of every batch. */
function pixelsOf({ batch, images }: Recipe): Float32Array {
  const random = randomStream(1, 'spread benchmark');
  return new Float32Array(batch.size * 3 * images.size ** 2).map(() => random.normal());
}

if (given.worker === undefined) await measure();
else await work(given.worker, given.recipe!);

/** The other process. */
async function work(url: string, name: string): Promise<void> {
  const link = await connectRedis(url);
  const channel = await joinMeeting(link, 'bench', { wait: 60 });
  const openInputs = async (recipe: Recipe) => {
    const pixels = pixelsOf(recipe);
    const width = pixels.length / recipe.batch.size;
    return {
      load: async (_epoch: number, _step: number, from: number, to: number) =>
        pixels.slice(from * width, to * width),
      close: async () => undefined,
    };
  };
  if (channel) await workOn({ channel, threads: 1, openInputs });
  else throw new Error(`there is no training of ${name}`);
  await link.close();
}

interface Side {
  readonly seconds: number;
  /** Bytes a step to the worker and from it. */
  readonly down: number;
  readonly up: number;
}

async function measure(): Promise<void> {
  const names = given.recipe === undefined ? Object.keys(WORK) : [given.recipe];
  const results = [];
  for (const name of names) results.push(await measureOne(name));
  if (given.json) process.stdout.write(`${JSON.stringify(results, null, 2)}\n`);
}

async function measureOne(name: string) {
  const { recipe, classes } = WORK[name]();
  const redis = await startRedis();
  try {
    const alone: Side[] = [];
    const spread: Side[] = [];
    for (let round = 0; round < rounds; round++) {
      alone.push(await oneProcess(recipe, classes));
      spread.push(await twoProcesses(recipe, classes, redis.url, name));
      const told = [alone, spread].map((sides) => sides.at(-1)!.seconds.toFixed(3));
      process.stderr.write(
        `${name}, round ${round + 1}, load ${loadavg()[0].toFixed(1)}: one process ${told[0]} s, two ${told[1]} s\n`,
      );
    }
    const { replicas, threads, microbatch, kept } = recipe.engine;
    const spreading = { replicas, threads, kept, microbatch: microbatch ?? recipe.batch.size / replicas };
    const { update } = await measureStep(recipe, classes, spreading);
    const one = median(alone.map(({ seconds }) => seconds));
    const protocol = Math.max(0, median(spread.map(({ seconds }, i) => seconds - alone[i].seconds)));
    const { down, up } = spread[0];
    const parts = { one, update, protocol, down, up };
    const paper = MACHINES.map((machines) => onPaper(parts, machines));
    if (!given.json) print(name, recipe, parts, paper);
    const processor = `${cpus()[0].model.trim()}, ${cpus().length} cores`;
    return { name, batch: recipe.batch.size, ...parts, paper, processor, load: loadavg()[0] };
  } finally {
    await redis.stop();
  }
}

async function timed(trainer: Trainer, recipe: Recipe, classes: number): Promise<number> {
  const pixels = pixelsOf(recipe);
  const { imagesPerClass } = recipe.batch;
  const labels = Int32Array.from(
    { length: recipe.batch.size },
    (_, i) => Math.floor(i / imagesPerClass) % classes,
  );
  return median((await timeSteps((step) => trainer.step(pixels, labels, 0, step), steps)).seconds);
}

async function oneProcess(recipe: Recipe, classes: number): Promise<Side> {
  const trainer = new Trainer(recipe, { classes, stepsPerEpoch: STEPS_PER_EPOCH });
  try {
    return { seconds: await timed(trainer, recipe, classes), down: 0, up: 0 };
  } finally {
    await trainer.close();
  }
}

/** One replica here and one in another process. */
async function twoProcesses(given: Recipe, classes: number, url: string, name: string): Promise<Side> {
  const recipe = { ...given, engine: { ...given.engine, threads: 1 } };
  const link = await connectRedis(url);
  const workers = new Workers({ meeting: await openMeeting(link, 'bench'), onNote: () => undefined });
  const data = { name, sha256: '', classes: [], kept: null, stepsPerEpoch: STEPS_PER_EPOCH };
  const trainer = new Trainer(recipe, {
    ...{ classes, stepsPerEpoch: STEPS_PER_EPOCH, elsewhere: workers.training(data) },
  });
  const words = [fileURLToPath(import.meta.url), '--worker', url, '--recipe', name];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] });
  const until = async (state: string) => {
    while (!workers.all.some((worker) => worker.state === state)) {
      if (child.exitCode !== null) throw new Error('the worker has ended');
      await pause(5);
    }
  };
  try {
    await until('ready');
    await timed(trainer, recipe, classes); // its trial, and what the other side has in the warm
    await until('working');
    const [worker] = workers.all;
    const before = { ...worker.bytes };
    const taken = steps + 2; // timeSteps does two that it does not count
    const seconds = await timed(trainer, recipe, classes);
    const { sent, received } = worker.bytes;
    return { seconds, down: (sent - before.sent) / taken, up: (received - before.received) / taken };
  } finally {
    await trainer.close();
    await workers.close({ isDone: true });
    await link.close();
  }
}

interface Parts {
  readonly one: number;
  readonly update: number;
  readonly protocol: number;
  readonly down: number;
  readonly up: number;
}

/**
 * A step of the same batch on several machines like this one: what is computed is divided, AdamW is not, and what travels goes
 * through the one network card of the training. Without a network's speed, all but the travelling.
 */
function secondsOf(
  { one, update, protocol, down, up }: Parts,
  machines: number,
  gigabits = Number.POSITIVE_INFINITY,
): number {
  const others = machines - 1;
  return (one - update) / machines + update + others * (protocol + (8e-9 * (down + up)) / gigabits);
}

function onPaper(parts: Parts, machines: number) {
  const left = parts.one - secondsOf(parts, machines);
  // The speed at which the step takes as long as on one machine.
  const breakEven = left > 0 ? ((machines - 1) * 8e-9 * (parts.down + parts.up)) / left : null;
  const seconds = Object.fromEntries(NETWORKS.map((speed) => [speed, secondsOf(parts, machines, speed)]));
  return { machines, seconds, breakEven };
}

function print(
  name: string,
  recipe: Recipe,
  parts: Parts,
  paper: readonly ReturnType<typeof onPaper>[],
): void {
  const { one, update, protocol, down, up } = parts;
  const mb = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;
  console.log(
    `${name}, ${recipe.batch.size} images a step: ${one.toFixed(3)} s in one process, of which AdamW ${update.toFixed(3)} s; ` +
      `a worker costs ${protocol.toFixed(3)} s more, and a step sends it ${mb(down)} and brings ${mb(up)}`,
  );
  for (const { machines, seconds, breakEven } of paper) {
    const speeds = NETWORKS.map((speed) => `${seconds[speed].toFixed(3)} s at ${speed} Gbit/s`).join(', ');
    const even =
      breakEven === null
        ? 'never as fast as one'
        : `as fast as one at ${(1000 * breakEven).toFixed(0)} Mbit/s`;
    console.log(`  on paper, ${machines} machines: ${speeds}; ${even}`);
  }
}
