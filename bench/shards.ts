/**
 * What failures cost a fleet, and how many shards to take: a simulation of workers that embed shards, in which
 * attempts fail, workers are taken away and poison images kill every attempt at their shard. Seeded; nothing is
 * embedded. A worker that fails starts its next shard at once; the shard comes up again after a pause, and is set
 * aside after its last attempt. A worker that is taken away comes back later, and its shard when its lock has run out.
 *
 *   node dist/bench/shards.js [--images N] [--workers W] [--rate R] [--startup S] [--failure P] [--preemption H]
 *                             [--poison M] [--attempts A] [--repeats K] [--seed S] [--json]
 */
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { textTable } from '../src/cli/text/columns.js';
import { type RandomStream, randomStream } from '../src/random.js';

/** A fleet and what befalls it. */
export interface FleetModel {
  readonly images: number;
  readonly workers: number;
  readonly shards: number;
  /** Images a second of a worker. */
  readonly rate: number;
  /** Seconds of an attempt before its first image: start, list of images, network. */
  readonly startup: number;
  /** Probability that an attempt fails, at any moment of it alike, for reasons that have nothing to do with its length. */
  readonly failure: number;
  /** How often an hour a worker is taken away. */
  readonly preemption: number;
  /** Seconds until a worker that was taken away works again. */
  readonly replacement: number;
  /** Poison images a million: an attempt ends when it comes to one. */
  readonly poison: number;
  /** Attempts until a shard is set aside; preemptions do not count. */
  readonly attempts: number;
  /** Seconds before the second attempt, doubled for each more. */
  readonly backoff: number;
  /** Seconds until the shard of a worker that was taken away is given to another. */
  readonly lock: number;
  /** Standard deviation of the workers' speeds, relative to their mean. */
  readonly spread: number;
}

/** Usual values of all that is not asked for. */
export const USUAL: FleetModel = {
  images: 100e6,
  workers: 100,
  shards: 10_000,
  rate: 10,
  startup: 15,
  failure: 0.01,
  preemption: 0.05,
  replacement: 300,
  poison: 0.1,
  attempts: 3,
  backoff: 5,
  lock: 90,
  spread: 0.1,
};

/** What came out of one simulated run; times in seconds. */
export interface FleetOutcome {
  /** From the start until the last shard is done or set aside. */
  readonly makespan: number;
  /** Work of attempts that succeeded, their start-up left out. */
  readonly useful: number;
  /** Work of attempts that came to nothing. */
  readonly wasted: number;
  /** Start-up of attempts that succeeded. */
  readonly startups: number;
  /** Shards set aside. */
  readonly aside: number;
  /** Images in them. */
  readonly imagesAside: number;
}

interface Shard {
  readonly images: number;
  /** Image at which every attempt ends; infinite where there is none. */
  readonly poisonAt: number;
  failures: number;
}

/** Simulates one run: workers take the shard that has been ready longest, at the time they are free. */
export function simulate(model: FleetModel, seed: number): FleetOutcome {
  const { workers, shards: count, rate, startup, failure, preemption, replacement } = model;
  const { attempts, backoff, lock, spread } = model;
  const random = randomStream(seed, 'fleet', count);
  const ready = heap<Shard>();
  for (let i = 0; i < count; i++) ready.push(0, shardOf(model, i, random));
  const free = heap<{ speed: number }>();
  for (let i = 0; i < workers; i++)
    free.push(0, { speed: rate * Math.max(0.2, 1 + spread * random.normal()) });
  const sums = { makespan: 0, useful: 0, wasted: 0, startups: 0, aside: 0, imagesAside: 0 };
  while (ready.size > 0) {
    const { time: at, value: shard } = ready.pop();
    const { time: from, value: worker } = free.pop();
    const start = Math.max(at, from);
    const whole = startup + shard.images / worker.speed;
    const fails = random.uniform() < failure ? whole * random.uniform() : Number.POSITIVE_INFINITY;
    const poisoned = startup + shard.poisonAt / worker.speed;
    const taken = preemption > 0 ? exponential(random, preemption / 3600) : Number.POSITIVE_INFINITY;
    const lasted = Math.min(whole, fails, poisoned, taken);
    const end = start + lasted;
    if (lasted === taken) {
      sums.wasted += lasted;
      ready.push(end + lock, shard);
      free.push(end + replacement, worker);
      continue;
    }
    free.push(end, worker);
    if (lasted === whole) {
      sums.useful += whole - startup;
      sums.startups += startup;
      sums.makespan = Math.max(sums.makespan, end);
      continue;
    }
    sums.wasted += lasted;
    if (++shard.failures < attempts) {
      ready.push(end + backoff * 2 ** (shard.failures - 1), shard);
      continue;
    }
    sums.aside++;
    sums.imagesAside += shard.images;
    sums.makespan = Math.max(sums.makespan, end);
  }
  return sums;
}

/** A shard of an even division, with its first poison image where it has one. */
function shardOf({ images, shards, poison }: FleetModel, index: number, random: RandomStream): Shard {
  const own = Math.floor(((index + 1) * images) / shards) - Math.floor((index * images) / shards);
  const first = poison > 0 ? exponential(random, poison / 1e6) : Number.POSITIVE_INFINITY;
  return { images: own, poisonAt: first < own ? first : Number.POSITIVE_INFINITY, failures: 0 };
}

