/** Requests as JSON: what is deep or much is refused before it costs anything, and what is wrong is named in few words. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { check, parseJson } from '../../src/server/json.js';
import { question } from '../../src/server/protocol/schemas.js';

/** Names of an object with values. */
const names = (count: number) => Array.from({ length: count }, (_, i) => `"name ${i}":${i}`).join();

const parse = (text: string) => parseJson('application/json', Buffer.from(text));

describe('a body of JSON', () => {
  it('is what it says, brackets and quotes in texts too', () => {
    for (const value of [
      { id: '[[[[[[[[[[[[[[[[[[[[[[[' },
      { a: ['\\', '"]}', '{'.repeat(50)] },
      [],
      7,
      null,
    ])
      assert.deepEqual(parse(JSON.stringify(value)), value);
    assert.throws(() => parse('{'), { status: 400, message: /not JSON/ });
    assert.throws(() => parseJson(undefined, Buffer.from('{}')), { status: 415 });
  });

  it('is refused soon where it is deep or has many values', () => {
    const million = 2 ** 20;
    const bodies = [
      '['.repeat(million),
      '{"a":'.repeat(million / 5),
      `${'['.repeat(million / 2)}${']'.repeat(million / 2)}`,
      `{"vector":${'['.repeat(1000)}${']'.repeat(1000)}}`,
      `{"vector":[${'"",'.repeat(million / 4)}""]}`,
      `{"filter":{"ids":[${'[],'.repeat(million / 4)}[]]}}`,
      `{${Array.from({ length: 90_000 }, (_, i) => `"k${i}":1`).join()}}`,
      `{"filter":{"metadata":{${Array.from({ length: 201 }, (_, i) => `"k${i}":[]`).join()}}}}`,
      `[${Array.from({ length: 300 }, (_, i) => `{"k${i}":1}`).join()}]`,
      `{"a":{${names(150)}},"b":{${names(150)}},"c":{${names(150)}}}`,
      `{"vector":[${'-1.5e-9 , '.repeat(20_000)}1]}`,
    ];
    const started = process.cpuUsage();
    for (const body of bodies) assert.throws(() => parse(body), { status: 400 }, body.slice(0, 20));
    assert.ok(process.cpuUsage(started).user < 3e6);
  });

  it('is taken as far as a question may go, however it is laid out', () => {
    const texts = (count: number) => Array.from({ length: count }, (_, i) => `"te,xt\\" ${i}"`).join(' ,\n ');
    for (const body of [
      `{"vector": [ ${'1, '.repeat(16_383)} -2 ], "k": 3}`,
      `{"id":"a","filter":{"ids":[${texts(10_000)}],"nodes":[ ],"labels":[${texts(1000)}]}}`,
      `{"id":"a","filter":{"metadata":{${Array.from({ length: 100 }, (_, i) => `"c${i}":["x"]`).join()}}}}`,
    ]) {
      const value = parse(body);
      assert.deepEqual(value, JSON.parse(body));
      assert.deepEqual(check(question, value, 'the body'), value);
    }
  });

  it('is looked at no further than some wrong values', () => {
    const wrong = (count: number) => new Array(count).fill(true);
    for (const [value, place] of [
      [{ vector: wrong(16_384) }, 'vector.0'],
      [{ vector: [...new Array(100).fill(1), ...wrong(9000)] }, 'vector.100'],
      [{ id: 'a', filter: { ids: ['a', 'b', ...wrong(9000)] } }, 'filter.ids.2'],
      [{ id: 'a', filter: { metadata: { c: [...new Array(40).fill('x'), {}] } } }, 'filter.metadata.c.40'],
    ] as const) {
      const { error } = question.safeParse(value);
      assert.equal(error?.issues[0].path.join('.'), place);
      assert.ok(error.issues.length === 1);
    }
  });

  it('names what is wrong without repeating all of it', () => {
    const long = 'x'.repeat(100_000);
    const wrong: unknown[] = [
      { id: long },
      { [long]: 1 },
      Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`key ${i}`, 1])),
      { id: 'a', within: long },
      { id: 'a', filter: { metadata: { [long]: ['x'] } } },
      { id: 'a', filter: { metadata: { a: [long] } } },
      { id: 'a', filter: { metadata: Object.fromEntries(Array.from({ length: 101 }, (_, i) => [i, []])) } },
      { id: 'a', filter: { labels: new Array(1001).fill('a') } },
      { vector: new Array(50_000).fill('a') },
      { vector: [1e39] },
      { vector: [] },
      { id: 'a\0b' },
      { id: 'a', filter: { nodes: ['\0'] } },
    ];
    for (const value of wrong)
      assert.throws(
        () => check(question, value, 'the body'),
        ({ status, message }: { status: number; message: string }) => status === 400 && message.length < 500,
      );
    assert.deepEqual(check(question, { id: 'x'.repeat(1000) }, 'the body'), { id: 'x'.repeat(1000) });
    assert.throws(() => check(z.object({ a: z.string() }), {}, 'the address'), /In the address, "a"/);
  });
});
