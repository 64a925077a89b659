import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sampleSource } from '../../../web/data/sampleSource.js';

test('the sample source is inside the disk, repeatable, and its neighbours are sorted', async () => {
  const source = sampleSource(500);
  const { points: made } = await source.open();
  assert.ok(made.x.every((x, i) => Math.hypot(x, made.y[i]) < 1));
  assert.deepEqual((await sampleSource(500).open()).points.x, made.x);
  const near = await source.neighbours(3, 5, null);
  assert.equal(near.length, 5);
  assert.ok(
    near.every(({ item, distance }, i) => item !== 3 && (i === 0 || distance >= near[i - 1].distance)),
  );
});
