/** A transport in memory in place of Redis, and a training of which every step can be told in advance. */
import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import { type Channel, type Meeting, openChannel, type Pipe } from '../../../src/fleet/channel.js';
import type { Recipe } from '../../../src/recipe/load.js';
import { type Message, type Request, unpack } from '../../../src/training/spread/messages.js';
import type { WorkerInputs } from '../../../src/training/spread/workerInputs.js';
import { Trainer } from '../../../src/training/trainer.js';
import { tinyBatch, tinyRecipe } from '../trainerSupport.js';

export const CLASSES = 6;
export const STEPS_PER_EPOCH = 4;
/** What workers are told of data that they have as a formula. */
export const DATA = {
  name: 'a formula',
  sha256: '',
  classes: [],
  kept: null,
  stepsPerEpoch: STEPS_PER_EPOCH,
};

/** Four replicas, each of two microbatches, of which one is computed again. */
export const spreadRecipe = (): Recipe =>
  tinyRecipe({
    batch: { size: 16 },
    engine: { threads: 2, replicas: 4, microbatch: 2 },
    losses: { hier: { start: 0 } },
  });

/** The batch of a step. */
export const batchAt = (recipe: Recipe, epoch: number, step: number) =>
  tinyBatch(recipe, CLASSES, epoch * STEPS_PER_EPOCH + step);

/** The rows that a worker loads; `change` spoils them. */
export function formulaInputs(recipe: Recipe, change = 0): WorkerInputs {
  return {
    async load(epoch, step, from, to) {
      const { images } = batchAt(recipe, epoch, step);
      const width = images.length / recipe.batch.size;
      return images.slice(from * width, to * width).map((x) => x + change);
    },
    close: async () => undefined,
  };
}

/** Some steps of a training, the same whoever computes them: what each reports. */
export async function takeSteps(trainer: Trainer, recipe: Recipe, from: number, to: number) {
  const reports: unknown[] = [];
  for (let at = from; at < to; at++) {
    const [epoch, step] = [Math.floor(at / STEPS_PER_EPOCH), at % STEPS_PER_EPOCH];
    const { images, labels } = batchAt(recipe, epoch, step);
    reports.push(await trainer.step(images, labels, epoch, step));
  }
  return reports;
}

/** State and reports after each of `count` steps in one process. */
export async function alone(recipe: Recipe, count: number) {
  const trainer = new Trainer(recipe, { classes: CLASSES, stepsPerEpoch: STEPS_PER_EPOCH });
  try {
    const reports = await takeSteps(trainer, recipe, 0, count);
    return { reports, state: trainer.state };
  } finally {
    await trainer.close();
  }
}

/** Waits for something to become true. */
export async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await pause(2);
}

/** One way of a pipe. */
function oneWay() {
  const pieces: Uint8Array[] = [];
  let wake = () => {};
  let isCut = false;
  return {
    push: async (piece: Uint8Array) => {
      if (!isCut) pieces.push(piece.slice());
      wake();
    },
    pull: async (milliseconds: number) => {
      if (pieces.length === 0 && !isCut) {
        const given = new AbortController();
        const late = pause(milliseconds, undefined, { signal: given.signal }).catch(() => undefined);
        await Promise.race([late, new Promise<void>((resolve) => (wake = resolve))]);
        given.abort();
      }
      return pieces.shift() ?? null;
    },
    /** Nothing comes through any more, and who waits has waited long enough. */
    cut: () => {
      isCut = true;
      wake();
    },
  };
}

/** Two ends of a pipe, and a way to cut it as a killed process does. */
export function memoryPipes(): { ends: readonly [Pipe, Pipe]; cut: () => void } {
  const [there, back] = [oneWay(), oneWay()];
  const cut = () => {
    there.cut();
    back.cut();
  };
  const end = (out: typeof there, into: typeof there): Pipe => ({
    push: out.push,
    pull: into.pull,
    close: async () => cut(),
  });
  return { ends: [end(there, back), end(back, there)], cut };
}

/** A meeting in memory; `join` is what a worker calls. */
export function memoryMeeting() {
  const knocking: Channel[] = [];
  let wake = () => {};
  let isOpen = true;
  const meeting: Meeting = {
    async accept() {
      while (isOpen) {
        const next = knocking.shift();
        if (next) return next;
        await new Promise<void>((resolve) => (wake = resolve));
      }
      return null;
    },
    async close() {
      isOpen = false;
      wake();
    },
  };
  const join = (): { channel: Channel; cut: () => void } => {
    const { ends, cut } = memoryPipes();
    knocking.push(openChannel(ends[0], { peer: 'a worker' }));
    wake();
    return { channel: openChannel(ends[1], { peer: 'the training' }), cut };
  };
  return { meeting, join };
}

/** A channel that dies when a request of a kind arrives for the `nth` time. */
export function dyingAt(
  kind: Request['kind'],
  nth: number,
  { channel, cut }: { channel: Channel; cut: () => void },
): Channel {
  let seen = 0;
  return {
    ...channel,
    async receive() {
      const bytes = await channel.receive();
      const { head } = unpack(bytes) as Message<Request>;
      if (head.kind === kind && ++seen === nth) {
        cut();
        return channel.receive();
      }
      return bytes;
    },
  };
}

/** The states of two trainers are the same to the last bit. */
export function assertSameState(actual: Trainer['state'], expected: Trainer['state']): void {
  assert.deepEqual(actual, expected);
}
