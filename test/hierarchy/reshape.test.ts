import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { arrange, checkTree, childrenOf, collapse, pathLengths } from '../../src/hierarchy/index.js';
import { randomStream } from '../../src/random.js';
import { ancestorsOf, anyTree, slowMembers } from './support.js';

test('a parent map in any order keeps its groups and path lengths, and loses what carries nothing', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 10 }),
      fc.integer({ min: 1, max: 15 }),
      fc.nat(),
      (leaves, inner, seed) => {
        const random = randomStream(seed, 'parents');
        const order = random.choose(inner, inner); // a random tree over the inner nodes, root first
        const parent = new Array<number>(leaves + inner).fill(-1);
        order.forEach((node, i) => {
          if (i > 0) parent[leaves + node] = leaves + order[random.integer(i)];
        });
        for (let leaf = 0; leaf < leaves; leaf++) parent[leaf] = leaves + random.integer(inner);
        const length = parent.map(() => random.uniform());
        const { tree, from, to } = arrange({ leaves, parent, length });
        checkTree(tree);
        const { starts } = childrenOf(tree);
        for (let node = leaves; node < tree.parent.length; node++)
          assert.ok(starts[node + 1] - starts[node] >= 2, 'a node with one child is left');

        const given = { leaves, parent: Int32Array.from(parent), length: Float64Array.from(length) };
        const sets = (groups: number[][]) =>
          [...new Set(groups.filter((g) => g.length > 1).map(String))].sort();
        const before = parent.map((_, node) => slowMembers(given, node));
        const after = [...from.keys()].map((node) => slowMembers(tree, node));
        assert.deepEqual(sets(after), sets(before));
        from.forEach((old, now) => {
          assert.deepEqual(after[now], before[old]);
          assert.equal(to[old], now);
        });
        parent.forEach((_, old) => {
          const stayed = ancestorsOf(given, old).map((node) => from.indexOf(node));
          assert.equal(to[old], stayed.find((now) => now >= 0) ?? tree.parent.length - 1);
        });
        const paths = pathLengths(tree);
        for (let i = 0; i < leaves; i++)
          for (let j = 0; j < i; j++) {
            const [a, b] = [ancestorsOf(given, i), ancestorsOf(given, j)];
            const apart = [
              ...a.filter((node) => !b.includes(node)),
              ...b.filter((node) => !a.includes(node)),
            ];
            const sum = apart.reduce((total, node) => total + length[node], 0);
            assert.ok(Math.abs(paths[i * leaves + j] - sum) < 1e-9);
          }
      },
    ),
    { numRuns: 100 },
  );
});

test('collapsing to nothing leaves a star, to all the same tree', () => {
  fc.assert(
    fc.property(anyTree, (tree) => {
      const star = collapse(tree, () => false).tree;
      assert.equal(star.parent.length, tree.leaves + 1);
      assert.deepEqual(collapse(tree, () => true).tree, tree);
    }),
    { numRuns: 30 },
  );
});

test('chains stay where depths matter', () => {
  const parent = [1, 2, -1]; // a leaf under a term under a root
  assert.equal(arrange({ leaves: 1, parent, keepChains: true }).tree.parent.length, 3);
});

test('what is not a tree is named', () => {
  assert.throws(() => arrange({ leaves: 1, parent: [1, 0] }), /0 roots/);
  assert.throws(() => arrange({ leaves: 2, parent: [-1, -1] }), /2 roots/);
  assert.throws(() => arrange({ leaves: 1, parent: [1, -1, 3, 2] }), /their own ancestors/);
  assert.throws(() => arrange({ leaves: 2, parent: [1, -1] }), /root is the leaf 1/);
  assert.throws(() => arrange({ leaves: 2, parent: [2, 0, -1] }), /leaf 0 has a child/);
  assert.throws(() => arrange({ leaves: 0, parent: [-1] }), /no leaves/);
});
