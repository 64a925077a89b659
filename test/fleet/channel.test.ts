import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LostError, openChannel, type Pipe } from '../../src/fleet/channel.js';
import { memoryPipes } from '../training/spread/support.js';

const text = (message: Uint8Array) => Buffer.from(message).toString();
const bytes = (...words: string[]) => words.map((word) => Buffer.from(word));

/** Both ends of a channel in memory, with pieces of some bytes. */
function both(piece = 4, change: (pipe: Pipe) => Pipe = (pipe) => pipe) {
  const { ends, cut } = memoryPipes();
  const left = openChannel(change(ends[0]), { peer: 'the right one', piece });
  const right = openChannel(ends[1], { peer: 'the left one', piece });
  return { left, right, cut };
}

describe('a channel', () => {
  it('brings messages whole and in order, however they are cut', async () => {
    const { left, right } = both();
    const sent = ['', 'a', 'four', 'something longer', 'x'.repeat(17)];
    await Promise.all([
      ...sent.map((one) => left.send(bytes(one))),
      left.send(bytes('in ', 'some ', 'parts')),
    ]);
    for (const one of [...sent, 'in some parts']) assert.equal(text(await right.receive()), one);
    const asked = left.receive();
    await right.send(bytes('and back'));
    assert.equal(text(await asked), 'and back');
    assert.ok(left.bytes.sent > sent.join('').length && left.bytes.sent === right.bytes.received);
    await left.close();
  });

  it('forgives a piece that comes twice, and ends when one is lost', async () => {
    const twice = both(4, (pipe) => ({
      ...pipe,
      push: async (piece) => {
        await pipe.push(piece);
        await pipe.push(piece);
      },
    }));
    await twice.left.send(bytes('every piece twice'));
    assert.equal(text(await twice.right.receive()), 'every piece twice');
    await twice.left.close();

    let pieces = 0;
    const lossy = both(4, (pipe) => ({
      ...pipe,
      push: async (piece) => (pieces++ === 2 ? undefined : pipe.push(piece)),
    }));
    await lossy.left.send(bytes('the third one is lost'));
    await assert.rejects(lossy.right.receive(), {
      name: 'HierError',
      message: /A part of what the left one sent was lost/,
    });
    await lossy.left.close();
  });

  it('ends on silence, on a goodbye and on a pipe that fails, and says which', async () => {
    const silent = both();
    const asked = silent.right.receive();
    silent.cut();
    await assert.rejects(asked, (error: LostError) => {
      assert.ok(error instanceof LostError && !error.isGoodbye);
      assert.match(error.message, /Nothing was heard of the left one for 60 s/);
      return true;
    });
    await assert.rejects(silent.right.send(bytes('x')), LostError);

    const polite = both();
    await polite.left.send(bytes('last words'));
    await polite.left.close();
    assert.equal(text(await polite.right.receive()), 'last words');
    await assert.rejects(polite.right.receive(), (error: LostError) => error.isGoodbye);
    await polite.left.close();

    const broken = both(4, (pipe) => ({ ...pipe, push: () => Promise.reject(new Error('no room')) }));
    await assert.rejects(broken.left.send(bytes('x')), /no room/);
    await assert.rejects(broken.left.receive(), /The connection to the right one has failed: no room/);
  });

  it('gives signs of life while it has nothing to say', async () => {
    const { ends } = memoryPipes();
    const left = openChannel(ends[0], { peer: 'right', silence: 0.02 });
    const piece = await ends[1].pull(60_000);
    assert.equal(piece?.[4], 0);
    await left.close();
  });
});
