import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildTree, lineage, pathBetween, subtreeMask } from '../../../web/data/tree.js';
import { node, points, tree } from '../support.js';

test('a tree counts, orders and names', () => {
  assert.deepEqual([...tree.count], [2, 1, 2, 3]);
  assert.deepEqual(tree.roots, [3]);
  assert.deepEqual(tree.children[3], [2, 1]);
  assert.deepEqual(tree.names, ['fox', 'owl', 'fox …', 'top']);
  assert.deepEqual(lineage(tree, 0), [0, 2, 3]);
  assert.deepEqual([...subtreeMask(tree, 2)], [1, 0, 1, 0]);
  assert.ok(Math.abs(tree.places[0][1]) < 1e-6 && tree.places[0][0] > 0.4);
});

test('the path between two nodes goes over the deepest node above both', () => {
  assert.deepEqual(pathBetween(tree, 0, 1), { up: [0, 2], top: 3, down: [1] });
  assert.deepEqual(pathBetween(tree, 0, 0), { up: [], top: 0, down: [] });
  assert.equal(pathBetween(tree, -1, 0), null);
});

test('a collection without a tree lists its classes', () => {
  const classes = buildTree(null, points);
  assert.equal(classes.isGiven, false);
  assert.deepEqual(classes.names, ['All', 'red fox', 'owl']);
  assert.deepEqual([...classes.nodeOf], [1, 1, 2, -1]);
});

test('a node may have very many nodes below it', () => {
  const wide = buildTree(
    [node('top', null), ...Array.from({ length: 200_000 }, (_, i) => node(`leaf ${i}`, 'top'))],
    points,
  );
  assert.equal(
    subtreeMask(wide, 0).reduce((sum, is) => sum + is, 0),
    200_001,
  );
});
