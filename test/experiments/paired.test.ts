import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ComparisonRow, spreadOf } from '../../src/experiments/comparison.js';
import { pairedDifference, pairedRows } from '../../src/experiments/paired.js';
import { assertAllclose } from '../support/allclose.js';

const row = (method: string, seeds: readonly number[], values: readonly number[]): ComparisonRow => ({
  ...{ method, seeds, proxies: 0, runs: [], gain: null },
  metrics: { 'recall@1': spreadOf(values) },
});

test('an interval is that of a paired t test', () => {
  // 1, 2, 3: mean 2, standard error 1 / √3, t of 2 degrees of freedom 4.303.
  const { value, low, high } = pairedDifference([1, 2, 3]);
  assertAllclose([value, low, high], [2, 2 - 4.303 / Math.sqrt(3), 2 + 4.303 / Math.sqrt(3)], { rtol: 1e-6 });
  assert.ok(Number.isNaN(pairedDifference([0.5]).low), 'one seed has no interval');
});

test('HIER is held against the same loss without it, the other losses against the first, seed by seed', () => {
  const rows = [
    row('proxy-anchor:alpha=16', [0, 1], [0.5, 0.6]),
    row('proxy-anchor+hier:alpha=16', [1, 0], [0.7, 0.5]),
    row('sup-con', [0, 2], [0.4, 0.9]),
    row('sup-con+hier:losses.hier.margin=0.3', [0], [0.5]),
    row('multi-similarity', [7], [0.1]),
  ];
  const pairs = pairedRows(rows, ['recall@1', 'map@r']);
  assert.deepEqual(
    pairs.map(({ method, over, seeds }) => [method, over, seeds]),
    [
      [rows[1].method, rows[0].method, 2],
      [rows[3].method, rows[2].method, 1],
      [rows[2].method, rows[0].method, 1],
    ],
  );
  assert.ok(Math.abs(pairs[0].differences['recall@1'].value - 0.05) < 1e-12, '0 of seed 0, 0.1 of seed 1');
  assert.deepEqual(Object.keys(pairs[0].differences), ['recall@1'], 'what was not measured is left out');
});
