/** The protocol of worker threads: answers, errors with their class, and how a thread ends. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, it } from 'node:test';
import { Worker } from 'node:worker_threads';
import { DataError, HierError, UsageError } from '../src/errors.js';
import { connectThread, moving, type Thread } from '../src/threads.js';
import type { ChildCalls } from './threadsChild.js';

/** Runs `work` with a thread, which is ended whatever happens. */
async function withThread(
  work: (thread: Thread<ChildCalls>, seen: { deaths: Error[]; closed: Int32Array }) => Promise<void>,
  { refuses = false } = {},
): Promise<void> {
  const closed = new SharedArrayBuffer(4);
  const deaths: Error[] = [];
  const worker = new Worker(new URL('./threadsChild.js', import.meta.url), {
    workerData: { refuses, closed },
    stderr: true,
  });
  const thread = connectThread<ChildCalls>(worker, { name: 'the child', onDeath: (e) => deaths.push(e) });
  try {
    await work(thread, { deaths, closed: new Int32Array(closed) });
  } finally {
    await thread.terminate();
  }
}

describe('a thread', () => {
  it('answers many calls, each with its own answer', () =>
    withThread(async (thread) => {
      await thread.ready();
      const answers = await Promise.all([1, 2, 3, 4].map((x) => thread.call('double', x)));
      assert.deepEqual(answers, [2, 4, 6, 8]);
    }));

  it('tells news in order before it answers', () =>
    withThread(async (thread) => {
      const news: number[] = [];
      assert.equal(await thread.call('count', 3, (n) => news.push(n)), 3);
      assert.deepEqual(news, [1, 2, 3]);
    }));

  it('moves memory there and back', () =>
    withThread(async (thread) => {
      const array = new Float32Array(4);
      const filled = await thread.call('fill', moving(array, [array.buffer]));
      assert.deepEqual([array.length, filled], [0, Float32Array.of(7, 7, 7, 7)]);
    }));

  it('throws what was thrown there, with its class, message, cause and place', () =>
    withThread(async (thread) => {
      const caught = (kind: Parameters<ChildCalls['fail']>[0]) =>
        thread.call('fail', kind).then(
          () => assert.fail(),
          (error: Error) => error,
        );
      const usage = await caught('usage');
      assert.deepEqual(
        [usage.constructor, usage.name, usage.message],
        [UsageError, 'UsageError', 'wrong word'],
      );
      assert.equal((usage as UsageError).exitCode, 2);
      const data = await caught('data');
      assert.ok(data instanceof DataError && data.cause instanceof RangeError);
      assert.match(data.stack!, /threadsChild/);
      assert.equal((await caught('hier')).constructor, HierError);
      assert.equal((await caught('range')).constructor, RangeError);
      const defect = await caught('defect');
      assert.deepEqual([defect.constructor, defect.message], [Error, 'a defect']);
      assert.equal((await caught('text')).message, 'only a text');
      await assert.rejects(thread.call('uncloneable'), /could not be cloned/);
      assert.equal(await thread.call('double', 4), 8);
    }));

  it('that cannot begin rejects every call with the reason, before and after', () =>
    withThread(
      async (thread, { deaths }) => {
        const refusal = (error: unknown) => error instanceof DataError && /is damaged/.test(error.message);
        const early = thread.call('double', 1);
        await assert.rejects(thread.ready(), refusal);
        await assert.rejects(early, refusal);
        await assert.rejects(thread.call('double', 2), refusal);
        assert.equal(deaths.length, 1);
        await thread.close();
      },
      { refuses: true },
    ));

  it('that ends by itself or crashes rejects what waits and what comes', async () => {
    const cases = [
      [
        (thread: Thread<ChildCalls>) => thread.call('exit', 5),
        /the child ended unexpectedly \(exit code 5\)/,
      ],
      [(thread: Thread<ChildCalls>) => thread.call('crash'), /the child failed: out of nowhere/],
    ] as const;
    for (const [die, pattern] of cases)
      await withThread(async (thread, { deaths }) => {
        const dying = die(thread).catch(() => undefined);
        await assert.rejects(thread.call('slow', new SharedArrayBuffer(4)), pattern);
        await dying;
        await assert.rejects(thread.call('double', 1), pattern);
        assert.equal(deaths.length, 1);
        await thread.close();
      });
  });

  it('whose last answer comes after the news that it has crashed is waited for until it has ended', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();
    const worker = Object.assign(new EventEmitter(), {
      ref: () => undefined,
      unref: () => undefined,
      postMessage: () => undefined,
      terminate: async () => 0,
    });
    const thread = connectThread<ChildCalls>(worker as unknown as Worker, { name: 'the child' });
    const called = assert.rejects(thread.call('crash'), /the child failed: out of nowhere/);
    assert.equal(timers(), before + 1);
    worker.emit('error', new Error('out of nowhere'));
    await called;
    assert.equal(timers(), before);
    const closing = thread.close();
    worker.emit('message', { id: 0, answer: undefined });
    assert.equal(timers(), before + 1, 'nothing holds on to the event loop');
    worker.emit('exit', 1);
    await closing;
    await thread.terminate();
    assert.equal(timers(), before);
  });

  it('is closed after its last answer, once, and is then of no use', () =>
    withThread(async (thread, { deaths, closed }) => {
      const flag = new SharedArrayBuffer(4);
      const answer = thread.call('slow', flag);
      const ending = [thread.close(), thread.close()];
      await assert.rejects(thread.call('double', 1), /the child was closed/);
      Atomics.store(new Int32Array(flag), 0, 1);
      assert.equal(await answer, 'done');
      await Promise.all(ending);
      assert.equal(closed[0], 1);
      assert.deepEqual(deaths, []);
    }));

  it('that is terminated rejects what waits', () =>
    withThread(async (thread, { deaths }) => {
      const answer = thread.call('slow', new SharedArrayBuffer(4));
      const rejected = assert.rejects(answer, /the child was closed/);
      await thread.terminate();
      await thread.terminate();
      await rejected;
      await thread.close();
      assert.deepEqual(deaths, []);
    }));
});
