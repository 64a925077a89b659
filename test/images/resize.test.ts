import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { RESAMPLE_FILTERS, type ResampleFilter, resize } from '../../src/images/resize.js';
import { assertSameRaster, fixture, noise } from './support.js';

interface Case {
  readonly width: number;
  readonly height: number;
  /** Left, top, right, bottom. */
  readonly box: [number, number, number, number] | null;
  readonly filter: ResampleFilter;
}

const cases = JSON.parse(readFileSync('test/fixtures/images/resize/cases.json', 'utf8')) as Case[];

cases.forEach(({ width, height, box, filter }, number) => {
  test(`${filter} to ${width}×${height}${box ? ` from ${box}` : ''} gives the bytes of PIL`, async () => {
    const part = box && { left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] };
    const options = { width, height, filter, ...(part ? { box: part } : {}) };
    assertSameRaster(resize(await fixture('photo.png'), options), await fixture(`resize/${number}.png`));
  });
});

test('a single colour keeps its value at any size', () => {
  const size = fc.integer({ min: 1, max: 40 });
  fc.assert(
    fc.property(size, size, size, size, fc.integer({ min: 0, max: 255 }), (w, h, width, height, value) => {
      const source = { width: w, height: h, data: new Uint8Array(w * h * 3).fill(value) };
      for (const filter of RESAMPLE_FILTERS)
        assert.ok(resize(source, { width, height, filter }).data.every((byte) => byte === value));
    }),
  );
});

test('turning the image turns the result', () => {
  const source = noise(23, 17);
  const turn = ({ width, height, data }: typeof source) => {
    const turned = new Uint8Array(data.length);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++) turned[(x * height + y) * 3 + c] = data[(y * width + x) * 3 + c];
    return { width: height, height: width, data: turned };
  };
  // Only to one level: rows are filtered first, and rounded.
  const one = turn(resize(source, { width: 9, height: 11 }));
  const other = resize(turn(source), { width: 11, height: 9 });
  assert.ok(one.data.every((value, i) => Math.abs(value - other.data[i]) <= 1));
});

test('the source is left as it was, and an equal size returns it', () => {
  const source = noise(8, 8);
  const before = [...source.data];
  resize(source, { width: 3, height: 12 });
  assert.deepEqual([...source.data], before);
  assertSameRaster(resize(source, { width: 8, height: 8 }), source);
});

test('impossible sizes and boxes are refused', () => {
  const source = noise(8, 8);
  assert.throws(() => resize(source, { width: 0, height: 3 }), /positive integers/);
  assert.throws(() => resize(source, { width: 2.5, height: 3 }), /positive integers/);
  const box = { left: 4, top: 0, width: 5, height: 8 };
  assert.throws(() => resize(source, { width: 2, height: 2, box }), /not inside the raster of 8×8/);
});
