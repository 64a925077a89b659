import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitCurve, likeness } from '../../src/umap/curve.js';

test('the curve has the parameters that umap-learn finds', () => {
  for (const [minDist, spread, a, b] of [
    [0.1, 1, 1.5769, 0.8951],
    [0.5, 1, 0.583, 1.3342],
    [0.01, 1, 1.8956, 0.8006],
  ]) {
    const curve = fitCurve(minDist, spread);
    assert.ok(Math.abs(curve.a - a) < 2e-3, `a ${curve.a}`);
    assert.ok(Math.abs(curve.b - b) < 2e-3, `b ${curve.b}`);
  }
});

test('spread is a unit of length', () => {
  const [one, half] = [fitCurve(0.2, 1), fitCurve(0.1, 0.5)];
  for (const d of [0.05, 0.3, 1, 2.5]) assert.ok(Math.abs(likeness(one, d) - likeness(half, d / 2)) < 1e-6);
  assert.equal(likeness(one, 0), 1);
});

test('impossible wishes are refused', () => {
  assert.throws(() => fitCurve(0.1, 0), /spread must be above 0/);
  assert.throws(() => fitCurve(4, 1), /minDist between/);
});
