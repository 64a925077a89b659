/** How a worker learns that its training has ended: by its last word, whatever the worker was doing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LostError } from '../../../src/fleet/channel.js';
import { pack } from '../../../src/training/spread/messages.js';
import { workOn } from '../../../src/training/spread/work.js';
import { Workers } from '../../../src/training/spread/workers.js';
import { formulaInputs, memoryMeeting } from './support.js';

const worker = { threads: 1, openInputs: async () => formulaInputs(assert.fail()) };

/** Waits until the other side of a channel is known to have ended. */
async function ended(channel: { send(parts: readonly Uint8Array[]): Promise<void> }): Promise<void> {
  for (;;) {
    try {
      await channel.send([new Uint8Array(1)]);
    } catch (error) {
      assert.ok(error instanceof LostError);
      return;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a worker whose training ends', () => {
  for (const [word, end] of [
    [{ kind: 'done' }, 'done'],
    [{ kind: 'paused' }, 'paused'],
    [null, 'gone'],
  ] as const)
    it(`while it computes has ${end === 'gone' ? 'lost it without a last word' : `heard "${end}"`}`, async () => {
      const { meeting, join } = memoryMeeting();
      const { channel } = join();
      const training = (await meeting.accept())!;
      let received = 0;
      const busy = {
        ...channel,
        async receive() {
          const message = await channel.receive();
          if (received++ === 0) await ended(channel);
          return message;
        },
      };
      const work = workOn({ channel: busy, ...worker });
      await training.receive();
      await training.send(pack({ kind: 'loss', id: 0 }));
      if (word) await training.send(pack(word));
      await training.close();
      assert.equal(await work, end);
    });

  it('before it was let in is told so', async () => {
    const { meeting, join } = memoryMeeting();
    const workers = new Workers({ meeting, onNote: assert.fail });
    const { channel } = join();
    await new Promise((resolve) => setImmediate(resolve)); // it is accepted, and has said nothing yet
    await workers.close({ isDone: true });
    assert.equal(await workOn({ channel, ...worker }), 'done');
  });
});
