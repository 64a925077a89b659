/** Vectors that carry nothing are said to. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { openVectors } from '../../src/datasets/vectors.js';
import { writeNpy } from '../../src/io/npy.js';
import { vectorNotes } from '../../src/io/vectorNotes.js';
import { temporaryFolder } from '../images/support.js';

const rows = (of: (row: number, column: number) => number, count = 40, dim = 4) => ({
  dim,
  values: Float32Array.from({ length: count * dim }, (_, i) => of(Math.floor(i / dim), i % dim)),
});
const wave = (row: number, column: number) => Math.sin(3 * row + 5 * column);

test('rows that cannot be told apart are noted, others are not', () => {
  const notes = (of: (row: number, column: number) => number) => vectorNotes('x.npy', rows(of)).join(' ');
  assert.equal(notes(wave), '');
  assert.equal(
    notes((row, column) => (row === 0 ? 0 : wave(row, column))),
    '',
  );
  assert.match(
    notes(() => 0),
    /^x\.npy: all 40 rows are zero: they cannot be told apart\.$/,
  );
  assert.match(
    notes(() => 0.5),
    /all 40 rows are equal/,
  );
  assert.match(
    notes((_, column) => column),
    /all 40 rows are equal/,
  );
  assert.match(
    notes((row) => row + 1),
    /all 40 rows have the same number in every column/,
  );
  assert.match(
    notes((row, column) => 1e30 * wave(row, column)),
    /all 40 rows have numbers beyond 1000000000000000000/,
  );
  assert.match(
    notes((row, column) => 1e-30 * wave(row, column)),
    /below 1e-18 only/,
  );
  assert.match(
    notes((row, column) => 1000 + 1e-4 * wave(row, column)),
    /differ by less than a millionth/,
  );
  assert.match(
    notes((row, column) => (row % 2 ? 0 : wave(row, column))),
    /20 of 40 rows are zero/,
  );
});

test('a data set of such vectors says so', async () => {
  const path = join(temporaryFolder(), 'zero.npy');
  writeNpy(path, { shape: [6, 2], data: new Float32Array(12) });
  assert.match((await openVectors(path)).warnings[0], /all 6 rows are zero/);
});
