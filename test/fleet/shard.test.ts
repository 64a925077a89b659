import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { fingerprintOf, parseShard, rangesText, shardOf } from '../../src/fleet/shard.js';
import { badLimit, itemsOf } from '../../src/fleet/shardInputs.js';

const ids = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `photos/${i}.jpg` }));

test('parseShard reads i/N, and auto/N from JOB_COMPLETION_INDEX', () => {
  assert.deepEqual(parseShard('3/20', {}), { index: 3, count: 20 });
  assert.deepEqual(parseShard('auto/20', { JOB_COMPLETION_INDEX: '19' }), { index: 19, count: 20 });
  assert.throws(() => parseShard('auto/20', {}), /JOB_COMPLETION_INDEX, which is not set/);
  assert.throws(() => parseShard('auto/20', { JOB_COMPLETION_INDEX: '20' }), /no shard 20 of 20.*last is 19/);
  assert.throws(() => parseShard('20/20', {}), /counted from 0, so the last is 19/);
  for (const wrong of ['1', '1/0', '-1/2', '1/2/3', 'a/2', '1/100001', '1.5/2'])
    assert.throws(() => parseShard(wrong, {}), { name: 'UsageError' }, wrong);
});

test('shardOf follows its description, computed another way', () => {
  const oracle = (id: string, count: number) => {
    const mask = 0xffffffffn;
    let h = 0x811c9dc5n;
    for (const byte of Buffer.from(id, 'utf16le')) h = ((h ^ BigInt(byte)) * 0x01000193n) & mask;
    h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & mask;
    h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & mask;
    h ^= h >> 16n;
    return Number((h * BigInt(count)) >> 32n);
  };
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 100_000 }), (id, count) => {
      assert.equal(shardOf(id, count), oracle(id, count));
    }),
    { seed: 6 },
  );
});

test('every item is in exactly one shard, whatever the order of the list, and shards are alike in size', () => {
  const all = ids(20_000);
  const shards = Array.from({ length: 20 }, (_, index) => itemsOf(all, { index, count: 20 }));
  assert.equal(new Set(shards.flat().map(({ id }) => id)).size, 20_000);
  assert.equal(shards.flat().length, 20_000);
  // Binomial with mean 1000 and standard deviation 31.
  for (const { length } of shards) assert.ok(Math.abs(length - 1000) < 5 * 31, `${length}`);
  assert.deepEqual(itemsOf([...all].reverse(), { index: 7, count: 20 }), shards[7]);
  const sorted = shards[7].map(({ id }) => id);
  assert.deepEqual(sorted, [...sorted].sort());
  assert.throws(
    () => itemsOf([...all, all[0]], { index: shardOf(all[0].id, 20), count: 20 }),
    /listed twice/,
  );
});

test('an item that is added moves no other', () => {
  const before = ids(500);
  const after = [{ id: 'a new one' }, ...before];
  for (let index = 0; index < 7; index++) {
    const own = itemsOf(after, { index, count: 7 }).filter(({ id }) => id !== 'a new one');
    assert.deepEqual(own, itemsOf(before, { index, count: 7 }));
  }
});

test('fingerprints do not depend on the order, and tell lists apart', () => {
  const names = ids(100).map(({ id }) => id);
  assert.equal(fingerprintOf(names), fingerprintOf([...names].reverse()));
  const others = [names.slice(1), [...names, 'x'], [...names.slice(1), 'x'], [...names.slice(1), names[1]]];
  const prints = new Set([names, ...others].map(fingerprintOf));
  assert.equal(prints.size, 5);
  assert.match(fingerprintOf(names), /^100-[0-9a-f]{16}$/);
});

test('rangesText writes runs of three or more as a range', () => {
  assert.equal(rangesText([]), '');
  assert.equal(rangesText([4]), '4');
  assert.equal(rangesText([0, 1, 3, 4, 5, 9]), '0, 1, 3 to 5 and 9');
});

test('badLimit takes numbers and percentages, rounded up', () => {
  assert.equal(badLimit('20', 5), 20);
  assert.equal(badLimit('0', 5), 0);
  assert.equal(badLimit('1%', 101), 2);
  assert.equal(badLimit('0%', 101), 0);
  assert.equal(badLimit('0.5%', 1000), 5);
  for (const wrong of ['', '-1', '1.5', '101%', 'x', '1 %'])
    assert.throws(() => badLimit(wrong, 10), /not a limit/);
});
