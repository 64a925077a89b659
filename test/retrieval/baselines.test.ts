import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { UsageError } from '../../src/errors.js';
import { randomStream } from '../../src/random.js';
import { pixelFeatures } from '../../src/retrieval/baselines.js';

function randomRaster(side: number, seed: number): Uint8Array {
  const random = randomStream(seed, 'raster');
  return Uint8Array.from({ length: side * side * 3 }, () => random.integer(256));
}

test('boxes are means, less the mean of all: of the image magnified so far that no pixel is cut', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 12 }), fc.nat(), fc.nat(), (side, pick, seed) => {
      const to = 1 + (pick % side);
      const raster = randomRaster(side, seed);
      const features = pixelFeatures(raster, side, to);
      assert.equal(features.length, to * to * 3);
      const mean = raster.reduce((sum, value) => sum + value, 0) / raster.length / 255;
      // Each pixel becomes to × to, so that a box is side × side of the magnified pixels.
      for (let boxY = 0; boxY < to; boxY++)
        for (let boxX = 0; boxX < to; boxX++)
          for (let channel = 0; channel < 3; channel++) {
            let sum = 0;
            for (let y = boxY * side; y < (boxY + 1) * side; y++)
              for (let x = boxX * side; x < (boxX + 1) * side; x++)
                sum += raster[(Math.floor(y / to) * side + Math.floor(x / to)) * 3 + channel];
            const expected = sum / side ** 2 / 255 - mean;
            assert.ok(Math.abs(features[(boxY * to + boxX) * 3 + channel] - expected) < 1e-6);
          }
    }),
    { numRuns: 60 },
  );
});

test('a raster of another size, or more boxes than pixels, are refused', () => {
  assert.throws(() => pixelFeatures(new Uint8Array(10), 2), UsageError);
  assert.throws(() => pixelFeatures(randomRaster(8, 1), 8), UsageError);
  assert.throws(() => pixelFeatures(randomRaster(8, 1), 8, 2.5), UsageError);
});
