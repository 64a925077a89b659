import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { constant, input, show, sizeOf } from '../../src/graph/index.js';
import { axisOf, broadcast, isFloat, sameShape } from '../../src/graph/tensor.js';
import { fill, map } from '../support/ndarray.js';
import { broadcasting, runs } from '../support/shapes.js';

test('broadcast: the rule of NumPy, in any order of operands', () => {
  fc.assert(
    fc.property(broadcasting(3), (shapes) => {
      const expected = map(() => 0, ...shapes.map((shape) => fill(shape, () => 0))).shape;
      assert.deepEqual(broadcast('Add', ...shapes), expected);
      assert.deepEqual(broadcast('Add', ...[...shapes].reverse()), expected);
    }),
    runs(200),
  );
  assert.deepEqual(broadcast('Add', [3, 1], [0]), [3, 0]);
  assert.throws(() => broadcast('Add', [2], [3], [1]), /Add: shapes \[2\] and \[3\] and \[1\]/);
});

test('constants: a number fills, lists are copied, values are rounded to the type', () => {
  assert.deepEqual(constant(2, [2, 2]).node.data, Float32Array.of(2, 2, 2, 2));
  const list = Float64Array.of(0.1, 2);
  const made = constant(list, [2]);
  list[1] = 7;
  assert.deepEqual(made.node.data, Float32Array.of(0.1, 2));
  assert.deepEqual(constant(BigInt64Array.of(5n), [1], 'int32').node.data, Int32Array.of(5));
  assert.deepEqual(constant([3, -4], [2], 'int64').node.data, BigInt64Array.of(3n, -4n));
  assert.deepEqual(constant(1, [], 'bool').node.data, Uint8Array.of(1));
  assert.equal(constant([], [0, 3]).node.data?.length, 0);
});

test('shapes: size, text, equality, axes', () => {
  assert.equal(sizeOf([]), 1);
  assert.equal(sizeOf([2, 0, 3]), 0);
  assert.equal(show([180, 128]), '[180, 128]');
  assert.ok(sameShape([1, 2], [1, 2]) && !sameShape([1, 2], [2, 1]) && !sameShape([1], [1, 1]));
  assert.equal(axisOf('Sum', -1, 3), 2);
  assert.equal(axisOf('Sum', 0, 3), 0);
  for (const axis of [3, -4, 0.5]) assert.throws(() => axisOf('Sum', axis, 3), /Sum: axis/);
});

test('inputs know their shape and type', () => {
  const x = input('x', [2, 3], 'int64');
  assert.deepEqual([x.shape, x.dtype, x.node.name], [[2, 3], 'int64', 'x']);
  assert.ok(isFloat('float64') && !isFloat('int32') && !isFloat('bool'));
});
