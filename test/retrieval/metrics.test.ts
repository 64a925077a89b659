import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.js';
import { type PerQuery, scoreQuery, summarizeQueries } from '../../src/retrieval/metrics.js';
import { scoresFromHits } from './oracle.js';

function perQuery(ranks: number[][]): PerQuery {
  const scores = ranks.map((list) => scoreQuery(list));
  return {
    matches: Int32Array.from(scores, (s) => s.matches),
    bestRank: Int32Array.from(scores, (s) => s.bestRank),
    rPrecision: Float64Array.from(scores, (s) => s.rPrecision),
    averagePrecisionAtR: Float64Array.from(scores, (s) => s.averagePrecisionAtR),
    averagePrecision: Float64Array.from(scores, (s) => s.averagePrecision),
  };
}

test('scores of a query agree with those read off its list of hits', () => {
  const rankings = fc
    .integer({ min: 1, max: 40 })
    .chain((size) =>
      fc.tuple(fc.constant(size), fc.uniqueArray(fc.integer({ min: 1, max: size }), { minLength: 1 })),
    );
  fc.assert(
    fc.property(rankings, ([size, unsorted]) => {
      const ranks = unsorted.sort((a, b) => a - b);
      const ours = scoreQuery(ranks);
      const expected = scoresFromHits(ranks, size);
      assert.equal(ours.matches, expected.matches);
      assert.equal(ours.bestRank, expected.bestRank);
      for (const key of ['rPrecision', 'averagePrecisionAtR', 'averagePrecision'] as const)
        assert.ok(Math.abs(ours[key] - expected[key]) < 1e-12, key);
    }),
  );
});

test('a worked example', () => {
  // Three matches at ranks 1, 3 and 6: among the first three items, two are matches.
  const scores = scoreQuery([1, 3, 6]);
  assert.equal(scores.rPrecision, 2 / 3);
  assert.equal(scores.averagePrecisionAtR, (1 + 2 / 3) / 3);
  assert.equal(scores.averagePrecision, (1 + 2 / 3 + 3 / 6) / 3);
});

test('means leave lone queries out', () => {
  const metrics = summarizeQueries(perQuery([[1], [], [4, 5]]), [1, 4]);
  assert.deepEqual(metrics, {
    'recall@1': 0.5,
    'recall@4': 1,
    'precision@1': 0.5,
    mrr: (1 + 1 / 4) / 2,
    'r-precision': 0.5,
    'map@r': 0.5,
    map: (1 + (1 / 4 + 2 / 5) / 2) / 2,
  });
});

test('metrics that need more ranks than were found are left out', () => {
  const scores = perQuery([[1], [2, 3]]);
  assert.deepEqual(Object.keys(summarizeQueries(scores, [2], 'best')), ['recall@2', 'precision@1', 'mrr']);
  assert.ok(!('map' in summarizeQueries(scores, [2], 'top')));
  assert.ok('map@r' in summarizeQueries(scores, [2], 'top'));
});

test('without any match nothing is defined', () => {
  for (const value of Object.values(summarizeQueries(perQuery([[], []]), [1])))
    assert.ok(Number.isNaN(value));
});

test('a K that is not a whole number of at least 1 is refused', () => {
  for (const list of [[], [0], [1.5], [1, Number.NaN]])
    assert.throws(() => summarizeQueries(perQuery([[1]]), list), UsageError);
});
