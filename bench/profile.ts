/**
 * Takes a training step apart: what each operator of the graphs that training runs takes, by the engine's own records of both
 * replicas at work together, beside what the machine's matrix products can do; and what a step does outside of the engine. So
 * it is known how much of a step is the engine's products, how much walks through memory, and how much hier's own code.
 *
 *   npm run bench:profile -- [vit|demo|resnet|mobilenet] [--steps N] [--side N] [--json] [--model FILE]
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Parts } from '../src/training/replicas/clock.js';
import { type GemmLimit, gemmLimit } from './gemmLimit.js';
import {
  averageCosts,
  costLines,
  lineOf,
  type OperatorCost,
  operatorCosts,
  together,
} from './profileTable.js';
import { median, timeSteps } from './sideBySide.js';
import { openStep, STEP_NAMES, type StepName } from './trainingSteps.js';

/** Steps before those that count: memory grows and plans are made. */
const WARM_UP = 1;

/** A step taken apart. Seconds are those of one step in one replica, on average over the replicas. */
interface Profile {
  readonly what: string;
  readonly processor: string;
  readonly load: number;
  /** Of the clock: a whole step, while the engine keeps records. */
  readonly seconds: number;
  readonly limit: GemmLimit;
  /** By session: its runs, and its operators. */
  readonly sessions: Readonly<Record<string, { seconds: number; operators: readonly OperatorCost[] }>>;
  /** Outside of sessions. */
  readonly parts: Readonly<Record<string, number>>;
}

async function profile(name: StepName, steps: number, model: string, side: number): Promise<Profile> {
  const load = loadavg()[0];
  const limit = await gemmLimit({ side });
  const folder = mkdtempSync(join(tmpdir(), 'hier-profile-'));
  try {
    const { recipe, trainer, step } = openStep(name, { model, profile: join(folder, 'engine') });
    const { seconds } = await timeSteps(step, steps, WARM_UP);
    const replicas = await trainer.timed();
    await trainer.close();
    const taken = secondsByPart(replicas, WARM_UP + steps);
    const sessions: Record<string, { seconds: number; operators: readonly OperatorCost[] }> = {};
    for (const session of ['forward', 'loss', 'backward']) {
      const files = readdirSync(folder).filter(
        (file) => file.startsWith('engine-') && file.includes(`-${session}_`),
      );
      const costs = files.map((file) =>
        operatorCosts(JSON.parse(readFileSync(join(folder, file), 'utf8')), WARM_UP + steps),
      );
      if (costs.length > 0) sessions[session] = { seconds: taken[session], operators: averageCosts(costs) };
      delete taken[session];
    }
    return {
      what: `${name}: one step of ${recipe.batch.size} images, ${replicas.length} replicas`,
      processor: `${cpus()[0].model.trim()}, ${cpus().length} cores, Node ${process.version}`,
      ...{ load, seconds: median(seconds), limit, sessions, parts: taken },
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Seconds of each part in a step: the median of its calls, as often as it is called in a step; the mean of the replicas. */
function secondsByPart(replicas: readonly Parts[], steps: number): Record<string, number> {
  const names = new Set(replicas.flatMap((parts) => Object.keys(parts)));
  const ofOne = (calls: readonly number[]) => (median(calls) * calls.length) / steps;
  return Object.fromEntries(
    [...names].map((name) => {
      const all = replicas.map((parts) => (parts[name] ? ofOne(parts[name]) : 0));
      return [name, all.reduce((sum, seconds) => sum + seconds, 0) / replicas.length];
    }),
  );
}

function print({ what, processor, load, seconds, limit, sessions, parts }: Profile): void {
  const perReplica = limit.oneThreadTwice / 2;
  console.log(`${what}; ${processor}, load ${load.toFixed(1)}`);
  console.log(
    `products of ${limit.side}³: ${limit.oneThreadTwice.toFixed(0)} GFLOP/s by two sessions of one thread (${perReplica.toFixed(1)} a replica), ${limit.twoThreads.toFixed(0)} by one of two; ${limit.pytorch === null ? 'no PyTorch' : `PyTorch ${limit.pytorch.toFixed(0)}`} (${limit.told})`,
  );
  console.log(`\nin one replica, of ${(seconds * 1000).toFixed(1)} ms by the clock (median of all steps):`);
  const all = Object.values(sessions).flatMap(({ operators }) => operators);
  const line = (name: string, part: number) =>
    console.log(
      `${name.padEnd(34)}${(part * 1000).toFixed(1).padStart(9)} ms${((100 * part) / seconds).toFixed(1).padStart(7)} %`,
    );
  let known = 0;
  const add = (name: string, part: number) => {
    known += part;
    line(name, part);
  };
  for (const [name, session] of Object.entries(sessions)) {
    const inside = session.operators.reduce((sum, cost) => sum + cost.seconds, 0);
    add(`${name}: operators, fastest runs`, inside);
    add(`${name}: rest of its runs`, session.seconds - inside);
  }
  for (const [name, part] of Object.entries(parts)) add(name, part);
  line('messages, waiting, the main thread', seconds - known);
  for (const [name, { operators }] of Object.entries(sessions)) {
    console.log(`\n${name}`);
    for (const text of costLines(operators)) console.log(text);
  }
  const whole = all.reduce((sum, cost) => sum + cost.seconds, 0);
  console.log('\nall operators');
  const products = together(all, 'products', true);
  console.log(lineOf(products, whole));
  console.log(lineOf(together(all, 'everything else', false), whole));
  console.log(
    `products at ${((100 * products.flop) / 1e9 / products.seconds / perReplica).toFixed(0)} % of the engine's limit; at the limit they would take ${(products.flop / 1e6 / perReplica).toFixed(1)} ms`,
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    steps: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    model: { type: 'string', default: '' },
    side: { type: 'string', default: '2048' },
  },
});
const names = positionals.length > 0 ? positionals : ['demo'];
for (const name of names) {
  if (!STEP_NAMES.includes(name as StepName))
    throw new Error(`There is not a step "${name}" to take apart; there are ${STEP_NAMES.join(', ')}.`);
  if (name === 'mobilenet' && !values.model)
    throw new Error('Say --model FILE: MobileNetV2 1.0 as ONNX, as for bench:mobilenet.');
  const found = await profile(name as StepName, Number(values.steps), values.model, Number(values.side));
  if (values.json) console.log(JSON.stringify(found, null, 2));
  else print(found);
}
