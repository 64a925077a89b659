import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CURVE, estimates } from '../../../src/runs/evaluation/estimates.js';

const perQuery = {
  matches: Int32Array.of(2, 2, 2, 1, 1, 0),
  bestRank: Int32Array.of(1, 3, 2, 1, 200, 0),
  averagePrecisionAtR: Float64Array.of(1, 0, 0.5, 1, 0, 0),
};

test('means leave lone queries out, and intervals hold them', () => {
  const { recall, mapAtR } = estimates(perQuery, [0, 0, 0, 1, 1, 2]);
  assert.deepEqual(CURVE.slice(0, 3), [1, 2, 4]);
  assert.deepEqual(
    recall.slice(0, 3).map(({ value }) => value),
    [2 / 5, 3 / 5, 4 / 5],
  );
  assert.equal(mapAtR.value, 0.5);
  for (const { value, low, high } of [...recall, mapAtR]) assert.ok(low <= value && value <= high);
  assert.deepEqual(estimates(perQuery, [0, 0, 0, 1, 1, 2]), { recall, mapAtR });
});

test('classes are what is resampled: one class has no spread, equal classes neither', () => {
  const { recall } = estimates(perQuery, [0, 0, 0, 0, 0, 0]);
  assert.deepEqual(recall[0], { value: 0.4, low: 0.4, high: 0.4 });
  const twice = {
    matches: Int32Array.of(1, 1),
    bestRank: Int32Array.of(1, 1),
    averagePrecisionAtR: Float64Array.of(1, 1),
  };
  assert.deepEqual(estimates(twice, [0, 1]).recall[0], { value: 1, low: 1, high: 1 });
});
