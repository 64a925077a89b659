import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/random.js';
import { likenessGraph, yardstick } from '../../src/umap/fuzzy.js';

test('the likenesses of a point add up to the logarithm of its neighbours', () => {
  const row = [0.4, 0.5, 0.9, 1.3, 1.4, 2, 2.2];
  const { nearest, scale } = yardstick(row, 1);
  assert.equal(nearest, 0.4);
  const sum = row.reduce((s, d) => s + Math.exp(-(d - nearest) / scale), 0);
  assert.ok(Math.abs(sum - 3) < 1e-4);
});

test('neighbours that coincide, and all at one distance, are no trouble', () => {
  assert.equal(yardstick([0, 0, 1, 2], 1).nearest, 1);
  const { weights } = likenessGraph({ k: 2, indices: [1, 2, 0, 2, 0, 1], distances: [0, 0, 0, 0, 0, 0] });
  assert.ok(weights.every((w) => w === 1));
});

test('the graph is the fuzzy union of what every point says, by brute force', () => {
  const random = randomStream(1, 'fuzzy test');
  const [count, k] = [40, 5];
  const places = Array.from({ length: count }, () => [random.normal(), random.normal()]);
  const lists = places.map((p, i) =>
    places
      .map((q, j) => ({ j, d: Math.hypot(p[0] - q[0], p[1] - q[1]) }))
      .filter(({ j }) => j !== i)
      .sort((a, b) => a.d - b.d)
      .slice(0, k),
  );
  const own = Array.from({ length: count }, () => new Float64Array(count));
  lists.forEach((list, i) => {
    const { nearest, scale } = yardstick(
      list.map(({ d }) => d),
      1,
    );
    for (const { j, d } of list) own[i][j] = Math.exp(-Math.max(0, d - nearest) / scale);
  });
  const graph = likenessGraph({
    k,
    indices: lists.flatMap((list) => list.map(({ j }) => j)),
    distances: lists.flatMap((list) => list.map(({ d }) => d)),
  });
  const dense = Array.from({ length: count }, () => new Float64Array(count));
  for (let i = 0; i < count; i++)
    for (let at = graph.starts[i]; at < graph.starts[i + 1]; at++)
      dense[i][graph.neighbours[at]] = graph.weights[at];
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) {
      const expected = own[i][j] + own[j][i] - own[i][j] * own[j][i];
      assert.ok(Math.abs(dense[i][j] - expected) < 1e-12, `${i} ${j}`);
    }
});
