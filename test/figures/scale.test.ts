import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { linearScale, logarithmicScale } from '../../src/figures/scale.js';

test('linear ticks are round, few, and cover the values', () => {
  const { ticks, label, place } = linearScale(0.13, 0.78, [100, 0]);
  assert.deepEqual(ticks.map(label), ['0.0', '0.2', '0.4', '0.6', '0.8']);
  assert.equal(place(0), 100);
  assert.equal(place(ticks[4]), 0);
  fc.assert(
    fc.property(
      fc.double({ min: -1e6, max: 1e6, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e6, noNaN: true }),
      (low, width) => {
        const scale = linearScale(low, low + width, [0, 1]);
        assert.ok(scale.ticks.length >= 2 && scale.ticks.length <= 9, `${scale.ticks}`);
        const slack = 1e-9 + (1e-15 * Math.abs(low)) / width; // of the numbers themselves
        assert.ok(scale.place(low) >= -slack && scale.place(low + width) <= 1 + slack);
      },
    ),
  );
});

test('percent, an exact range, and a single value', () => {
  assert.deepEqual(
    linearScale(0, 1, [0, 1], { percent: true }).ticks.map(
      linearScale(0, 1, [0, 1], { percent: true }).label,
    ),
    ['0', '20', '40', '60', '80', '100'],
  );
  assert.equal(linearScale(1, 9, [0, 80], { exact: true }).place(9), 80);
  assert.ok(Number.isFinite(linearScale(3, 3, [0, 10]).place(3)));
});

test('on a logarithmic scale equal factors are equal lengths', () => {
  const { place, ticks, label } = logarithmicScale(1, 128, [0, 70], [1, 2, 4, 128, 256]);
  assert.ok(Math.abs(place(2) - 10) < 1e-9 && Math.abs(place(64) - 60) < 1e-9);
  assert.deepEqual(ticks.map(label), ['1', '2', '4', '128']);
});
