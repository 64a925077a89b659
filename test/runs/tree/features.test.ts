/** What trees of features are built from: centred rows, and groups of classes by the words of their names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupsByName, kinshipNote } from '../../../src/runs/kinship.js';
import { centred } from '../../../src/runs/tree/features.js';

test('rows are centred by the mean of the class means, or by their own', () => {
  const rows = { values: Float32Array.of(1, 0, 3, 0, 8, 2), dim: 2 };
  assert.deepEqual([...centred(rows, ['a', 'a', 'b']).values], [-4, -1, -2, -1, 3, 1]);
  assert.deepEqual([...centred(rows, ['a', null, 'b']).values].map(Math.round), [-3, -1, -1, -1, 4, 1]);
});

test('classes are grouped by the first and by the last word of their names', () => {
  const [last, first] = groupsByName([
    '001.Sooty_Albatross',
    'Black-tern',
    'Sterna hirundo',
    '42',
    'leastTern',
  ]);
  assert.deepEqual([last.name, first.name], ['last', 'first']);
  assert.deepEqual(
    [...last.groupOf],
    [
      [0, 'albatross'],
      [1, 'tern'],
      [2, 'hirundo'],
      [4, 'tern'],
    ],
  );
  assert.deepEqual([...first.groupOf.values()], ['sooty', 'black', 'sterna', 'least']);
});

test('a run says what its trees are of', () => {
  assert.match(
    kinshipNote(undefined),
    /trees \(npx hier tree\) are of these features where nothing shows a clearer one\.$/,
  );
  const map = { weight: new Float32Array(4), bias: new Float32Array(2) };
  assert.match(
    kinshipNote({ grouping: 'last', groups: 3, classes: 9, map }),
    /share their last word \(9 classes by 3 words\)\.$/,
  );
});
