import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { distance, distance0 } from '../../src/geometry/numbers.js';
import {
  ancestorMap,
  between,
  buildTree,
  checkTree,
  classLeaves,
  dendrogramPurity,
  itemLeaves,
  lcaDissimilarities,
  leafOrder,
  membersOf,
  normsOf,
  type Points,
  pairDistances,
  placeInTree,
  proxyDistances,
  shownTree,
} from '../../src/hierarchy/index.js';
import { kinship, randomPoints } from './support.js';

const row = ({ values, dim }: Points, i: number) => values.slice(i * dim, (i + 1) * dim);

test('distances are those of the ball, norms those to the origin', () => {
  const points = randomPoints(9, 4, 1);
  const distances = pairDistances(points);
  const norms = normsOf(points);
  for (let i = 0; i < 9; i++) {
    assert.ok(Math.abs(norms[i] - distance0(row(points, i), 0.1)) < 1e-4);
    for (let j = 0; j < 9; j++)
      assert.ok(Math.abs(between(distances, i, j) - distance(row(points, i), row(points, j), 0.1)) < 1e-3);
  }
});

test('the LCA dissimilarity is the least over proxies of the larger distance', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 8 }),
      fc.integer({ min: 1, max: 9 }),
      fc.nat(),
      (count, proxies, seed) => {
        const toProxies = proxyDistances(
          randomPoints(count, 3, seed),
          randomPoints(proxies, 3, seed + 1).values,
        );
        const found = lcaDissimilarities(toProxies, proxies);
        for (let i = 0; i < count; i++)
          for (let j = 0; j < i; j++) {
            const all = Array.from({ length: proxies }, (_, k) =>
              Math.max(toProxies[i * proxies + k], toProxies[j * proxies + k]),
            );
            assert.equal(between(found, i, j), Math.min(...all));
          }
      },
    ),
    { numRuns: 60 },
  );
});

test('every proxy is under the nearest more central one, every leaf under the nearest that is not farther out', () => {
  const [points, proxies] = [randomPoints(15, 3, 2), randomPoints(10, 3, 3)];
  const [proxyNorms, leafNorms] = [normsOf(proxies), normsOf(points)];
  const betweenProxies = proxyDistances(proxies, proxies.values);
  const toProxies = proxyDistances(points, proxies.values);
  const { ofProxies, ofLeaves } = ancestorMap({ proxyNorms, betweenProxies, leafNorms, toProxies });
  const best = (candidates: number[], to: (k: number) => number) =>
    candidates.reduce((found, k) => (found < 0 || to(k) < to(found) ? k : found), -1);
  const all = [...Array(10).keys()];
  for (const k of all) {
    const inside = all.filter((other) => proxyNorms[other] < proxyNorms[k]);
    assert.equal(
      ofProxies[k],
      best(inside, (other) => betweenProxies[k * 10 + other]),
    );
  }
  ofLeaves.forEach((proxy, leaf) => {
    const inside = all.filter((other) => proxyNorms[other] <= leafNorms[leaf]);
    const centre = proxyNorms.indexOf(Math.min(...proxyNorms));
    assert.equal(proxy, inside.length > 0 ? best(inside, (other) => toProxies[leaf * 10 + other]) : centre);
  });
});

test('points and proxies clipped to one sphere: rounding does not hide the proxies', () => {
  const near = ancestorMap({
    proxyNorms: [1, 4.6000001],
    betweenProxies: [0, 4, 4, 0],
    leafNorms: [4.6],
    toProxies: [4, 0.5],
  });
  assert.deepEqual([...near.ofLeaves], [1]);
});

for (const construction of ['lca', 'ancestors', 'linkage'] as const)
  test(`${construction}: groups that are there are found`, () => {
    const { points, proxies, names } = kinship();
    const built = buildTree({ points, proxies, construction });
    checkTree(built.tree);
    const groups = names.map((name) => Number(name.split(/[ .]/)[1]) * 10 + Number(name.split('.')[1]));
    assert.ok(dendrogramPurity(built.tree, groups) > 0.95);
    // In the figure's rule one top proxy is the root, so its own group is not apart from the others.
    const supers = groups.map((group) => Math.floor(group / 10));
    assert.ok(dendrogramPurity(built.tree, supers) > (construction === 'ancestors' ? 0.6 : 0.9));
  });