function exponential(random: RandomStream, rate: number): number {
  return -Math.log(1 - random.uniform()) / rate;
}

/** A queue of values by time; of equal times in the order of arrival. */
function heap<T>() {
  type Entry = { readonly time: number; readonly order: number; readonly value: T };
  const entries: Entry[] = [];
  let arrived = 0;
  const before = (a: number, b: number) =>
    entries[a].time - entries[b].time || entries[a].order - entries[b].order;
  const swap = (a: number, b: number) => {
    [entries[a], entries[b]] = [entries[b], entries[a]];
  };
  return {
    get size() {
      return entries.length;
    },
    push(time: number, value: T) {
      let at = entries.push({ time, order: arrived++, value }) - 1;
      for (let up = (at - 1) >> 1; at > 0 && before(at, up) < 0; up = (at - 1) >> 1) {
        swap(at, up);
        at = up;
      }
    },
    pop(): Entry {
      swap(0, entries.length - 1);
      const first = entries.pop()!;
      for (let at = 0; ; ) {
        let least = at;
        for (const down of [2 * at + 1, 2 * at + 2])
          if (down < entries.length && before(down, least) < 0) least = down;
        if (least === at) return first;
        swap(at, least);
        at = least;
      }
    },
  };
}

/** Means over some runs, beside what a fleet without start-up and failures would need. */
export interface ShardChoice {
  readonly shards: number;
  readonly imagesAShard: number;
  /** Minutes of an attempt. */
  readonly minutes: number;
  readonly makespanHours: number;
  /** The longest of the runs. */
  readonly longestHours: number;
  /** Makespan beside the ideal: images / (workers · rate). */
  readonly overIdeal: number;
  /** Wasted work, and start-up, beside the useful work. */
  readonly wasted: number;
  readonly startups: number;
  readonly shardsAside: number;
  readonly imagesAside: number;
}

/** Simulates a number of shards some times. */
export function summarise(model: FleetModel, seed: number, repeats: number): ShardChoice {
  const runs = Array.from({ length: repeats }, (_, i) => simulate(model, seed + i));
  const mean = (of: (run: FleetOutcome) => number) => runs.reduce((sum, run) => sum + of(run), 0) / repeats;
  const ideal = model.images / (model.workers * model.rate);
  const useful = mean((run) => run.useful);
  return {
    shards: model.shards,
    imagesAShard: Math.round(model.images / model.shards),
    minutes: (model.startup + model.images / model.shards / model.rate) / 60,
    makespanHours: mean((run) => run.makespan) / 3600,
    longestHours: Math.max(...runs.map((run) => run.makespan)) / 3600,
    overIdeal: mean((run) => run.makespan) / ideal,
    wasted: mean((run) => run.wasted) / useful,
    startups: mean((run) => run.startups) / useful,
    shardsAside: mean((run) => run.aside),
    imagesAside: mean((run) => run.imagesAside),
  };
}

function main(): void {
  const number = (value: number) => ({ type: 'string', default: String(value) }) as const;
  const { values } = parseArgs({
    options: {
      images: number(USUAL.images),
      workers: number(USUAL.workers),
      rate: number(USUAL.rate),
      startup: number(USUAL.startup),
      failure: number(USUAL.failure),
      preemption: number(USUAL.preemption),
      poison: number(USUAL.poison),
      attempts: number(USUAL.attempts),
      shards: { type: 'string', default: '100,300,1000,3000,10000,30000,100000' },
      repeats: number(20),
      seed: number(1),
      json: { type: 'boolean', default: false },
    },
  });
  const { shards, repeats, seed, json, ...given } = values;
  const asked = Object.fromEntries(Object.entries(given).map(([key, text]) => [key, Number(text)]));
  const model = { ...USUAL, ...asked };
  const choices = shards
    .split(',')
    .map((count) => summarise({ ...model, shards: Number(count) }, Number(seed), Number(repeats)));
  if (json) process.stdout.write(`${JSON.stringify({ model, repeats, seed, choices }, null, 2)}\n`);
  else process.stdout.write(`${text(choices)}\n`);
}

function text(choices: readonly ShardChoice[]): string {
  const titles = ['shards', 'images a shard', 'minutes', 'makespan, h', 'longest, h', '× ideal'];
  const more = ['wasted, %', 'start-up, %', 'shards aside', 'images aside'];
  const whole = (value: number) => Math.round(value).toLocaleString('en');
  return textTable(
    [...titles, ...more].map((title) => ({ title, right: true })),
    choices.map((choice) => [
      whole(choice.shards),
      whole(choice.imagesAShard),
      choice.minutes.toFixed(1),
      choice.makespanHours.toFixed(2),
      choice.longestHours.toFixed(2),
      choice.overIdeal.toFixed(3),
      (100 * choice.wasted).toFixed(2),
      (100 * choice.startups).toFixed(2),
      choice.shardsAside.toFixed(1),
      whole(choice.imagesAside),
    ]),
  );
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) main();
