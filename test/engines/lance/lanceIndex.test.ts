import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMadeIndex, partitionsFor } from '../../../src/engines/lance/lanceIndex.js';

test('what was kept of an index is read back; anything else counts as nothing', () => {
  const made = { rows: 1_000_000, probes: 12 };
  assert.deepEqual(parseMadeIndex(JSON.stringify(made)), made);
  for (const text of [
    null,
    '',
    '{',
    'null',
    '7',
    '[]',
    '{"rows":5}',
    '{"rows":5,"probes":0}',
    '{"rows":"5","probes":8}',
  ])
    assert.equal(parseMadeIndex(text), null, String(text));
});

test('there are about a thousand rows a partition, within bounds', () => {
  assert.deepEqual([1, 100_000, 1_000_000, 1e9].map(partitionsFor), [32, 100, 1000, 32_768]);
});
