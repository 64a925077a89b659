/** The bound on the load, alone and in a server. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createGate } from '../../src/server/gate.js';
import { HttpError } from '../../src/server/http.js';
import { ROUTES } from '../../src/server/routes.js';
import { startServer } from '../../src/server/server.js';
import { temporaryFolder } from '../images/support.js';
import { asks, blackPng, makeTable, posts } from './support.js';

/** Begins a request whose body is not all there before `finish()`, which gives the answer. */
function begin(url: string, body: string) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  const sent = request(url, { method: 'POST', headers, agent: false });
  const answer = new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
    sent.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
  });
  sent.write(body.slice(0, 5));
  return {
    finish: () => {
      sent.end(body.slice(5));
      return answer;
    },
  };
}

describe('a gate', () => {
  it('lets a number work and a number wait in order, and turns the rest away', async () => {
    const gate = createGate(2, 2);
    const ends: (() => void)[] = [];
    const done: number[] = [];
    const work = (i: number) =>
      gate.pass(async () => {
        await new Promise<void>((resolve) => ends.push(resolve));
        done.push(i);
      });
    const passing = [0, 1, 2, 3].map(work);
    const isBusy = (error: Error) => error instanceof HttpError && error.status === 503;
    await assert.rejects(work(4), isBusy);
    assert.throws(() => gate.assertRoom(), isBusy);
    assert.deepEqual([gate.running(), gate.waiting()], [2, 2]);
    for (let i = 0; i < 4; i++) {
      ends[i]();
      await passing[i];
    }
    assert.deepEqual(done, [0, 1, 2, 3]);
    assert.deepEqual([gate.running(), gate.waiting()], [0, 0]);
    gate.assertRoom();
  });

  it('goes on after work that failed', async () => {
    const gate = createGate(1, 1);
    await assert.rejects(gate.pass(() => Promise.reject(new Error('no'))));
    assert.equal(await gate.pass(async () => 7), 7);
    assert.deepEqual([gate.running(), gate.waiting()], [0, 0]);
  });

  it('drops who has left while waiting, and before', async () => {
    const gate = createGate(1, 2);
    let end = () => {};
    const first = gate.pass(
      () =>
        new Promise<void>((resolve) => {
          end = resolve;
        }),
    );
    const left = new AbortController();
    const never = () => assert.fail('this work is not begun');
    const second = gate.pass(never, left.signal);
    const third = gate.pass(async () => 3);
    left.abort(new Error('gone'));
    await assert.rejects(second, /gone/);
    assert.deepEqual([gate.running(), gate.waiting()], [1, 1]);
    end();
    await first;
    assert.equal(await third, 3);
    await assert.rejects(gate.pass(never, left.signal), /gone/);
    assert.deepEqual([gate.running(), gate.waiting()], [0, 0]);
  });
});

it('has searches with large answers pass a gate of their own, so that others do not wait behind them', () => {
  const { gate, gateOf } = ROUTES.find(({ path }) => path === '/api/search')!;
  assert.equal(gate, 'search');
  const gateFor = (body: object) => gateOf!({ query: {}, body: { id: 'a', ...body } });
  assert.deepEqual([{}, { k: 100 }, { k: 101 }, { group: true }].map(gateFor), [
    'search',
    'search',
    'large',
    'large',
  ]);
});

describe('a server under more requests than it takes', () => {
  it('answers 503 with a time to wait, loses none, and ends those under way when it closes', async () => {
    const { table, items } = await makeTable(temporaryFolder(), { classes: 4, each: 2 });
    const server = await startServer({ table, port: 0, running: 1, waiting: 2 });
    const question = { id: items[0].id, k: 2 };
    const search = () => posts(`${server.url}/api/search`, question);
    const body = await blackPng(3000, 3000);
    const upload = () => asks(`${server.url}/api/search/image?k=1`, { method: 'POST', body });
    const all = await Promise.all(Array.from({ length: 12 }, upload));
    const statuses = all.map(({ status }) => status);
    assert.ok(statuses.filter((status) => status === 200).length >= 3, statuses.join());
    const refused = all.filter(({ status }) => status !== 200);
    assert.ok(refused.length > 0, statuses.join());
    assert.ok(refused.every(({ status, headers }) => status === 503 && headers['retry-after'] === '1'));
    assert.equal((await search()).status, 200);

    const late = search();
    await asks(`${server.url}/api/health`); // by now the search has been taken
    const closed = server.close();
    assert.equal((await late).status, 200);
    await closed;
  });

  it('holds no place for bodies that are long in coming', async () => {
    const { table, items } = await makeTable(temporaryFolder(), { classes: 4, each: 2 });
    const server = await startServer({ table, port: 0, running: 1, waiting: 1 });
    const question = { id: items[0].id, k: 2 };
    const url = `${server.url}/api/search`;
    const slow = Array.from({ length: 80 }, () => begin(url, JSON.stringify(question)));
    while (!(await asks(`${server.url}/api/health`)).text.includes('ok')) await delay(5);
    const { status, text } = await posts(url, question);
    assert.equal(status, 200);
    assert.deepEqual(await slow[0].finish(), { status: 200, text });
    const others = slow.slice(1).map(({ finish }) => finish());
    for (const other of await Promise.all(others)) assert.ok([200, 503].includes(other.status!));
    await server.close();
  });
});
