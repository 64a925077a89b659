/** The exact search over rows in memory: what brute force finds, in pieces, whatever the size of a block. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { randomStream } from '../../src/random.js';
import { nearestRows } from '../../src/store/exactScan.js';
import { fitSpace } from '../../src/store/space.js';

it('finds the nearest rows of large and small blocks, with some left out, and lets others work meanwhile', async () => {
  const dim = 128;
  const random = randomStream(5, 'exactScan');
  const sizes = [6000, 3, 0, 500];
  const blocks = sizes.map((rows) => ({
    vectors: Float32Array.from({ length: rows * dim }, () => random.uniform() - 0.5),
    constants: null,
  }));
  const space = fitSpace({ vectors: blocks[3].vectors, dim, metric: 'euclidean' });
  const leftOut = Uint8Array.from({ length: sizes[0] }, (_, at) => at % 3);
  const scanned = blocks.map((block, i) => ({ block, leftOut: i === 0 ? leftOut : null }));
  const query = Float32Array.from({ length: dim }, () => random.uniform() - 0.5);
  let loops = 0;
  let isOver = false;
  const count = () => {
    loops++;
    if (!isOver) setImmediate(count);
  };
  count();
  const found = await nearestRows(space, scanned, query, 40);
  isOver = true;
  assert.ok(loops > 1);
  const all = blocks.flatMap(({ vectors }, block) =>
    Array.from({ length: sizes[block] }, (_, at) => ({
      block,
      at,
      square: query.reduce((sum, value, k) => sum + (value - vectors[at * dim + k]) ** 2, 0),
    })).filter(({ at }) => block !== 0 || leftOut[at] === 0),
  );
  const expected = all.sort((a, b) => a.square - b.square).slice(0, 40);
  assert.deepEqual(
    found.map(({ block, at }) => [block, at]),
    expected.map(({ block, at }) => [block, at]),
  );
});
