import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { drawCropBox } from '../../src/images/randomCrop.js';
import { randomStream } from '../../src/random.js';

const OPTIONS = { scale: [0.2, 1], ratio: [3 / 4, 4 / 3], flip: false } as const;

test('boxes lie inside the image and keep the ratio to half a pixel', () => {
  const side = fc.integer({ min: 1, max: 300 });
  fc.assert(
    fc.property(side, side, fc.nat(), (width, height, seed) => {
      const box = drawCropBox(OPTIONS, width, height, randomStream(seed));
      assert.ok(box.left >= 0 && box.top >= 0 && box.width >= 1 && box.height >= 1);
      assert.ok(box.left + box.width <= width && box.top + box.height <= height);
      assert.ok((box.width + 0.5) / (box.height - 0.5) >= 3 / 4 || box.width === width);
      assert.ok((box.width - 0.5) / (box.height + 0.5) <= 4 / 3 || box.height === height);
    }),
  );
});

test('areas and places are spread evenly', () => {
  const boxes = Array.from({ length: 4000 }, (_, i) => drawCropBox(OPTIONS, 400, 400, randomStream(5, i)));
  const areas = boxes.map((box) => (box.width * box.height) / 160_000);
  const mean = areas.reduce((a, b) => a + b) / areas.length;
  // Area A fits with probability min(1, -ln A / ln(4/3)); the mean of such areas is 0.5384.
  assert.ok(Math.abs(mean - 0.5384) < 0.012, `mean area ${mean}`);
  assert.ok(Math.min(...areas) < 0.22 && Math.max(...areas) > 0.95);
  const balance = boxes.reduce((sum, box) => sum + box.left - (400 - box.width) / 2, 0) / boxes.length;
  assert.ok(Math.abs(balance) < 3, `mean shift ${balance}`);
});

test('when nothing fits, the largest centred box within the ratios is taken', () => {
  const tall = drawCropBox(OPTIONS, 10, 1000, randomStream(1));
  assert.deepEqual(tall, { left: 0, top: 493, width: 10, height: 13 });
  const wide = drawCropBox(OPTIONS, 1000, 10, randomStream(1));
  assert.deepEqual(wide, { left: 493, top: 0, width: 13, height: 10 });
});
