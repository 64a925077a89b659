import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  copheneticCorrelation,
  dasguptaCost,
  distortion,
  pathLengths,
  relativeDasguptaCost,
  type Tree,
  tripletAgreement,
} from '../../../src/hierarchy/index.js';
import { randomStream } from '../../../src/random.js';
import { anyTree, slowAncestor, slowMembers } from '../support.js';

const ofTree = (tree: Tree, scale = 1) => {
  const paths = pathLengths(tree);
  const values: number[] = [];
  for (let i = 0; i < tree.leaves; i++)
    for (let j = i + 1; j < tree.leaves; j++) values.push(scale * paths[i * tree.leaves + j]);
  return { count: tree.leaves, values: Float64Array.from(values) };
};

test('Dasgupta’s cost is the sum of its definition', () => {
  fc.assert(
    fc.property(anyTree, fc.nat(), (tree, seed) => {
      const random = randomStream(seed, 'similarity');
      const table = Array.from({ length: 144 }, random.uniform);
      const similarity = (i: number, j: number) => table[12 * Math.min(i, j) + Math.max(i, j)];
      let expected = 0;
      for (let i = 0; i < tree.leaves; i++)
        for (let j = 0; j < i; j++)
          expected += similarity(i, j) * slowMembers(tree, slowAncestor(tree, i, j)).length;
      assert.ok(Math.abs(dasguptaCost(tree, similarity) - expected) < 1e-9);
      const relative = relativeDasguptaCost(tree, similarity);
      assert.ok(relative > 0 && relative <= 1 + 1e-12);
    }),
    { numRuns: 60 },
  );
});

test('a star orders nothing: relative cost 1', () => {
  const star: Tree = { leaves: 3, parent: Int32Array.of(3, 3, 3, -1), length: new Float64Array(4) };
  assert.equal(
    relativeDasguptaCost(star, () => 0.5),
    1,
  );
});

test('a tree’s own path lengths correlate with it perfectly and are not distorted', () => {
  fc.assert(
    fc.property(
      anyTree.filter(({ leaves }) => leaves > 2),
      (tree) => {
        assert.ok(Math.abs(copheneticCorrelation(tree, ofTree(tree, 3)) - 1) < 1e-9);
        const { average, worst } = distortion(tree, ofTree(tree, 3));
        assert.ok(average < 1e-9 && Math.abs(worst - 1) < 1e-9);
      },
    ),
    { numRuns: 40 },
  );
});

test('distortion by hand: paths 2 and 4 as distances 1 and 4', () => {
  const tree: Tree = {
    leaves: 3,
    parent: Int32Array.of(3, 3, 4, 4, -1),
    length: Float64Array.of(1, 1, 2, 1, 0),
  };
  const distances = { count: 3, values: Float64Array.of(1, 4, 4) };
  const { average, worst } = distortion(tree, distances);
  // t/d: 2, 1, 1; scale 4/3; s d/t: 2/3, 4/3, 4/3.
  assert.ok(Math.abs(average - 1 / 3) < 1e-12);
  assert.equal(worst, 2);
});

test('triplet agreement counts the triples by their paths; a tree agrees with itself', () => {
  fc.assert(
    fc.property(anyTree, anyTree, (one, two) => {
      const leaves = Math.min(one.leaves, two.leaves);
      if (leaves < 3 || one.leaves !== leaves) return;
      const places = Array.from({ length: leaves }, (_, leaf) => leaf);
      const odd = (tree: Tree, t: number[]) =>
        [2, 1, 0].find((k) => {
          const [a, b] = t.filter((_, i) => i !== k);
          return (
            slowMembers(tree, slowAncestor(tree, a, b)).length <
            slowMembers(tree, slowAncestor(tree, slowAncestor(tree, a, b), t[k])).length
          );
        });
      let [told, agreed] = [0, 0];
      for (const a of places)
        for (const b of places.slice(a + 1))
          for (const c of places.slice(b + 1)) {
            const expected = odd(two, [a, b, c]);
            if (expected === undefined) continue;
            told++;
            if (odd(one, [a, b, c]) === expected) agreed++;
          }
      const ours = tripletAgreement(one, two, places);
      assert.ok(told === 0 ? Number.isNaN(ours) : Math.abs(ours - agreed / told) < 1e-12);
      const self = tripletAgreement(one, one, places);
      assert.ok(Number.isNaN(self) || self === 1);
    }),
    { numRuns: 80 },
  );
});

test('drawn triples come near the share of all', () => {
  const leaves = 64;
  const binary = (shift: number): Tree => {
    const parent = new Int32Array(2 * leaves - 1).fill(-1);
    let [start, size, next] = [0, leaves, leaves];
    while (size > 1) {
      for (let i = 0; i < size; i++)
        parent[start + i] = next + (((i + (start === 0 ? shift : 0)) % size) >> 1);
      [start, next, size] = [next, next + size / 2, size / 2];
    }
    return { leaves, parent, length: new Float64Array(2 * leaves - 1) };
  };
  const places = Array.from({ length: leaves }, (_, leaf) => leaf);
  const all = tripletAgreement(binary(0), binary(1), places, { most: 1e6 });
  const drawn = tripletAgreement(binary(0), binary(1), places, { most: 20_000, seed: 5 });
  assert.ok(all > 0.5 && all < 0.99);
  assert.ok(Math.abs(all - drawn) < 0.02, `${all}, ${drawn}`);
});
