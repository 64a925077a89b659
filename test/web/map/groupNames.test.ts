import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSource } from '../../../web/data/sampleSource.js';
import { groupNames, markedNodes } from '../../../web/map/groupNames.js';
import { HOME, viewAt } from '../../../web/map/view.js';

const { tree, points } = await sampleSource(250).open();
const viewport = { width: 800, height: 800 };
const names = (view = HOME, most = 8, among: Uint8Array | null = null) =>
  groupNames(tree, view, viewport, { most, among }).map(({ text }) => text);

test('the whole map shows coarse groups, and zooming in the finer ones that are on screen', () => {
  assert.deepEqual(names().sort(), ['branch 0', 'branch 1', 'branch 2', 'branch 3', 'branch 4']);
  const near = names(viewAt(tree.places[tree.byId.get('leaf-2-2')!], 0, 8));
  assert.ok(near.includes('class 2.2'), near.join());
  assert.ok(names(HOME, 1).length <= 2);
});

test('groups without marked items have no name', () => {
  const marked = Uint8Array.from(points.label, (label) => Number(label === 7));
  const among = markedNodes(tree, marked);
  assert.deepEqual(tree.ids.filter((_, node) => among[node] === 1).sort(), ['branch-1', 'leaf-1-2', 'top']);
  assert.deepEqual(names(HOME, 8, among), ['class 1.2']);
});
