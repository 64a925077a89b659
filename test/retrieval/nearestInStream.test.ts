import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomStream } from '../../src/random.js';
import { nearestInStream } from '../../src/retrieval/index.js';

const WIDTH = 12;
const random = randomStream(3, 'nearest in a stream');
const draw = (rows: number, scale = 1) =>
  Array.from({ length: rows }, () => Float32Array.from({ length: WIDTH }, () => scale * random.normal()));

async function* batches(rows: readonly Float32Array[], lengths: readonly number[]) {
  let from = 0;
  for (const length of lengths) {
    const part = rows.slice(from, from + length);
    yield {
      values: Float32Array.from(part.flatMap((row) => [...row])),
      ids: part.map((_, i) => 10 * (from + i)),
    };
    from += length;
  }
}

function bruteForce(query: Float32Array, rows: readonly Float32Array[], k: number): number[] {
  const distance = (row: Float32Array) => row.reduce((sum, value, i) => sum + (value - query[i]) ** 2, 0);
  return rows
    .map((row, i) => ({ id: 10 * i, distance: distance(row) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, k)
    .map(({ id }) => id);
}

test('are those of brute force, over rows of unlike lengths that come in batches of any size', async () => {
  const rows = [...draw(6000), ...draw(3000, 0.3), ...draw(1000, 3)];
  const queries = [...draw(5), ...draw(2, 0.2), rows[9_999]];
  const found = await nearestInStream(queries, 10, batches(rows, [1, 4095, 0, 5000, 900, 4]));
  for (const [i, query] of queries.entries()) assert.deepEqual(found[i], bruteForce(query, rows, 10));
});

test('are fewer where fewer rows come, and none without queries', async () => {
  const rows = draw(3);
  const [query] = draw(1);
  assert.deepEqual(await nearestInStream([query], 10, batches(rows, [2, 1])), [bruteForce(query, rows, 10)]);
  assert.deepEqual(await nearestInStream([query], 10, batches([], [])), [[]]);
  assert.deepEqual(await nearestInStream([], 10, batches(rows, [3])), []);
});
