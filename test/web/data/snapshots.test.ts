import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveItems, snapshotOfEpoch } from '../../../web/data/snapshots.js';
import { placeNodes } from '../../../web/data/tree.js';
import { points, tree, x, y } from '../support.js';

test('items move to an epoch and back; those that it does not know are not shown, nor counted', () => {
  const from = { x: points.x.slice(), y: points.y.slice() };
  moveItems(points, from, 0, 0.5);
  assert.ok(Math.abs(points.x[0] - 0.3) < 1e-6 && Number.isNaN(points.x[1]));
  moveItems(points, from, 0, 1);
  assert.deepEqual(points.x, points.snapshots[0].x);
  placeNodes(tree, points);
  const [px, py] = tree.places[0];
  assert.ok(Math.hypot(px - 0.1, py - 0.3) < 1e-6, 'a node stands with its items that are shown');
  moveItems(points, { x: points.x.slice(), y: points.y.slice() }, 1, 0.5);
  assert.equal(points.x[1], 0.5, 'an item that appears does so where it belongs');
  moveItems(points, points, 1, 1);
  placeNodes(tree, points);
  assert.deepEqual([points.x, points.y], [x, y]);
  assert.deepEqual(
    [snapshotOfEpoch(points, 1), snapshotOfEpoch(points, 7), snapshotOfEpoch(points, null)],
    [0, 1, 1],
  );
});
