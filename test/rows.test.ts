import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { joinValues, rowAt, rowCount, takeRows } from '../src/rows.js';

const three = { values: Float32Array.of(1, 2, 3, 4, 5, 6), dim: 2 };

describe('rows of numbers', () => {
  it('are counted', () => {
    assert.equal(rowCount(three), 3);
    assert.equal(rowCount({ values: new Float32Array(0), dim: 4 }), 0);
    assert.equal(rowCount({ values: new Float32Array(6), dim: 4 }), 1.5);
  });

  it('are seen one at a time, in the same memory and of the same type', () => {
    const distances = { values: Float64Array.of(1, 2, 3, 4), dim: 2 };
    const row = rowAt(distances, 1);
    assert.ok(row instanceof Float64Array);
    assert.deepEqual([...row], [3, 4]);
    row[0] = 9;
    assert.equal(distances.values[2], 9);
  });

  it('are taken as copies, in any order and more than once', () => {
    const taken = takeRows(three, [2, 0, 2]);
    assert.deepEqual(taken, { values: Float32Array.of(5, 6, 1, 2, 5, 6), dim: 2 });
    taken.values[0] = 0;
    assert.equal(three.values[4], 5);
    assert.deepEqual(takeRows(three, []), { values: new Float32Array(0), dim: 2 });
  });

  it('are joined set after set', () => {
    assert.deepEqual(
      joinValues([three.values, new Float32Array(0), Float32Array.of(7, 8)]),
      Float32Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    );
    assert.deepEqual(joinValues([]), new Float32Array(0));
  });
});
