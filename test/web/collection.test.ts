import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Collection, NONE, type Points, readPoints } from '../../web/collection.js';
import { colouringOf, itemColours, legendOf, oklch, waysToColour } from '../../web/colour.js';
import { moveItems, stateOfEpoch } from '../../web/epochs.js';
import { entriesFor, shortName } from '../../web/names.js';
import { sampleSource } from '../../web/sampleSource.js';
import { addressOf, stateOf } from '../../web/state.js';
import { below, buildTree, lineage, pathBetween, settle } from '../../web/tree.js';

const x = Float32Array.of(0.5, 0.5, -0.5, 0);
const y = Float32Array.of(0.1, -0.1, 0, 0);
const points: Points = {
  ids: ['p', 'q', 'r', 's'],
  x: x.slice(),
  y: y.slice(),
  labels: ['red fox', 'owl'],
  label: Uint32Array.of(0, 0, 1, NONE),
  nodes: ['a', 'b'],
  node: Uint32Array.of(0, 0, 1, NONE),
  places: 'table',
  levels: [
    { name: 'kind', terms: ['mammal', 'bird'], term: Uint32Array.of(0, 0, 1, NONE) },
    { name: 'sub_kind', terms: ['dog', 'fox', 'owl'], term: Uint32Array.of(0, 1, 2, NONE) },
  ],
  states: [
    { epoch: 1, x: Float32Array.of(0.1, Number.NaN, 0.3, 0), y: Float32Array.of(0.3, Number.NaN, 0, 0.2) },
    { epoch: null, x, y },
  ],
};
const node = (id: string, parent: string | null, name = id) => ({ id, parent, name, place: null });
const tree = buildTree(
  [node('a', 'in', 'fox'), node('b', 'top', 'owl'), node('in', 'top', '7'), node('top', null)],
  points,
);

const about = { name: 'n', metric: 'cosine', hasThumbnails: false, searchesImages: false };
const collection: Collection = { about, points, tree };

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

test('search finds the id that is typed, however many others hold it or come first', () => {
  const ids = Array.from({ length: 100 }, (_, i) => String(99 - i));
  const found = (text: string) =>
    entriesFor(text, { points: { ...points, ids }, tree }, 5).map(({ name }) => name);
  assert.deepEqual(found('2'), ['2', '29', '28', '27', '26']);
  assert.deepEqual(found('owl'), ['owl']);
});

test('long names on the map are cut between characters', () => {
  assert.equal(shortName('🦊'.repeat(25)), `${'🦊'.repeat(23)}…`);
  assert.equal(shortName('x'.repeat(24)), 'x'.repeat(24));
});

test('what lies below a node may be very much', () => {
  const wide = buildTree(
    [node('top', null), ...Array.from({ length: 200_000 }, (_, i) => node(`leaf ${i}`, 'top'))],
    points,
  );
  assert.equal(
    below(wide, 0).reduce((sum, is) => sum + is, 0),
    200_001,
  );
});

test('bytes that are no points, or not all of them, are refused', () => {
  assert.throws(() => readPoints(new ArrayBuffer(4)), /no points/);
  const header = JSON.stringify({ count: 3, ids: [], labels: [], nodes: [], levels: [], epochs: [2] });
  const text = header.padEnd(4 * Math.ceil(header.length / 4));
  const bytes = new Uint8Array(12 + text.length);
  bytes.set(new TextEncoder().encode(`HIERPTS2\0\0\0\0${text}`));
  new DataView(bytes.buffer).setUint32(8, text.length, true);
  assert.throws(() => readPoints(bytes.buffer), /in part/);
});

