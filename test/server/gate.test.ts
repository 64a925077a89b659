/** The bound on the load, alone and in a server. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createGate } from '../../src/server/gate.js';
import { HttpError } from '../../src/server/http.js';
import { startServer } from '../../src/server/server.js';
import { temporaryFolder } from '../images/support.js';
import { asks, makeTable, posts } from './support.js';

const nothing = async () => undefined;

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
    const question = { id: items[0].id, k: 2 };
    const search = () => posts(`${server.url}/api/search`, question);
    // As many as it takes, whose bodies are long in coming.
    const slow = Array.from({ length: 3 }, () => begin(`${server.url}/api/search`, JSON.stringify(question)));
    while (!/requests_waiting 3$/m.test((await asks(`${server.url}/metrics`)).text)) await delay(5);
    const busy = await Promise.all(Array.from({ length: 40 }, search));
    assert.ok(busy.every(({ status, headers }) => status === 503 && headers['retry-after'] === '1'));
    const good = await Promise.all(slow.map(({ finish }) => finish()));
    const { text } = await search();
    assert.deepEqual(good, Array(3).fill({ status: 200, text }));
    assert.equal((await search()).status, 200);

    const late = search();
    await asks(`${server.url}/api/health`); // by now the search has been taken
    const closed = server.close();
    assert.equal((await late).status, 200);
    await closed;
  });
});
