import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkTree,
  childrenOf,
  commonAncestor,
  depthsOf,
  forEachPair,
  heightsOf,
  leafOrder,
  membersOf,
  pathLengths,
} from '../../src/hierarchy/index.js';
import { ancestorsOf, anyTree, slowAncestor, slowMembers } from './support.js';

test('members, depths, heights and common ancestors are those found by walking up', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      checkTree(tree);
      const order = leafOrder(tree);
      const depths = depthsOf(tree);
      const heights = heightsOf(tree);
      for (let node = 0; node < tree.parent.length; node++) {
        const members = slowMembers(tree, node);
        assert.deepEqual(
          [...membersOf(order, node)].sort((a, b) => a - b),
          members,
        );
        assert.equal(depths[node], ancestorsOf(tree, node).length - 1);
        const below = members.map((leaf) => ancestorsOf(tree, leaf).indexOf(node));
        assert.equal(heights[node], Math.max(...below));
      }
      for (let a = 0; a < tree.parent.length; a++)
        for (let b = 0; b < tree.parent.length; b++)
          assert.equal(commonAncestor(tree, a, b), slowAncestor(tree, a, b));
    }),
    { numRuns: 60 },
  );
});

test('every pair is visited once, with its ancestor and its path length', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const { leaves, length } = tree;
      const seen = new Set<string>();
      const paths = pathLengths(tree);
      forEachPair(tree, (i, j, ancestor) => {
        seen.add(`${Math.min(i, j)} ${Math.max(i, j)}`);
        assert.equal(ancestor, slowAncestor(tree, i, j));
        const edges = [i, j].flatMap((leaf) => {
          const path = ancestorsOf(tree, leaf);
          return path.slice(0, path.indexOf(ancestor));
        });
        const sum = edges.reduce((total, node) => total + length[node], 0);
        assert.ok(Math.abs(paths[i * leaves + j] - sum) < 1e-12);
        assert.equal(paths[i * leaves + j], paths[j * leaves + i]);
      });
      assert.equal(seen.size, (leaves * (leaves - 1)) / 2);
    }),
    { numRuns: 60 },
  );
});

test('a single leaf is a tree', () => {
  const tree = { leaves: 1, parent: Int32Array.of(-1), length: Float64Array.of(0) };
  checkTree(tree);
  assert.deepEqual([...childrenOf(tree).items], []);
  assert.deepEqual([...leafOrder(tree).order], [0]);
});

test('what is not a tree is named', () => {
  const tree = (leaves: number, parent: number[], length = parent.map(() => 0)) => ({
    leaves,
    parent: Int32Array.from(parent),
    length: Float64Array.from(length),
  });
  const cases: [ReturnType<typeof tree>, RegExp][] = [
    [tree(0, [-1]), /0 leaves among 1 nodes/],
    [tree(2, [2, 2, 0]), /last node must be the root/],
    [tree(2, [2, 0, -1]), /parent of node 1 is 0/],
    [tree(2, [1, 2, -1]), /node 0 is under the leaf 1/],
    [tree(2, [3, 3, 3, -1]), /inner node 2 has no children/],
    [tree(2, [2, 2, -1], [0, -1, 0]), /edge above node 1 has length -1/],
  ];
  for (const [given, message] of cases) assert.throws(() => checkTree(given), message);
});
