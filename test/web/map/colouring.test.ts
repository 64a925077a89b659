import assert from 'node:assert/strict';
import { test } from 'node:test';
import { moveItems, shownCount } from '../../../web/data/snapshots.js';
import { buildTree, placeNodes } from '../../../web/data/tree.js';
import {
  colourChoices,
  colouringOf,
  itemColours,
  legendEntries,
  nodeColours,
} from '../../../web/map/colouring.js';
import { collection, node, points, tree } from '../support.js';

test('unmarked items are faint, and items without a class are grey', () => {
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
    colourChoices(collection).map(({ title }) => title),
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
    legendEntries(collection, colouringOf(collection, by, false)).map(({ name, count }) => [name, count]);
  assert.deepEqual(entries('level.kind'), [
    [0, 2],
    [1, 1],
  ]);
  assert.deepEqual(entries('tree'), [
    [2, 2],
    [1, 1],
  ]);
});

test('the legend counts what is shown, and leaves out what is not', () => {
  moveItems(points, points, 0, 1);
  placeNodes(tree, points);
  const counts = (by: Parameters<typeof colouringOf>[1]) =>
    legendEntries(collection, colouringOf(collection, by, false)).map(({ count }) => count);
  assert.deepEqual(shownCount(points), 3);
  assert.deepEqual(counts('class'), [1, 1]);
  assert.deepEqual(counts('level.sub_kind'), [1, 1], 'fox is not shown');
  assert.deepEqual(counts('tree'), [1, 1]);
  moveItems(points, points, 1, 1);
  placeNodes(tree, points);
  assert.deepEqual(counts('class'), [2, 1]);
});

test('a tree may be as deep as it has nodes', () => {
  const chain = Array.from({ length: 50_000 }, (_, i) => node(`n${i}`, i === 0 ? null : `n${i - 1}`));
  const deep = buildTree(chain, points);
  assert.equal(nodeColours(deep, false).length, chain.length);
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
