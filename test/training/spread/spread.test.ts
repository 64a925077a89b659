/** A training with workers over a transport in memory is one without, bit for bit, whatever happens to the workers. */
import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { DataError } from '../../../src/errors.js';
import { requireSpreadable } from '../../../src/training/spread/checks.js';
import {
  type WorkEnd,
  type WorkerEvent,
  type WorkOnOptions,
  workOn,
} from '../../../src/training/spread/work.js';
import { Workers } from '../../../src/training/spread/workers.js';
import { Trainer } from '../../../src/training/trainer.js';
import { tinyRecipe } from '../trainerSupport.js';
import {
  alone,
  assertSameState,
  CLASSES,
  DATA,
  dyingAt,
  formulaInputs,
  memoryMeeting,
  STEPS_PER_EPOCH,
  spreadRecipe,
  takeSteps,
  until,
} from './support.js';

const STEPS = 8;
const recipe = spreadRecipe();
const size = { classes: CLASSES, stepsPerEpoch: STEPS_PER_EPOCH };
let expected: Awaited<ReturnType<typeof alone>>;

/** A training under way with a meeting for its workers. */
function training() {
  const { meeting, join } = memoryMeeting();
  const notes: string[] = [];
  const workers = new Workers({ meeting, onNote: (note) => notes.push(note) });
  const trainer = new Trainer(recipe, { ...size, elsewhere: workers.training(DATA) });
  const ends: Promise<WorkEnd>[] = [];
  const refusals = () => notes.filter((note) => note.includes('was refused as a worker')).length;
  /** Starts a worker in this process, which is ready for its trial when this resolves. */
  const add = async (
    threads: number,
    change: Partial<WorkOnOptions> & { dies?: Parameters<typeof dyingAt>[0]; nth?: number } = {},
  ) => {
    const { dies, nth = 2, ...rest } = change;
    const events: WorkerEvent[] = [];
    const [before, refused] = [workers.all.length, refusals()];
    const joined = join();
    const channel = dies ? dyingAt(dies, nth, joined) : joined.channel;
    const openInputs = async () => formulaInputs(recipe);
    const end = workOn({ channel, threads, openInputs, onEvent: (event) => events.push(event), ...rest });
    ends.push(end);
    end.catch(() => undefined);
    await until(() => refusals() > refused || workers.all.length > before);
    await until(() => workers.all.every(({ state }) => state === 'ready' || state === 'working'));
    const dealt = () => events.flatMap((event) => (event.kind === 'step' ? [event.replicas] : []));
    return { end, dealt };
  };
  /** Takes steps up to `to`, after each of which all trials are decided. */
  let at = 0;
  const reports: unknown[] = [];
  const stepTo = async (to: number) => {
    for (; at < to; at++) {
      reports.push(...(await takeSteps(trainer, recipe, at, at + 1)));
      await until(() => workers.all.every(({ state }) => state !== 'on trial'));
    }
  };
  const close = async (isDone = true) => {
    await trainer.close();
    await workers.close({ isDone });
  };
  return { trainer, workers, notes, ends, add, stepTo, reports, close };
}

before(async () => {
  expected = await alone(recipe, STEPS);
});

describe('a training with workers', () => {
  it('is the same to the last bit, with workers that come when they like', async () => {
    const { trainer, add, stepTo, reports, close, ends, notes } = training();
    try {
      await stepTo(1);
      const first = await add(2);
      await stepTo(3);
      assert.deepEqual(first.dealt(), [[0], [2, 3]], 'one replica on trial, then a half of the work');
      const second = await add(4);
      await stepTo(STEPS);
      assert.deepEqual(second.dealt().slice(0, 2), [[0], [2, 3]]);
      assert.deepEqual(first.dealt().at(-1), [1]);
      assert.deepEqual(reports, expected.reports);
      assertSameState(trainer.state, expected.state);
      assert.equal(notes.filter((note) => note.includes('computes a part of each step')).length, 2);
      assert.ok(
        notes.some((note) => note.includes('engine.replicas=8')),
        'eight processors, four replicas',
      );
    } finally {
      await close();
    }
    assert.deepEqual(await Promise.all(ends), ['done', 'done']);
  });

  it('is the same when workers are killed on the way forward, in the losses or on the way back', async () => {
    const { trainer, add, stepTo, reports, close, notes, workers, ends } = training();
    try {
      await add(1, { dies: 'forward' });
      await add(1, { dies: 'loss', nth: 3 });
      await add(2, { dies: 'backward', nth: 4 });
      await stepTo(STEPS);
      assert.deepEqual(reports, expected.reports);
      assertSameState(trainer.state, expected.state);
      assert.equal(workers.all.length, 0);
      assert.equal(
        notes.filter((note) => /is gone, and others do its part: Nothing was heard/.test(note)).length,
        3,
      );
    } finally {
      await close();
    }
    assert.deepEqual(await Promise.all(ends), ['gone', 'gone', 'gone']);
  });

  it('refuses by name who has other software, data or arithmetic, and goes on', async () => {
    const { trainer, add, stepTo, reports, close, notes } = training();
    try {
      const old = await add(1, { hello: { name: 'an old one', software: { hier: '0.0.1', engine: 'x' } } });
      await assert.rejects(old.end, {
        name: 'UsageError',
        message: /it runs hier 0\.0\.1, and the training/,
      });
      const elsewhere = await add(1, {
        openInputs: async () => {
          throw new DataError('other photos');
        },
      });
      await assert.rejects(elsewhere.end, { name: 'DataError', message: 'other photos' });
      const different = await add(1, { openInputs: async () => formulaInputs(recipe, 1e-3) });
      await stepTo(2);
      await assert.rejects(different.end, {
        name: 'UsageError',
        message: /it computes other embeddings than/,
      });
      await stepTo(STEPS);
      assert.deepEqual(reports, expected.reports);
      assertSameState(trainer.state, expected.state);
      const refused = notes.filter((note) => note.includes('was refused as a worker'));
      assert.equal(refused.length, 3);
      assert.match(refused[0], /^an old one was refused as a worker: it runs hier 0\.0\.1/);
    } finally {
      await close();
    }
  });

  it('lets a worker leave', async () => {
    const { trainer, add, stepTo, close, workers } = training();
    const leaving = new AbortController();
    try {
      const { end } = await add(2, { signal: leaving.signal });
      await stepTo(2);
      leaving.abort();
      assert.equal(await end, 'left');
      await until(() => workers.all.length === 0);
      await stepTo(STEPS);
      assertSameState(trainer.state, expected.state);
    } finally {
      await close();
    }
  });
});

describe('what cannot be spread', () => {
  it('is refused by name before it starts', () => {
    const refused = (recipe: ReturnType<typeof tinyRecipe>, message: RegExp) =>
      assert.throws(() => requireSpreadable(recipe), { name: 'UsageError', message });
    const base = tinyRecipe();
    requireSpreadable(base);
    refused({ ...base, engine: { ...base.engine, device: 'webgpu' } }, /engine\.device is "webgpu"/);
    const own = { kind: 'mine' } as never;
    refused(
      { ...base, images: { ...base.images, augment: own } },
      /The augmentation "mine" comes from your program/,
    );
    const backbone = { ...base.backbone, name: 'mine', trainFrom: 1 } as never;
    refused({ ...base, backbone }, /The backbone "mine" comes from your program/);
  });
});
