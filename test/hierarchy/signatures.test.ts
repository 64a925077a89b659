import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signatures } from '../../src/hierarchy/index.js';
import { assertAllclose } from '../support/allclose.js';

const plane = (values: number[]) => ({
  values: Float32Array.from(values),
  dim: 2,
  metric: 'cosine' as const,
  curvature: 0,
});

test('a signature is a soft-max over the cosines with the means of known classes, whatever the lengths', () => {
  // Class a stands at (1, 0), b at (0, 1); an item without a class has no part.
  const anchors = { points: plane([2, 0, 5, 0, 0, 3, -1, -1]), labels: ['a', 'a', 'b', null] };
  const { values, dim, metric } = signatures(plane([4, 0, 3, 3, 0.6, 0.8]), anchors);
  const share = (a: number, b: number) => 1 / (1 + Math.exp((b - a) / 0.1));
  assert.deepEqual([dim, metric], [2, 'cosine']);
  assertAllclose(values, [share(1, 0), share(0, 1), 0.5, 0.5, share(0.6, 0.8), share(0.8, 0.6)], {
    rtol: 1e-6,
  });
});
