/** The bound on the load, alone and in a server. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createGate } from '../../src/server/gate.js';
import { HttpError } from '../../src/server/http.js';
import { startServer } from '../../src/server/server.js';
import { temporaryFolder } from '../images/support.js';
import { asks, makeTable, posts } from './support.js';

const nothing = async () => undefined;

describe('a gate', () => {
  it('lets so many work, so many wait in order, and turns the rest away', async () => {
    const gate = createGate(2, 2);
    const ends: (() => void)[] = [];
    const done: number[] = [];
    const work = (i: number) =>
      gate.pass(nothing, async () => {
        await new Promise<void>((resolve) => ends.push(resolve));
        done.push(i);
      });
    const passing = [0, 1, 2, 3].map(work);
    await assert.rejects(work(4), (error: Error) => error instanceof HttpError && error.status === 503);
    assert.deepEqual([gate.running(), gate.waiting()], [2, 2]);
    for (let i = 0; i < 4; i++) {
      ends[i]();
      await passing[i];
    }
    assert.deepEqual(done, [0, 1, 2, 3]);
    assert.deepEqual([gate.running(), gate.waiting()], [0, 0]);
  });

  it('goes on after work that failed', async () => {
    const gate = createGate(1, 1);
    await assert.rejects(gate.pass(nothing, () => Promise.reject(new Error('no'))));
    await assert.rejects(gate.pass(() => Promise.reject(new Error('no')), nothing));
    assert.equal(await gate.pass(nothing, async () => 7), 7);
    assert.deepEqual([gate.running(), gate.waiting()], [0, 0]);
  });

  it('counts what is still being fetched, and fetches nothing for what it turns away', async () => {
    const gate = createGate(1, 1);
    const arrive: ((value: number) => void)[] = [];
    const fetch = () => new Promise<number>((resolve) => arrive.push(resolve));
    const double = async (value: number) => 2 * value;
    const passing = [gate.pass(fetch, double), gate.pass(fetch, double)];
    await assert.rejects(gate.pass(fetch, double), { status: 503 });
    assert.deepEqual([arrive.length, gate.running(), gate.waiting()], [2, 0, 2]);
    arrive[1](4);
    assert.equal(await passing[1], 8); // who comes slowly holds nobody up
    arrive[0](3);
    assert.equal(await passing[0], 6);
  });
});

describe('a server under more requests than it takes', () => {
  it('answers 503 with a time to wait, loses none, and ends those under way when it closes', async () => {
    const { table, items } = await makeTable(temporaryFolder(), { classes: 4, each: 2 });
    const server = await startServer({ table, port: 0, running: 1, waiting: 2 });
    const search = () => posts(`${server.url}/api/search`, { id: items[0].id, k: 2 });
    const answers = await Promise.all(Array.from({ length: 40 }, search));
    const [good, busy] = [200, 503].map((status) => answers.filter((one) => one.status === status));
    assert.equal(good.length + busy.length, 40);
    assert.ok(good.length >= 3 && busy.length >= 1, `${good.length} answered, ${busy.length} turned away`);
    assert.ok(busy.every(({ headers }) => headers['retry-after'] === '1'));
    assert.ok(good.every((one) => one.text === good[0].text));
    assert.equal((await search()).status, 200);

    const late = search();
    await asks(`${server.url}/api/health`); // by now the search has been taken
    const closed = server.close();
    assert.equal((await late).status, 200);
    await closed;
  });
});
