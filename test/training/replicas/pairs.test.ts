import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { pairsOf, pairsWithin } from '../../../src/training/replicas/pairs.js';
import { runs } from '../../support/shapes.js';

/** What is left of some sums when pairs are added, in float32. */
function added(sums: Float32Array, pairs: Iterable<readonly [number, number]>): void {
  for (const [into, from] of pairs) sums[into] += sums[from];
}

describe('the order of additions', () => {
  it('adds two and two, then the sums', () => {
    assert.deepEqual(pairsOf(1), []);
    assert.deepEqual(pairsOf(3), [
      [0, 1],
      [0, 2],
    ]);
    assert.deepEqual(pairsOf(4), [
      [0, 1],
      [2, 3],
      [0, 2],
    ]);
  });

  it('gives the same bits whatever part of it is done elsewhere before', () => {
    const parts = fc.array(fc.float({ noNaN: true, min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(parts, fc.array(fc.nat(3), { minLength: 20, maxLength: 20 }), (values, places) => {
        const whole = Float32Array.from(values);
        added(whole, pairsOf(values.length));
        const sums = Float32Array.from(values);
        const done = new Set<number>();
        for (const place of [1, 2, 3]) {
          const there = values.flatMap((_, replica) => (places[replica] === place ? [replica] : []));
          const pairs = pairsWithin(values.length, there);
          added(sums, pairs);
          for (const [into, from] of pairs) {
            assert.ok(there.includes(into) && there.includes(from));
            done.add(from);
          }
        }
        const left = pairsOf(values.length).filter(([, from]) => !done.has(from));
        added(sums, left);
        assert.ok(Object.is(sums[0], whole[0]));
      }),
      runs(200),
    );
  });

  it('leaves one sum of a half or a quarter that begins where one does', () => {
    for (const [count, first, size] of [
      [8, 4, 4],
      [8, 2, 2],
      [16, 8, 8],
      [6, 4, 2],
    ]) {
      const there = Array.from({ length: size }, (_, i) => first + i);
      assert.equal(pairsWithin(count, there).length, size - 1);
    }
  });
});
