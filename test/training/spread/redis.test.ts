/** The same over a real Redis server, with workers in processes of their own, one of which is killed within a step; then Redis is. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { joinMeeting, openMeeting } from '../../../src/fleet/meeting.js';
import { connectRedis, type RedisLink } from '../../../src/fleet/redis.js';
import { Workers } from '../../../src/training/spread/workers.js';
import { Trainer } from '../../../src/training/trainer.js';
import { startRedis, withoutRedis } from '../../fleet/support.js';
import {
  alone,
  assertSameState,
  CLASSES,
  DATA,
  STEPS_PER_EPOCH,
  spreadRecipe,
  takeSteps,
  until,
} from './support.js';

const CHILD = fileURLToPath(new URL('./redisChild.js', import.meta.url));
const STEPS = 5;

describe('a training with workers over Redis', { skip: withoutRedis }, () => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let link: RedisLink;
  before(async () => {
    redis = await startRedis();
    link = await connectRedis(redis.url);
  });
  after(async () => {
    await link?.close();
    await redis?.stop();
  });

  /** A worker process; in the mode `hang` it is killed when it has said that it is within a step. */
  const child = (mode: 'work' | 'hang') => {
    const worker = spawn(process.execPath, [CHILD, redis.url, 'bits', '2', mode], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let text = '';
    worker.stdout.on('data', (part) => {
      text += part;
      if (mode === 'hang' && text.includes('step')) worker.kill('SIGKILL');
    });
    return new Promise<{ said: string[]; signal: string | null }>((resolve) =>
      worker.on('close', (_, signal) => resolve({ said: text.trim().split('\n'), signal })),
    );
  };

  it('has one training of a name, and says when there is none', async () => {
    const meeting = await openMeeting(link, 'one', { lease: 0.4 });
    await assert.rejects(openMeeting(link, 'one', { lease: 0.4 }), {
      name: 'UsageError',
      message: /Another training has the name "one"/,
    });
    await meeting.close();
    await (await openMeeting(link, 'one')).close();
    await assert.rejects(joinMeeting(link, 'one', { wait: 0 }), {
      name: 'HierError',
      message: /No training "one" was found in this Redis for 0 s/,
    });
    await assert.rejects(openMeeting(link, 'a:b'), { name: 'UsageError' });
  });

  it('is the same to the last bit, though a worker is killed within a step, and Redis after it', async () => {
    const recipe = spreadRecipe();
    const meeting = await openMeeting(link, 'bits', { silence: 2 });
    const notes: string[] = [];
    const workers = new Workers({ meeting, onNote: (note) => notes.push(note) });
    const trainer = new Trainer(recipe, {
      classes: CLASSES,
      stepsPerEpoch: STEPS_PER_EPOCH,
      elsewhere: workers.training(DATA),
    });
    const ends = [child('work'), child('hang')];
    const reports: unknown[] = [];
    try {
      await until(() => workers.all.length === 2 && workers.all.every(({ state }) => state === 'ready'));
      for (let step = 0; step < STEPS; step++) {
        if (step === STEPS - 1) await redis.stop();
        reports.push(...(await takeSteps(trainer, recipe, step, step + 1)));
        await until(() => workers.all.every(({ state }) => state !== 'on trial'));
      }
      const expected = await alone(recipe, STEPS);
      assert.deepEqual(reports, expected.reports);
      assertSameState(trainer.state, expected.state);
    } finally {
      await trainer.close();
      await workers.close({ isDone: true });
    }
    const [worked, killed] = await Promise.all(ends);
    assert.deepEqual([killed.signal, killed.said], ['SIGKILL', ['step']]);
    assert.deepEqual([worked.signal, worked.said.at(-1)], [null, 'gone']);
    assert.ok(worked.said.includes('step'));
    assert.ok(
      notes.some((note) =>
        /is gone, and others do its part: Nothing was heard of a worker for 2 s/.test(note),
      ),
    );
  });
});
