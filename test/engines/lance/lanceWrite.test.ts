/** Work beside other writers: what is tried again, and for how long. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { besideOthers } from '../../../src/engines/lance/lanceWrite.js';

describe('besideOthers', () => {
  const attempt = async (failures: number, message: string) => {
    const counts = { tries: 0, newest: 0 };
    const table = {
      checkoutLatest: async () => {
        counts.newest++;
      },
    };
    const work = async () => {
      if (++counts.tries <= failures) throw new Error(message);
      return 'done';
    };
    const outcome = await besideOthers(table, work).catch((error: Error) => error.message);
    return [outcome, counts.tries, counts.newest];
  };

  it('tries again on the newest version when another writer came first', async () => {
    for (const message of [
      'lance error: Retryable commit conflict for version 9: preempted by concurrent transaction. Please retry.',
      'Object at location a/b.manifest not found',
      "Table 'files' already exists",
    ])
      assert.deepEqual(await attempt(2, message), ['done', 3, 2]);
  });

  it('gives up after six tries, and at once for any other error', async () => {
    assert.deepEqual(await attempt(9, 'commit conflict'), ['commit conflict', 6, 5]);
    assert.deepEqual(await attempt(1, 'disk full'), ['disk full', 1, 0]);
  });
});
