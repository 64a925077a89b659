import assert from 'node:assert/strict';
import test from 'node:test';
import { assertAllclose } from './allclose.js';

test('assertAllclose accepts what is within atol + rtol · |expected|, and no more', () => {
  assertAllclose([100.9, 0.1], [100, 0], { rtol: 0.01, atol: 0.1 });
  assertAllclose(Float32Array.of(0.1), [0.1], { rtol: 1e-6 });
  assertAllclose(BigInt64Array.of(3n), [3]);
  assert.throws(() => assertAllclose([101.2], [100], { rtol: 0.01, atol: 0.1 }), /off/);
  assert.throws(() => assertAllclose([1], [1, 2]), /number of elements/);
});

test('assertAllclose takes NaN and infinities as equal to themselves alone', () => {
  assertAllclose([Number.NaN, Infinity], [Number.NaN, Infinity]);
  for (const [a, e] of [
    [Number.NaN, 1],
    [1, Number.NaN],
    [Infinity, 1],
    [1, Infinity],
    [-Infinity, Infinity],
  ])
    assert.throws(() => assertAllclose([a], [e], { rtol: 1, atol: 1e300 }), /1 of 1/);
});

test('the message names the worst element, both values and how many are off', () => {
  assert.throws(
    () => assertAllclose([1, 2.5, 3.1, 4], [1, 2, 3, 4], { atol: 0.01, rtol: 0 }, 'row sums'),
    /row sums: 2 of 4 elements are off; the worst, at 1, is 2\.5, expected 2 \(difference 5\.00e-1, allowed 1\.00e-2\)/,
  );
});
