import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  dendrogramPurity,
  pairUnits,
  purityByUnits,
  resamplePurity,
  type Tree,
} from '../../../src/hierarchy/index.js';
import { anyTree, randomLabels, slowAncestor, slowMembers } from '../support.js';

function slowPurity(tree: Tree, terms: readonly number[]): number {
  const shares: number[] = [];
  for (let i = 0; i < tree.leaves; i++)
    for (let j = 0; j < i; j++) {
      if (terms[i] < 0 || terms[i] !== terms[j]) continue;
      const members = slowMembers(tree, slowAncestor(tree, i, j));
      shares.push(members.filter((leaf) => terms[leaf] === terms[i]).length / members.length);
    }
  return shares.reduce((sum, share) => sum + share, 0) / shares.length;
}

test('purity by counting is purity by its definition; leaves without a term only fill nodes', () => {
  fc.assert(
    fc.property(anyTree, fc.nat(), fc.integer({ min: 1, max: 4 }), (tree, seed, most) => {
      const terms = randomLabels(tree.leaves, most + 1, seed).map((term) => term - 1);
      const [ours, expected] = [dendrogramPurity(tree, terms), slowPurity(tree, terms)];
      assert.ok(Number.isNaN(expected) ? Number.isNaN(ours) : Math.abs(ours - expected) < 1e-12);
    }),
    { numRuns: 200 },
  );
});

test('gathered by classes and summed, it is the same', () => {
  fc.assert(
    fc.property(anyTree, fc.nat(), (tree, seed) => {
      const units = randomLabels(tree.leaves, 5, seed);
      const ofUnit = randomLabels(5, 2, seed + 1);
      const terms = units.map((unit) => ofUnit[unit]);
      const entries = pairUnits(terms, units);
      const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
      const ours = total(purityByUnits(tree, terms, units, entries)) / total(entries.pairs);
      const expected = slowPurity(tree, terms);
      assert.ok(Number.isNaN(expected) ? Number.isNaN(ours) : Math.abs(ours - expected) < 1e-12);
    }),
    { numRuns: 100 },
  );
});

const pairsOfPairs: Tree = {
  leaves: 4,
  parent: Int32Array.of(4, 4, 5, 5, 6, 6, -1),
  length: new Float64Array(7).fill(1),
};

test('subtrees that are terms have purity 1, terms across subtrees the share of the root', () => {
  assert.equal(dendrogramPurity(pairsOfPairs, [0, 0, 1, 1]), 1);
  assert.equal(dendrogramPurity(pairsOfPairs, [0, 1, 0, 1]), 0.5);
  assert.ok(Number.isNaN(dendrogramPurity(pairsOfPairs, [0, 1, 2, 3])));
  assert.throws(() => dendrogramPurity(pairsOfPairs, [0, 1]), /2 terms were given for 4 leaves/);
  assert.throws(() => pairUnits([0, 1], [3, 3]), /Unit 3 has leaves of the terms 0 and 1/);
});

test('intervals hold the value, a tree has no lead over itself, and seeds repeat', () => {
  const units = [0, 1, 2, 3];
  const terms = [0, 0, 1, 1];
  const entries = pairUnits(terms, units);
  const good = purityByUnits(pairsOfPairs, terms, units, entries);
  const star: Tree = { leaves: 4, parent: Int32Array.of(4, 4, 4, 4, -1), length: new Float64Array(5) };
  const poor = purityByUnits(star, terms, units, entries);
  const { scores, leads } = resamplePurity(entries, [good, poor], { resamples: 100, seed: 3 });
  assert.deepEqual(scores[0], { value: 1, low: 1, high: 1 });
  assert.deepEqual(leads[0], { value: 0, low: 0, high: 0 });
  assert.deepEqual(leads[1], { value: 0.5, low: 0.5, high: 0.5 });
  assert.deepEqual(resamplePurity(entries, [good, poor], { resamples: 100, seed: 3 }).scores, scores);
  assert.throws(() => resamplePurity(entries, [good], { resamples: 1 }), /at least 20/);
});

test('an interval is as wide as classes differ', () => {
  // Two terms of 20 classes: the pairs of one are all pure, those of the other not at all.
  const units = Array.from({ length: 40 }, (_, unit) => unit);
  const terms = units.map((unit) => (unit < 20 ? 0 : 1));
  const entries = pairUnits(terms, units);
  const sums = entries.pairs.map((pairs, entry) => (entries.a[entry] < 20 ? pairs : 0));
  const { scores } = resamplePurity(entries, [sums], { resamples: 400 });
  const [{ value, low, high }] = scores;
  assert.equal(value, 0.5);
  // The share of drawn classes is binomial: 20 of 40, standard deviation 3.2; pairs go with its square.
  assert.ok(low > 0.1 && low < 0.3, String(low));
  assert.ok(high > 0.7 && high < 0.9, String(high));
});
