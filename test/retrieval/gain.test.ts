import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  gainOf,
  joinScores,
  meanScores,
  type PairedScores,
  pairedScores,
} from '../../src/retrieval/index.js';

const scores = (labels: number[], recall: number[]): PairedScores => ({
  labels,
  'recall@1': recall,
  'map@r': recall,
});

describe('gains of one retrieval over another', () => {
  it('are means over queries, with an interval over classes', () => {
    const labels = Array.from({ length: 60 }, (_, i) => Math.floor(i / 3));
    const before = scores(
      labels,
      labels.map(() => 0),
    );
    const same = scores(
      labels,
      labels.map(() => 1),
    );
    assert.deepEqual(gainOf(same, before)['recall@1'], { value: 1, low: 1, high: 1 });
    // Classes are gained whole or not at all: the interval is that of 20 tosses, not of 60.
    const half = scores(
      labels,
      labels.map((label) => label % 2),
    );
    const { value, low, high } = gainOf(half, before)['map@r'];
    assert.equal(value, 0.5);
    assert.ok(low > 0.2 && low < 0.35 && high > 0.65 && high < 0.8, `${low} to ${high}`);
    assert.deepEqual(gainOf(half, before), gainOf(half, before));
  });

  it('of one class have no interval', () => {
    const { value, low } = gainOf(scores([3, 3], [1, 0]), scores([3, 3], [0, 0]))['recall@1'];
    assert.deepEqual([value, low], [0.5, Number.NaN]);
  });

  it('leave queries without a match out', () => {
    const perQuery = {
      matches: Int32Array.from([1, 0, 2]),
      bestRank: Int32Array.from([1, 0, 3]),
      averagePrecisionAtR: Float64Array.from([1, 0, 0.25]),
    };
    const one = pairedScores(perQuery, [7, 8, 9]);
    assert.deepEqual(one, { labels: [7, 9], 'recall@1': [1, 0], 'map@r': [1, 0.25] });
    assert.deepEqual(meanScores(joinScores([one, one])), { 'recall@1': 0.5, 'map@r': 0.625 });
  });
});
