import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hierarchicalDistance,
  hierarchicalPrecision,
  mistakeSeverity,
} from '../../../src/hierarchy/index.js';

// Classes 0 and 1 are siblings, class 2 is unrelated to both; two items each.
const similarity = (a: number, b: number) => (a === b ? 1 : a + b === 1 ? 0.5 : 0);
const sizes = [2, 2, 2];

test('the best ranking has precision 1 at every rank', () => {
  const { at, area } = hierarchicalPrecision({
    queries: [0, 2],
    found: [0, 1, 1, 2, 0, 1],
    depth: 3,
    sizes,
    similarity,
  });
  assert.deepEqual([...at], [1, 1, 1]);
  assert.ok(Math.abs(area - 2 / 3) < 1e-12); // trapezoids of width 1/3
});

test('by hand: a sibling first, then a stranger', () => {
  const ranked = { queries: [0], found: [1, 2], depth: 2, sizes, similarity };
  const { at } = hierarchicalPrecision(ranked);
  assert.ok(Math.abs(at[0] - 0.5) < 1e-12); // 0.5 of 1
  assert.ok(Math.abs(at[1] - 0.5 / 1.5) < 1e-12); // 0.5 of 1 + 0.5
  assert.equal(hierarchicalDistance(ranked, 1), 0.5);
  assert.equal(hierarchicalDistance(ranked, 2), 0.75);
  assert.equal(mistakeSeverity(ranked), 0.5);
});

test('severity looks at mistakes alone', () => {
  const ranked = { queries: [0, 0, 2], found: [0, 1, 2], depth: 1, sizes, similarity };
  assert.equal(mistakeSeverity(ranked), 0.5);
  assert.ok(Number.isNaN(mistakeSeverity({ ...ranked, found: [0, 0, 2] })));
});

test('rankings that cannot be are refused', () => {
  const ranked = { queries: [0], found: [1, 2], depth: 2, sizes, similarity };
  assert.throws(() => hierarchicalPrecision({ ...ranked, queries: [] }), /no rankings/);
  assert.throws(
    () => hierarchicalPrecision({ ...ranked, depth: 3 }),
    /2 results were given for 1 queries of 3/,
  );
  assert.throws(
    () => hierarchicalPrecision({ ...ranked, found: [1, 2, 2, 1, 0, 1], depth: 6 }),
    /6 ranks are more than the 5 other items/,
  );
  assert.throws(() => hierarchicalDistance(ranked, 3), /AHD@3 needs 3 ranks/);
});
