/** Bodies on their way in: bounded in length, in time and all together. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { createBodies } from '../../src/server/bodies.js';

/** A request that is only a stream, and its response. */
function exchange(length?: number) {
  const headers = length === undefined ? {} : { 'content-length': String(length) };
  const request = Object.assign(new PassThrough(), { headers });
  const response = new PassThrough();
  return {
    stream: request,
    request: request as unknown as IncomingMessage,
    response: response as unknown as ServerResponse,
  };
}

describe('a body on its way in', () => {
  it('is what was sent', async () => {
    const bodies = createBodies({ room: 100 });
    const { stream, request, response } = exchange();
    const read = bodies.read(request, response, 10);
    stream.write('abc');
    stream.end('def');
    assert.equal((await read).toString(), 'abcdef');
  });

  it('is taken in parts, between which the loop goes on, by the pace of its sender alone', async () => {
    const bodies = createBodies({ room: 1e8, patience: 40 });
    const { stream, request, response } = exchange();
    const read = bodies.read(request, response, 1e8);
    const part = Buffer.alloc(2 ** 16, 'x');
    let loops = 0;
    let isOver = false;
    const count = () => {
      loops++;
      if (!isOver) setImmediate(count);
    };
    count();
    for (let i = 0; i < 40; i++) stream.write(part);
    stream.end();
    assert.equal((await read).length, 40 * part.length);
    isOver = true;
    assert.ok(loops >= 5, `${loops} loops`);
  });

  it('is refused where it is too long, by what is announced and by what comes', async () => {
    const bodies = createBodies({ room: 100 });
    const announced = exchange(11);
    await assert.rejects(bodies.read(announced.request, announced.response, 10), { status: 413 });
    const longer = exchange(5);
    const read = bodies.read(longer.request, longer.response, 10);
    longer.stream.write('x'.repeat(11));
    await assert.rejects(read, { status: 413 });
  });

  it('ends where it does not come forward, byte by byte too', async () => {
    const bodies = createBodies({ room: 1e6, patience: 40 });
    for (const bytes of [0, 1]) {
      const { stream, request, response } = exchange();
      const read = bodies.read(request, response, 1e6);
      const timer = setInterval(() => bytes > 0 && stream.write('x'), 5);
      await assert.rejects(read, { status: 408 });
      clearInterval(timer);
    }
  });

  it('gives way, the oldest first, when all together need too much room; what has come keeps its room until it is answered', async () => {
    const bodies = createBodies({ room: 100 });
    const [first, second, third, fourth] = [exchange(), exchange(), exchange(), exchange()];
    const start = ({ stream, request, response }: ReturnType<typeof exchange>, bytes: number) => {
      const read = bodies.read(request, response, 100);
      read.catch(() => undefined);
      stream.write('x'.repeat(bytes));
      return read;
    };
    const reads = [start(first, 40), start(second, 40)];
    reads.push(start(third, 40));
    await assert.rejects(reads[0], { status: 503 });
    for (const one of [second, third]) one.stream.end();
    assert.deepEqual([(await reads[1]).length, (await reads[2]).length], [40, 40]);
    await assert.rejects(start(fourth, 40), { status: 503 }, 'the room is taken');
    second.response.destroy();
    await once(second.response, 'close');
    const fifth = exchange();
    const read = start(fifth, 40);
    fifth.stream.end();
    assert.equal((await read).length, 40);
  });

  it('ends with who sends it', async () => {
    const bodies = createBodies({ room: 100 });
    for (const how of [undefined, new Error('aborted')]) {
      const { stream, request, response } = exchange();
      const read = bodies.read(request, response, 10);
      stream.write('x');
      stream.destroy(how);
      await assert.rejects(read, { name: 'ClientGone', status: 499 });
    }
  });
});
