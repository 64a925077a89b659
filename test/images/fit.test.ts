import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  centreCropOffset,
  FITS,
  type Fit,
  fitSquare,
  roundHalfEven,
  shortSideSize,
} from '../../src/images/fit.js';
import { crop, padToSquare } from '../../src/images/raster.js';
import type { ResampleFilter } from '../../src/images/resize.js';
import { assertSameRaster, fixture, noise } from './support.js';

const covers = JSON.parse(readFileSync('test/fixtures/images/cover/cases.json', 'utf8')) as {
  short: number;
  side: number;
  fit?: Fit;
  filter?: ResampleFilter;
}[];

covers.forEach(({ short, side, ...how }, number) => {
  test(`${how.fit ?? 'cover'}: resize ${short}, crop ${side} gives the bytes of PIL under torchvision's rules`, async () => {
    const source = await fixture(`cover/${number}.source.png`);
    const square = fitSquare(source, side, { resizeTo: short, ...how });
    assertSameRaster(square, await fixture(`cover/${number}.expected.png`));
  });
});

test('the rounding rules of torchvision', () => {
  assert.deepEqual([0.5, 1.5, 2.5, 58.5, 58.4, 58.6, -1.5].map(roundHalfEven), [0, 2, 2, 58, 58, 59, -2]);
  assert.deepEqual(shortSideSize(500, 375, 256), [341, 256]);
  assert.deepEqual(shortSideSize(375, 500, 256), [256, 341]);
  assert.equal(centreCropOffset(341, 224), 58);
});

test('contain keeps the whole image in the middle of a white square', () => {
  const black = { width: 20, height: 10, data: new Uint8Array(600) };
  const square = fitSquare(black, 8, { fit: 'contain' });
  const rows = Array.from({ length: 8 }, (_, y) => square.data.subarray(y * 24, (y + 1) * 24));
  rows.forEach((row, y) => {
    const value = y < 2 || y >= 6 ? 255 : 0;
    assert.ok(
      row.every((byte) => byte === value),
      `row ${y}`,
    );
  });
});

test('a square of the wanted side is returned as it is', () => {
  const raster = noise(9, 9);
  assertSameRaster(fitSquare(raster, 9), raster);
  for (const fit of FITS) assertSameRaster(fitSquare(raster, 9, { fit }), raster);
});

test('a strip of pixels does not grow beyond bounds', () => {
  const strip = { width: 200_000, height: 1, data: new Uint8Array(600_000).fill(7) };
  for (const fit of FITS) assert.equal(fitSquare(strip, 64, { fit }).data.length, 12288);
});

test('crop and pad are inverse', () => {
  const raster = noise(5, 7);
  const padded = padToSquare(raster, 11);
  assertSameRaster(crop(padded, 3, 2, 5, 7), raster);
  assert.equal(padded.data[0], 255);
  assert.throws(() => crop(raster, 1, 0, 5, 7), /exceeds the raster of 5×7/);
});
