import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collectionOf, type MapPoints } from '../../../web/component/data.js';
import { NONE } from '../../../web/data/points.js';

const points: MapPoints = {
  ids: ['p', 'q', 'r'],
  x: [0.1, 0.2, Number.NaN],
  y: [0, 0.5, Number.NaN],
  classes: ['a', null, 'a'],
  nodes: ['leaf', 'top', null],
};
const tree = [
  { id: 'top', name: 'Everything' },
  { id: 'leaf', parent: 'top' },
];

test('plain data become a collection: classes, columns and the tree by index', () => {
  const columns = [{ name: 'price', values: [3, null, 3] }];
  const { points: made, tree: nodes, about } = collectionOf({ points, tree, columns });
  assert.deepEqual(made.labels, ['a']);
  assert.deepEqual([...made.label], [0, NONE, 0]);
  assert.deepEqual(
    made.levels.map(({ name, terms, term }) => [name, terms, [...term]]),
    [['price', ['3'], [0, NONE, 0]]],
  );
  assert.deepEqual(nodes.names, ['Everything', 'leaf']);
  assert.deepEqual([...nodes.nodeOf], [1, 0, -1]);
  assert.deepEqual([...nodes.count], [2, 1]);
  assert.deepEqual(about.columns, ['price']);
  assert.ok(Number.isNaN(made.x[2]));
  assert.equal(collectionOf({ points: { x: [0], y: [0] } }).points.ids[0], '0');
});

test('what does not fit together is refused, and said', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ points: { ...points, y: [0] } }, /points\.y has 1 entries for 3 items/],
    [{ points: { ...points, classes: ['a'] } }, /points\.classes has 1/],
    [{ points: { ...points, x: [0.1, 0.9, 0] } }, /q is at .* not within the unit disk/],
    [{ points, tree: [{ id: 'a', parent: 'b' }] }, /The parent "b" of the node "a" is not there/],
    [{ points, tree: [{ id: 'a' }, { id: 'a' }] }, /two nodes of one id/],
    [{ points, columns: [{ name: 'price', values: [1] }] }, /"price" has 1/],
  ];
  for (const [data, message] of wrong) assert.throws(() => collectionOf(data as never), message);
});