test('colours: known values, and unmarked items step back', () => {
  assert.deepEqual(oklch(1, 0, 0), [255, 255, 255]);
  assert.deepEqual(oklch(0.627955, 0.257683, 29.234), [255, 0, 0]);
  const colouring = colouringOf(collection, 'class', false);
  const plain = itemColours(colouring, false, null);
  const marked = itemColours(colouring, false, Uint8Array.of(1, 0, 0, 0));
  assert.deepEqual(plain.slice(0, 4), marked.slice(0, 4));
  assert.ok(marked[7] < plain[7]);
  assert.deepEqual(plain.slice(0, 3), plain.slice(4, 7));
  assert.notDeepEqual(plain.slice(0, 3), plain.slice(8, 11));
  assert.ok(plain[12] === 120 && plain[15] > 200, 'what has no class is grey');
});

test('a collection can be coloured by each of its columns; finer terms have hues of their coarser ones', () => {
  assert.deepEqual(
    waysToColour(collection).map(({ title }) => title),
    ['class', 'tree', 'kind', 'sub kind'],
  );
  const hues = (by: 'level.kind' | 'level.sub_kind') => colouringOf(collection, by, false).colours.map(hueOf);
  const [mammal, bird] = hues('level.kind');
  const [dog, fox, owl] = hues('level.sub_kind');
  const apart = (a: number, b: number) => Math.abs(((a - b + 540) % 360) - 180);
  for (const one of [dog, fox])
    assert.ok(apart(one, mammal) < apart(one, bird), `${one}: ${mammal}, ${bird}`);
  assert.ok(apart(owl, bird) < 20 && apart(dog, fox) > 30);
  assert.equal(colouringOf(collection, 'level.unknown', false).by, 'class');
});

test('the legend counts, the largest first; of the tree it has the parts below the top', () => {
  const entries = (by: Parameters<typeof colouringOf>[1]) =>
    legendOf(collection, colouringOf(collection, by, false)).map(({ name, count }) => [name, count]);
  assert.deepEqual(entries('level.kind'), [
    [0, 2],
    [1, 1],
  ]);
  assert.deepEqual(entries('tree'), [
    [2, 2],
    [1, 1],
  ]);
});

test('items move to an epoch and back; those that it does not know are not shown, nor counted', () => {
  const from = { x: points.x.slice(), y: points.y.slice() };
  moveItems(points, from, 0, 0.5);
  assert.ok(Math.abs(points.x[0] - 0.3) < 1e-6 && Number.isNaN(points.x[1]));
  moveItems(points, from, 0, 1);
  assert.deepEqual(points.x, points.states[0].x);
  settle(tree, points);
  const [px, py] = tree.places[0];
  assert.ok(Math.hypot(px - 0.1, py - 0.3) < 1e-6, 'a node stands with its items that are shown');
  moveItems(points, { x: points.x.slice(), y: points.y.slice() }, 1, 0.5);
  assert.equal(points.x[1], 0.5, 'an item that appears does so where it belongs');
  moveItems(points, points, 1, 1);
  settle(tree, points);
  assert.deepEqual([points.x, points.y], [x, y]);
  assert.deepEqual([stateOfEpoch(points, 1), stateOfEpoch(points, 7), stateOfEpoch(points, null)], [0, 1, 1]);
});

test('the address keeps epoch, colour and term, and passes over what the collection does not have', () => {
  const kept = 'colour=level.kind&term=bird&epoch=1';
  const state = stateOf(kept, collection);
  assert.deepEqual([state.colour, state.term, state.shown], ['level.kind', 1, 0]);
  assert.equal(addressOf(state, collection), kept);
  const other = stateOf('colour=level.size&term=large&epoch=9', collection);
  assert.deepEqual([other.colour, other.term, other.shown], ['class', -1, 1]);
  assert.equal(addressOf(other, collection), '');
});

/** Hue of a colour, degrees of HSV. */
function hueOf([r, g, b]: readonly number[]): number {
  const [most, least] = [Math.max(r, g, b), Math.min(r, g, b)];
  const sixth =
    most === r
      ? (g - b) / (most - least)
      : most === g
        ? 2 + (b - r) / (most - least)
        : 4 + (r - g) / (most - least);
  return (60 * sixth + 360) % 360;
}

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
