import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carried, countAlone, linkItems } from '../../../web/page/linked.js';

test('items are the same where their ids are, and marks are carried over by that', () => {
  const { there, back } = linkItems({ ids: ['a', 'b', 'c'] }, { ids: ['c', 'x', 'a', 'y'] });
  assert.deepEqual([...there], [2, -1, 0]);
  assert.deepEqual([...back], [2, -1, 0, -1]);
  assert.deepEqual([countAlone(there), countAlone(back)], [1, 2]);
  assert.deepEqual([...carried(Uint8Array.of(1, 1, 0), back)!], [0, 0, 1, 0]);
  assert.equal(carried(null, back), null);
});
