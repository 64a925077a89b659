/** The queue over a real Redis server; workers that are killed are processes of their own. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { after, before, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../src/errors.js';
import { embedShard } from '../../src/fleet/embedShard.js';
import { readFragmentFolder } from '../../src/fleet/fragmentFolder.js';
import { enqueue, type FleetPlan, removeFleet, retryAside } from '../../src/fleet/queue.js';
import { connectRedis, type RedisLink, withoutPassword } from '../../src/fleet/redis.js';
import { fingerprintOf, type Shard } from '../../src/fleet/shard.js';
import type { ShardItem } from '../../src/fleet/shardInputs.js';
import { fleetStatus, outlook } from '../../src/fleet/status.js';
import { type FleetEvent, workFleet } from '../../src/fleet/worker.js';
import { temporaryFolder } from '../images/support.js';
import { MODEL, makeItems, shardOptions, startRedis, withoutRedis } from './support.js';

const CHILD = fileURLToPath(new URL('./workerChild.js', import.meta.url));
const SHARDS = 4;

test('the outlook follows from what has been done', () => {
  const finished = [
    { embedded: 100, seconds: 10 },
    { embedded: 0, seconds: 0.1 },
  ];
  const running = [
    { done: 20, seconds: 10 },
    { done: 0, seconds: 3 },
  ];
  // 120 images in 20 seconds of work, by two workers.
  assert.deepEqual(outlook(finished, running, { left: 60, open: 3 }), { rate: 12, left: 5 });
  assert.deepEqual(outlook(finished, [], { left: 60, open: 3 }), { rate: null, left: null });
  assert.deepEqual(outlook(finished, [], { left: 0, open: 0 }), { rate: null, left: 0 });
});

test('addresses of Redis are checked, and shown without their password', async () => {
  assert.equal(withoutPassword('redis://me:secret@host:1/2'), 'redis://me:***@host:1/2');
  assert.throws(() => withoutPassword('http://host'), { name: 'UsageError' });
  assert.throws(() => withoutPassword('here'), { name: 'UsageError' });
  await assert.rejects(connectRedis('redis://me:secret@127.0.0.1:1'), (error: Error) => {
    assert.match(error.message, /cannot be reached at redis:\/\/me:\*\*\*@127\.0\.0\.1:1.*ECONNREFUSED/);
    return true;
  });
});

describe('a fleet', { skip: withoutRedis }, () => {
  const root = temporaryFolder();
  const files = join(root, 'files');
  let redis: Awaited<ReturnType<typeof startRedis>>;
  let link: RedisLink;
  let items: ShardItem[];
  before(async () => {
    redis = await startRedis();
    link = await connectRedis(redis.url);
    items = makeItems(files, 40);
  });
  after(async () => {
    await link?.close();
    await redis?.stop();
  });

  const planOf = (name: string, change: Partial<FleetPlan> = {}): FleetPlan => ({
    version: 1,
    run: '/run',
    images: [files],
    out: join(root, name),
    shards: SHARDS,
    maxBad: '1%',
    modelHash: 'a'.repeat(64),
    list: fingerprintOf(items.map(({ id }) => id)),
    total: items.length,
    ...change,
  });
  const embedInto = (name: string) => (shard: Shard) =>
    embedShard(shardOptions(items, shard.index, shard.count, join(root, name)));
  /** A worker process; `until` sees each line it says, and kills it by returning true. */
  const child = (name: string, mode: string, until: (line: string) => boolean = () => false) => {
    const words = [CHILD, redis.url, name, files, String(items.length), join(root, name), mode];
    const worker = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    worker.stdout.on('data', (part) => {
      text += part;
      if (text.split('\n').some(until)) worker.kill('SIGKILL');
    });
    return new Promise<{ text: string; signal: string | null }>((resolve) =>
      worker.on('close', (_, signal) => resolve({ text, signal })),
    );
  };

  it('adds each shard once, and refuses another plan of the same name', async () => {
    const plan = planOf('once');
    assert.deepEqual(await enqueue(link, 'once', plan), { shards: SHARDS, added: SHARDS });
    assert.deepEqual(await enqueue(link, 'once', plan), { shards: SHARDS, added: 0 });
    const { shards, images, secondsLeft } = await fleetStatus(link, 'once');
    assert.deepEqual([shards.waiting, shards.done, images.all, secondsLeft], [SHARDS, 0, 40, null]);
    await assert.rejects(
      enqueue(link, 'once', { ...plan, shards: 5, modelHash: 'b'.repeat(64) }),
      /another number of shards, another model/,
    );
    await removeFleet(link, 'once');
    await assert.rejects(fleetStatus(link, 'once'), /no fleet "once"/);
    assert.equal((await enqueue(link, 'once', plan)).added, SHARDS);
    await assert.rejects(enqueue(link, 'a:b', plan), /not a name of a fleet/);
  });

  it('tries failed shards again, sets poison ones aside with their reason, and queues them again', async () => {
    await enqueue(link, 'poison', planOf('poison'), { attempts: 2, backoff: 0.01 });
    const attempts = new Array<number>(SHARDS).fill(0);
    const events: FleetEvent[] = [];
    let cured = false;
    const run = () =>
      workFleet({
        link,
        name: 'poison',
        onEvent: (event) => events.push(event),
        work: async (shard) => {
          const attempt = ++attempts[shard.index];
          if (shard.index === 0 && attempt === 1) throw new Error('a hiccup');
          if (shard.index === 1 && !cured) throw new Error('poison\nin two lines');
          if (shard.index === 2 && !cured) throw new UsageError('a mistake');
          return embedInto('poison')(shard);
        },
      });
    const first = await run();
    assert.deepEqual(first, { done: 2, failed: 4, finished: true, aside: 2 });
    assert.deepEqual(attempts, [2, 2, 1, 1], 'a wrong usage is not tried again');
    const status = await fleetStatus(link, 'poison');
    assert.deepEqual(
      status.aside.map(({ shard, reason }) => [shard, reason]),
      [
        [1, 'poison\nin two lines'],
        [2, 'a mistake'],
      ],
    );
    assert.deepEqual([status.shards.done, status.shards.aside, status.secondsLeft], [2, 2, 0]);
    const told = events.flatMap((event) =>
      event.kind === 'failed' ? [`${event.shard.index} ${event.again}`] : [],
    );
    assert.deepEqual(told.sort(), ['0 true', '1 false', '1 true', '2 false']);

    await assert.rejects(retryAside(link, 'poison', [3]), /Shard 3 is not set aside\. Set aside are: /);
    cured = true;
    assert.deepEqual(await retryAside(link, 'poison', [2]), [2]);
    assert.deepEqual(await retryAside(link, 'poison'), [1]);
    assert.deepEqual(await run(), { done: 2, failed: 0, finished: true, aside: 0 });
    assert.equal(readFragmentFolder(join(root, 'poison')).rows, 40);
  });

  it('tells progress while shards are worked on, and stops after the shard in hand', async () => {
    await enqueue(link, 'stop', planOf('stop'));
    const stopper = new AbortController();
    const taken: number[] = [];
    let told: Awaited<ReturnType<typeof fleetStatus>> | undefined;
    const outcome = await workFleet({
      link,
      name: 'stop',
      signal: stopper.signal,
      work: async (shard, onProgress) => {
        taken.push(shard.index);
        onProgress(3, 10);
        while (told?.images.done !== 3) {
          told = await fleetStatus(link, 'stop');
          await setTimeout(10);
        }
        stopper.abort();
        return embedInto('stop')(shard);
      },
    });
    assert.deepEqual(taken, [0], 'no other shard is begun after the signal');
    assert.deepEqual([told!.images.done, told!.shards.active], [3, 1]);
    assert.ok(told!.imagesPerSecond! > 0);
    assert.deepEqual(outcome, { done: 1, failed: 0, finished: false, aside: 0 });
    const { shards } = await fleetStatus(link, 'stop');
    assert.deepEqual([shards.done, shards.waiting, shards.active], [1, 3, 0]);
  });

  it('lets workers go when their fleet is removed', async () => {
    await enqueue(link, 'removed', planOf('removed'));
    const work = workFleet({
      link,
      name: 'removed',
      work: async (shard) => {
        await removeFleet(link, 'removed', true);
        return embedInto('removed')(shard);
      },
    });
    await assert.rejects(work, /no fleet "removed"/);
  });

  it('gives the shard of a killed worker to another: one fragment a shard, nothing else', async () => {
    await enqueue(link, 'kill', planOf('kill'));
    // One is killed before it has written anything, one when the fragment is there but not yet told.
    const killed = await child('kill', 'hang', (line) => line.startsWith('in '));
    const late = await child('kill', 'after', (line) => line.startsWith('written '));
    assert.deepEqual([killed.signal, late.signal], ['SIGKILL', 'SIGKILL']);
    const [lost, told] = [killed, late].map(({ text }) => Number(/\d+/.exec(text)![0]));
    assert.notEqual(lost, told);
    assert.deepEqual(readdirSync(join(root, 'kill')), [`shard-0000${told}-of-00004.safetensors`]);
    const before = readFileSync(join(root, 'kill', `shard-0000${told}-of-00004.safetensors`));

    const [one, two] = await Promise.all([child('kill', 'work'), child('kill', 'work')]);
    const outcomes = [one, two].map(({ text }) => JSON.parse(text.trim().split('\n').at(-1)!));
    assert.equal(outcomes[0].done + outcomes[1].done, SHARDS);
    assert.ok(outcomes.every(({ finished, aside }) => finished && aside === 0));
    const embedded = [one, two].flatMap(({ text }) => text.match(/in \d/g) ?? []).sort();
    const expected = [0, 1, 2, 3].filter((index) => index !== told).map((index) => `in ${index}`);
    assert.deepEqual(embedded, expected, 'each once, and not again what was there');
    assert.equal(readdirSync(join(root, 'kill')).length, SHARDS, 'no temporary file is left');
    assert.ok(readFileSync(join(root, 'kill', `shard-0000${told}-of-00004.safetensors`)).equals(before));
    const whole = readFragmentFolder(join(root, 'kill'));
    assert.deepEqual([whole.rows, whole.shards, whole.model], [40, SHARDS, MODEL]);
  });

  it('sets a shard aside that loses its workers again and again', async () => {
    await enqueue(link, 'deadly', planOf('deadly', { shards: 1 }));
    let lost = 0;
    for (; lost < 10; lost++) {
      const { text, signal } = await child('deadly', 'hang', (line) => line.startsWith('in '));
      if (signal === null) {
        assert.deepEqual(JSON.parse(text), { done: 0, failed: 0, finished: true, aside: 1 });
        break;
      }
    }
    assert.equal(lost, 4, 'one, and three more that are allowed');
    const { aside } = await fleetStatus(link, 'deadly');
    assert.match(aside[0].reason, /stalled/);
  });

  it('keeps what is there when the queue was lost', async () => {
    writeFileSync(join(root, 'kill', 'other'), '');
    await enqueue(link, 'lost', planOf('kill'));
    const kept: boolean[] = [];
    await workFleet({
      link,
      name: 'lost',
      work: async (shard) => {
        const result = await embedInto('kill')(shard);
        kept.push(result.kept);
        return result;
      },
    });
    assert.deepEqual(kept, [true, true, true, true]);
  });
});
