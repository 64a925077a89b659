/** Trees cut into levels: how many, without chains, few siblings, and the groups that are there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  checkTree,
  childrenOf,
  cutLevels,
  defaultLevels,
  depthsOf,
  leafOrder,
} from '../../src/hierarchy/index.js';
import { MOST_GROUPS } from '../../src/hierarchy/levels.js';
import { arrange } from '../../src/hierarchy/reshape.js';
import { anyTree } from './support.js';

test('any tree has at most the levels that were asked for, no dominant child, and few groups below a node', () => {
  fc.assert(
    fc.property(
      anyTree,
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 2, max: 5 }),
      (tree, levels, groups) => {
        const { tree: cut } = cutLevels(tree, levels, groups);
        checkTree(cut);
        assert.equal(cut.leaves, tree.leaves);
        const { counts } = leafOrder(cut);
        const { starts, items } = childrenOf(cut);
        const depths = depthsOf(cut);
        for (let node = cut.leaves; node < cut.parent.length; node++) {
          const below = Array.from(items.subarray(starts[node], starts[node + 1]));
          const inner = below.filter((child) => child >= cut.leaves);
          assert.ok(depths[node] <= levels);
          assert.ok(inner.length <= groups);
          assert.ok(inner.every((child) => counts[child] < 0.8 * counts[node]));
          assert.ok(below.length > 1 || cut.leaves === 1);
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('thirty clusters of six that are all alike far apart are found, with groups in between where there are levels', () => {
  const clusters = 30;
  const leaves = clusters * 6;
  // Leaves below clusters below a ladder of short edges: the worst chain that a linkage can make.
  const parent: number[] = [];
  const length: number[] = [];
  for (let leaf = 0; leaf < leaves; leaf++) [parent[leaf], length[leaf]] = [leaves + Math.floor(leaf / 6), 1];
  const rung = (i: number) => leaves + clusters + Math.min(i, clusters - 2);
  for (let i = 0; i < clusters; i++) [parent[leaves + i], length[leaves + i]] = [rung(Math.max(0, i - 1)), 5];
  for (let i = 0; i < clusters - 1; i++)
    [parent[rung(i)], length[rung(i)]] = [i === clusters - 2 ? -1 : rung(i + 1), 0.01];
  const { tree } = arrange({ leaves, parent, length });
  for (const levels of [3, 4]) {
    const { tree: cut } = cutLevels(tree, levels);
    const { counts } = leafOrder(cut);
    const whole = Array.from(counts.subarray(leaves)).filter((count) => count === 6);
    assert.equal(whole.length, clusters, `${levels} levels`);
    const { starts } = childrenOf(cut);
    for (let node = leaves; node < cut.parent.length; node++)
      assert.ok(starts[node + 1] - starts[node] <= MOST_GROUPS);
  }
});

test('the default number of levels grows slowly with the leaves', () => {
  assert.deepEqual([1, 4, 16, 81, 360, 5_000, 1e6].map(defaultLevels), [1, 1, 1, 3, 4, 5, 5]);
});
