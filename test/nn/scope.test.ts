import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { GraphError, input } from '../../src/graph/index.js';
import { batchNorm, linear, ones, Scope, zeros } from '../../src/nn/index.js';

describe('a scope', () => {
  it('remembers what layers asked for, in order, and gives copies of a layer the same parameters', () => {
    const scope = new Scope({ training: true });
    const x = input('x', [2, 3]);
    linear(scope, 'a', x, 4);
    linear(scope, 'b', x, 2, { bias: false });
    const before = scope.parameters.map(({ tensor }) => tensor);
    linear(scope, 'a', input('other', [5, 3]), 4);
    assert.deepEqual([...scope.arrays.keys()], ['a.weight', 'a.bias', 'b.weight']);
    assert.ok(scope.parameters.every(({ tensor }, i) => tensor === before[i]));
    assert.deepEqual(scope.arrays.get('a.weight')!.shape, [4, 3]);
  });

  it('refuses one name with two shapes', () => {
    const scope = new Scope({ training: true });
    scope.parameter('w', [2, 3], zeros);
    assert.throws(
      () => scope.parameter('w', [3, 2], zeros),
      (error: Error) => {
        assert.ok(error instanceof GraphError);
        assert.match(error.message, /"w" is asked for as \[3, 2\] and as \[2, 3\]/);
        return true;
      },
    );
  });

  it('tells parameters from buffers, and records statistics in training alone', () => {
    for (const training of [true, false]) {
      const scope = new Scope({ training });
      batchNorm(scope, 'norm', input('x', [4, 3, 2, 2]), { gamma: ones });
      assert.deepEqual(
        scope.parameters.map(({ name }) => name),
        ['norm.weight', 'norm.bias'],
      );
      assert.equal(scope.arrays.get('norm.running_var')!.trained, false);
      assert.deepEqual(
        scope.observations.map(({ buffer }) => buffer),
        training ? ['norm.running_mean', 'norm.running_var'] : [],
      );
    }
  });
});