test('an LCA node stands at the proxy whose farthest member is nearest; shown, no proxy is its own parent', () => {
  const { points, proxies } = kinship();
  const built = buildTree({ points, proxies, construction: 'lca' });
  const count = proxies.length / points.dim;
  const toProxies = proxyDistances(points, proxies);
  const order = leafOrder(built.tree);
  for (let node = built.tree.leaves; node < built.tree.parent.length; node++) {
    const farthest = Array.from({ length: count }, (_, k) =>
      Math.max(...Array.from(membersOf(order, node), (leaf) => toProxies[leaf * count + k])),
    );
    assert.equal(farthest[built.proxyOf[node]], Math.min(...farthest));
  }
  const shown = shownTree(built);
  checkTree(shown.tree);
  assert.ok(shown.tree.parent.length < built.tree.parent.length);
  shown.tree.parent.forEach((above, node) => {
    if (node >= shown.tree.leaves && above >= 0) assert.notEqual(shown.proxyOf[node], shown.proxyOf[above]);
  });
});

test('a class stands in the middle of its images, as far out as they are', () => {
  const { points } = kinship({ supers: 1, groups: 1, classes: 5 });
  const leaves = classLeaves(points, ['a', 'b', 'a', 'a', 'b']);
  assert.deepEqual(leaves.names, ['a', 'b']);
  const norms = normsOf(leaves.points);
  assert.ok(Math.abs(norms[0] - normsOf(points)[0]) < 1e-4);
  const sum = (c: number) =>
    [0, 2, 3].reduce((total, i) => total + distance(row(points, i), row(leaves.points, c), 0.1), 0);
  assert.ok(sum(0) < sum(1));
  const gaps = leaves.items[0].map((i) => distance(row(points, i), row(leaves.points, 0), 0.1));
  assert.deepEqual(
    gaps,
    [...gaps].sort((a, b) => a - b),
  );
  assert.throws(() => classLeaves(points, ['a', null, 'a', 'a', 'a']), /Item 1 has no class/);
  assert.throws(() => itemLeaves(points, ['a'], ['x']), /1 labels were given for 5 points/);
});

test('leaves placed anew come back to their own place', () => {
  const { points, proxies } = kinship();
  for (const construction of ['linkage', 'lca', 'ancestors'] as const) {
    const built = buildTree({ points, proxies, construction });
    const placed = placeInTree({ built, points, proxies, added: points.values });
    placed.forEach(({ node, nearest, distance: gap, path }, leaf) => {
      assert.equal(nearest, leaf);
      assert.equal(gap, 0);
      assert.equal(path[path.length - 1], node);
      assert.equal(path[0], built.tree.parent.length - 1);
      if (construction === 'linkage') assert.equal(node, leaf);
      if (construction === 'ancestors') assert.equal(node, built.tree.parent[leaf]);
      if (construction === 'lca') assert.ok([leaf, built.tree.parent[leaf]].includes(node));
    });
  }
});

test('a point far from all leaves is placed at the root of a linkage tree', () => {
  const { points } = kinship({ supers: 1 });
  const built = buildTree({ points, construction: 'linkage' });
  const [{ node }] = placeInTree({
    built,
    points,
    added: points.values.slice(0, points.dim).map((value) => -value),
  });
  assert.equal(node, built.tree.parent.length - 1);
});

test('what is missing is named', () => {
  const { points, proxies } = kinship({ supers: 1, groups: 1 });
  assert.throws(() => buildTree({ points }), /"lca" needs hierarchical proxies; without any, use "linkage"/);
  assert.throws(
    () =>
      buildTree({
        points: { ...points, metric: 'cosine', curvature: 0 },
        proxies,
        construction: 'ancestors',
      }),
    /more central/,
  );
  const built = buildTree({ points, proxies });
  assert.throws(() => placeInTree({ built, points, added: points.values }), /give them to place points/);
  const huge = { values: new Float32Array(10_001), dim: 1, metric: 'euclidean', curvature: 0 } as const;
  assert.throws(() => pairDistances(huge), /over 10001 items.*most is 10,000/);
});
