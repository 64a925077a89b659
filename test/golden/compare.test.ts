import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, compareExactly, toleranceOf } from './compare.js';

const engine = 'graph float64';

test('the relative deviation is that of the vector an element belongs to', () => {
  const scalars = compare('d', [1, 100.001], [1, 100], { engine });
  assert.ok(Math.abs(scalars.relative - 1e-5) < 1e-9 && Math.abs(scalars.absolute - 1e-3) < 1e-9);
  assert.equal(scalars.ok, false);
  // (3, 4) has length 5: an error of 1e-6 in either component is 2e-7.
  const vectors = compare('x', [3.000001, 4, 50, 0], [3, 4, 50, 0], { engine, width: 2 });
  assert.ok(Math.abs(vectors.relative - 2e-7) < 1e-12);
});

test('the rest of a cancellation is not held relatively', () => {
  const tiny = compare('d', [1e-9, 1], [2e-9, 1], { engine });
  assert.ok(Math.abs(tiny.relative - 1e-6) < 1e-12, `${tiny.relative}`);
  assert.equal(compare('zero', [1e-16], [0], { engine }).ok, true);
  assert.equal(compare('zero', [1e-9], [0], { engine }).ok, false);
});

test('NaN and infinity never pass unless they are official', () => {
  assert.equal(compare('x', [Number.NaN], [1], { engine }).ok, false);
  assert.equal(compare('x', [1], [Number.POSITIVE_INFINITY], { engine }).ok, false);
  assert.equal(compare('x', [Number.POSITIVE_INFINITY], [Number.POSITIVE_INFINITY], { engine }).ok, true);
  const left = compare('x', [5, 1], [Number.NaN, 1], { engine });
  assert.equal(left.ok, true);
  assert.match(left.note!, /1 official NaN/);
  assert.equal(compare('x', [1, 2], [1], { engine }).ok, false);
});

test('whole numbers must be equal', () => {
  assert.equal(compareExactly('i', [1, 2, 3], [1, 2, 3], { engine }).ok, true);
  const wrong = compareExactly('i', [1, 2, 4], [1, 2, 3], { engine });
  assert.equal(wrong.ok, false);
  assert.match(wrong.note!, /1 of 3/);
});

test('tolerances: float64 alone is strict', () => {
  assert.equal(toleranceOf('value', 'float64', 'plain float64'), 1e-9);
  assert.equal(toleranceOf('gradient', 'float64', 'graph float64'), 1e-7);
  assert.equal(toleranceOf('value', 'float32', 'graph float64'), 1e-4);
  assert.equal(toleranceOf('gradient', 'float64', 'graph float32'), 1e-4);
  assert.equal(toleranceOf('boundary', 'float64', 'graph float32'), 2e-3);
  assert.equal(toleranceOf('boundary', 'float64', 'graph float64'), 1e-9);
});
