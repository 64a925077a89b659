import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NONE, type Points, readPoints } from '../../web/collection.js';
import { itemColours, oklch } from '../../web/colour.js';
import { entriesFor } from '../../web/names.js';
import { sampleSource } from '../../web/sampleSource.js';
import { below, buildTree, lineage, pathBetween } from '../../web/tree.js';

const points: Points = {
  ids: ['p', 'q', 'r', 's'],
  x: Float32Array.of(0.5, 0.5, -0.5, 0),
  y: Float32Array.of(0.1, -0.1, 0, 0),
  labels: ['red fox', 'owl'],
  label: Uint32Array.of(0, 0, 1, NONE),
  nodes: ['a', 'b'],
  node: Uint32Array.of(0, 0, 1, NONE),
  places: 'table',
};
const node = (id: string, parent: string | null, name = id) => ({ id, parent, name, place: null });
const tree = buildTree(
  [node('a', 'in', 'fox'), node('b', 'top', 'owl'), node('in', 'top', '7'), node('top', null)],
  points,
);

test('a tree counts, orders and names', () => {
  assert.deepEqual([...tree.count], [2, 1, 2, 3]);
  assert.deepEqual(tree.roots, [3]);
  assert.deepEqual(tree.children[3], [2, 1]);
  assert.deepEqual(tree.names, ['fox', 'owl', 'fox …', 'top']);
  assert.deepEqual(lineage(tree, 0), [0, 2, 3]);
  assert.deepEqual([...below(tree, 2)], [1, 0, 1, 0]);
  assert.ok(Math.abs(tree.places[0][1]) < 1e-6 && tree.places[0][0] > 0.4);
});

test('the way between two nodes goes over the deepest node above both', () => {
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

test('search finds beginnings before words before parts', () => {
  const names = (text: string) =>
    entriesFor(text, { points, tree }).map(({ kind, name }) => `${kind} ${name}`);
  assert.deepEqual(names('fox'), ['node fox', 'node fox …', 'class red fox']);
  assert.deepEqual(names('OWL'), ['class owl']);
  assert.deepEqual(names('q'), ['item q']);
  assert.deepEqual(names('  '), []);
});

test('bytes that are no points, or not all of them, are refused', () => {
  assert.throws(() => readPoints(new ArrayBuffer(4)), /no points/);
  const header = JSON.stringify({ count: 3, ids: [], labels: [], nodes: [], places: 'table' });
  const text = header.padEnd(4 * Math.ceil(header.length / 4));
  const bytes = new Uint8Array(12 + text.length);
  bytes.set(new TextEncoder().encode(`HIERPTS1\0\0\0\0${text}`));
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  assert.throws(() => readPoints(bytes.buffer), /in part/);
});

test('colours: known values, and unmarked items step back', () => {
  assert.deepEqual(oklch(1, 0, 0), [255, 255, 255]);
  assert.deepEqual(oklch(0.627955, 0.257683, 29.234), [255, 0, 0]);
  const plain = itemColours(points, tree, 'class', false, null);
  const marked = itemColours(points, tree, 'class', false, Uint8Array.of(1, 0, 0, 0));
  assert.deepEqual(plain.slice(0, 4), marked.slice(0, 4));
  assert.ok(marked[7] < plain[7]);
  assert.deepEqual(plain.slice(0, 3), plain.slice(4, 7));
  assert.notDeepEqual(plain.slice(0, 3), plain.slice(8, 11));
});

test('the sample source is inside the disk, repeatable, and its neighbours are sorted', async () => {
  const source = sampleSource(500);
  const { points: made } = await source.open();
  assert.ok(made.x.every((x, i) => Math.hypot(x, made.y[i]) < 1));
  assert.deepEqual((await sampleSource(500).open()).points.x, made.x);
  const near = await source.neighbours(3, 5);
  assert.equal(near.length, 5);
  assert.ok(
    near.every(({ item, distance }, i) => item !== 3 && (i === 0 || distance >= near[i - 1].distance)),
  );
});
