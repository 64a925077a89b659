import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressOf, stateOf } from '../../../web/page/state.js';
import { collection } from '../support.js';

test('the address keeps epoch, colour and term, and ignores what the collection does not have', () => {
  const kept = 'colour=level.kind&term=bird&epoch=1';
  const state = stateOf(kept, collection);
  assert.deepEqual([state.colour, state.term, state.snapshot], ['level.kind', 1, 0]);
  assert.equal(addressOf(state, collection), kept);
  const other = stateOf('colour=level.size&term=large&epoch=9', collection);
  assert.deepEqual([other.colour, other.term, other.snapshot], ['class', -1, 1]);
  assert.equal(addressOf(other, collection), '');
});
