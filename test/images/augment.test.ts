import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AugmentOptions, augmenter } from '../../src/images/augment.js';
import { normalisationTable, writeNormalised } from '../../src/images/normalise.js';
import { drawCropBox } from '../../src/images/randomCrop.js';
import { crop } from '../../src/images/raster.js';
import { resize } from '../../src/images/resize.js';
import { resolveAugmentation } from '../../src/images/resolveAugmentation.js';
import { randomStream } from '../../src/random.js';
import { fixture, noise } from './support.js';

const UNIT = { mean: [0.5, 0.4, 0.3], std: [0.5, 0.25, 0.2] } as const;

function variant(options: AugmentOptions, raster = noise(24, 24), size = 20, ...key: number[]): Float32Array {
  const target = new Float32Array(3 * size * size);
  augmenter(resolveAugmentation(options), size, UNIT)(raster, randomStream(...key), target, 0);
  return target;
}

test('the result depends on the stream and nothing else', () => {
  for (const kind of ['warp', 'crop'] as const) {
    assert.deepEqual(variant({ kind }, undefined, 20, 1), variant({ kind }, undefined, 20, 1));
    assert.notDeepEqual(variant({ kind }, undefined, 20, 1), variant({ kind }, undefined, 20, 2));
  }
});

test('values stay within those of black and white, whatever the colours', () => {
  const options: AugmentOptions = {
    kind: 'warp',
    brightness: [0, 3],
    contrast: [0, 3],
    saturation: [0, 3],
    hue: 0.5,
  };
  for (let seed = 0; seed < 20; seed++) {
    const out = variant(options, undefined, 20, seed);
    out.forEach((value, i) => {
      const c = Math.floor(i / 400);
      const low = -UNIT.mean[c] / UNIT.std[c];
      const high = (1 - UNIT.mean[c]) / UNIT.std[c];
      assert.ok(value >= low - 1e-6 && value <= high + 1e-6);
    });
  }
});

test('a crop of the whole image is the plain resize, or its mirror image', () => {
  const raster = noise(24, 24);
  const out = variant({ kind: 'crop', scale: [1, 1], ratio: [1, 1], flip: false }, raster);
  const expected = new Float32Array(1200);
  writeNormalised(resize(raster, { width: 20, height: 20 }), normalisationTable(UNIT), expected, 0);
  assert.ok(out.every((value, i) => Math.abs(value - expected[i]) < 1e-5));

  const flipped = Array.from({ length: 20 }, (_, seed) =>
    variant({ kind: 'crop', scale: [1, 1], ratio: [1, 1] }, raster, 20, seed),
  ).find((other) => Math.abs(other[0] - expected[0]) > 0.01)!;
  for (let i = 0; i < 1200; i++)
    assert.ok(Math.abs(flipped[i] - expected[i - (i % 20) + 19 - (i % 20)]) < 1e-5);
});

test('a random crop is cut, resized as PIL does it, then mirrored and normalised', async () => {
  const photo = await fixture('photo.png');
  // As a recipe says it, with the factors of the colours written out.
  const options = { kind: 'crop', scale: [0.08, 1], brightness: [1, 1], contrast: [1, 1], hue: 0 } as const;
  const table = normalisationTable(UNIT);
  let mirrored = 0;
  for (let seed = 0; seed < 12; seed++) {
    const drawing = randomStream(seed);
    const box = drawCropBox({ scale: [0.08, 1], ratio: [3 / 4, 4 / 3], flip: true }, 61, 47, drawing);
    const mirror = drawing.uniform() < 0.5;
    mirrored += Number(mirror);
    const part = crop(photo, box.left, box.top, box.width, box.height);
    const expected = new Float32Array(3 * 24 * 24);
    writeNormalised(resize(part, { width: 24, height: 24 }), table, expected, 0, mirror);
    assert.deepEqual(variant(options, photo, 24, seed), expected);
  }
  assert.ok(mirrored > 0 && mirrored < 12);
});

test('changing colours does not move the window', () => {
  for (let seed = 0; seed < 10; seed++) {
    const plain = variant({ kind: 'crop' }, noise(31, 24), 20, seed);
    const same = variant({ kind: 'crop', contrast: [1, 1 + 1e-9] }, noise(31, 24), 20, seed);
    assert.ok(plain.every((value, i) => Math.abs(value - same[i]) < 1e-5));
  }
});

test('crops take images of any shape, warps squares only', () => {
  assert.equal(variant({ kind: 'crop' }, noise(50, 17)).length, 1200);
  assert.throws(() => variant({ kind: 'warp' }, noise(50, 17)), /square/);
});

test('erasing sets one rectangle of the drawn size to zero in all channels', () => {
  const erase = { probability: 1, area: [0.25, 0.25], aspect: [1, 1] } as const;
  const out = variant({ kind: 'crop', brightness: [0, 0], erase });
  const zeros = [0, 1, 2].map((c) => [...out.subarray(c * 400, (c + 1) * 400)].filter((v) => v === 0).length);
  assert.deepEqual(zeros, [100, 100, 100]);
  const never = variant({ kind: 'crop', brightness: [0, 0], erase: { ...erase, probability: 0 } });
  assert.ok(never.every((value) => value !== 0));
});

test('impossible ranges are refused by name', () => {
  assert.throws(() => resolveAugmentation({ kind: 'warp', scale: [1.2, 0.8] }), /augment\.scale/);
  assert.throws(() => resolveAugmentation({ kind: 'crop', scale: [0.5, 1.5] }), /augment\.scale/);
  assert.throws(() => resolveAugmentation({ kind: 'warp', shift: Number.NaN }), /augment\.shift/);
  assert.throws(() => resolveAugmentation({ kind: 'warp', brightness: [-1, 1] }), /augment\.brightness/);
  assert.throws(() => resolveAugmentation({ kind: 'warp', hue: 0.7 }), /augment\.hue/);
  const erase = { probability: 2, area: [0.1, 0.2], aspect: [1, 1] } as const;
  assert.throws(() => resolveAugmentation({ kind: 'warp', erase }), /augment\.erase\.probability/);
});
