import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  hierarchicalDistance,
  hierarchicalPrecision,
  mistakeSeverity,
  siblingRecall,
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

test('queries from elsewhere can find all items of their class', () => {
  const ranked = { queries: [0], found: [0, 0, 1], depth: 3, sizes, similarity };
  assert.deepEqual([...hierarchicalPrecision({ ...ranked, areApart: true }).at], [1, 1, 1]);
  assert.ok(hierarchicalPrecision(ranked).at[1] > 1, 'among themselves only one of the two is left to find');
  const all = { ...ranked, found: [0, 0, 1, 1, 2, 2], depth: 6, areApart: true };
  assert.equal(hierarchicalPrecision(all).at.length, 6);
});

test('siblings by hand: of the queries that have one, how often it is the nearest of another class', () => {
  const given = { queries: [0, 0, 1, 2], nearest: [1, 2, 0, 0], sizes: [2, 2, 4], terms: [7, 7, 8] };
  const { value, chance, queries } = siblingRecall(given);
  assert.deepEqual([value, queries], [2 / 3, 3], 'the class that is alone in its term asks for nothing');
  assert.ok(Math.abs(chance - 2 / 6) < 1e-12, '2 siblings among the 6 items of other classes');
  assert.ok(Number.isNaN(siblingRecall({ ...given, terms: [1, 2, 3] }).value));
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
