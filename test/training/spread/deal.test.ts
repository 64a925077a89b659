import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { dealReplicas } from '../../../src/training/spread/deal.js';
import { runs } from '../../support/shapes.js';

it('replicas are dealt out once each, in order, the first to the first process, by what each can do', () => {
  assert.deepEqual(dealReplicas(4, [2, 2]), [
    [0, 1],
    [2, 3],
  ]);
  assert.deepEqual(dealReplicas(8, [2, 4, 2]), [
    [0, 1],
    [2, 3, 4, 5],
    [6, 7],
  ]);
  assert.deepEqual(dealReplicas(2, [1, 9, 9]), [[0], [1], []]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 40 }),
      fc.array(fc.integer({ min: 1, max: 16 }), { minLength: 1, maxLength: 6 }),
      (count, threads) => {
        const dealt = dealReplicas(count, threads);
        assert.deepEqual(
          dealt.flat(),
          Array.from({ length: count }, (_, i) => i),
        );
        assert.equal(dealt[0][0], 0);
        // Nobody but the first has so much that another one would be done with one more before.
        const most = Math.max(...dealt.slice(1).map((part, i) => part.length / threads[i + 1]), 0);
        for (const [i, part] of dealt.entries()) assert.ok((part.length + 1) / threads[i] >= most);
      },
    ),
    runs(100),
  );
});
