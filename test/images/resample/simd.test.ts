import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Raster } from '../../../src/images/raster.js';
import { resampleInPlain } from '../../../src/images/resample/plain.js';
import { resamplePlan } from '../../../src/images/resample/plan.js';
import { hasSimd, MOST_BYTES, resampleBySimd } from '../../../src/images/resample/simd.js';
import {
  RESAMPLE_FILTERS,
  type ResampleFilter,
  type ResizeOptions,
  resize,
  resizeInPlain,
} from '../../../src/images/resize.js';
import { assertSameRaster, fixture, noise } from '../support.js';

const side = fc.integer({ min: 1, max: 70 });

/** A source and what to make of it; the box may be fractional, whole or all of it. */
const cases = fc
  .record({ width: side, height: side, seed: fc.nat(), extreme: fc.boolean() })
  .chain((source) => {
    const span = (length: number) =>
      fc.oneof(
        fc.constant([0, length] as const),
        fc
          .tuple(fc.integer({ min: 0, max: length - 1 }), fc.integer({ min: 1, max: length }))
          .map(([start, size]) => [start, Math.min(size, length - start)] as const),
        fc
          .tuple(fc.double({ min: 0, max: 0.9, noNaN: true }), fc.double({ min: 0.01, max: 1, noNaN: true }))
          .map(([start, size]) => [start * length, Math.min(size, 1 - start) * length * 0.999] as const),
      );
    return fc.record({
      source: fc.constant(source),
      across: span(source.width),
      down: span(source.height),
      width: side,
      height: side,
      filter: fc.constantFrom(...RESAMPLE_FILTERS),
    });
  });

test('SIMD gives the bytes of plain TypeScript for any size, box, filter and content', () => {
  assert.ok(hasSimd(), 'Node has WebAssembly SIMD');
  fc.assert(
    fc.property(cases, ({ source, across, down, ...size }) => {
      const raster = noise(source.width, source.height, source.seed);
      // Only 0 and 255: bicubic weights overshoot on these, so that sums are clipped at both ends.
      if (source.extreme)
        for (let i = 0; i < raster.data.length; i++) raster.data[i] = raster.data[i] < 128 ? 0 : 255;
      const box = { left: across[0], top: down[0], width: across[1], height: down[1] };
      const plan = resamplePlan(raster, box, size.width, size.height, size.filter);
      assertSameRaster(resampleBySimd(raster, plan)!, resampleInPlain(raster, plan));
    }),
    { numRuns: 300 },
  );
});

test('each channel is filtered alone: exchanging channels, and mirroring, exchange and mirror the result', () => {
  const remap = ({ width, height, data }: Raster, channels: readonly number[], mirror: boolean): Raster => {
    const to = new Uint8Array(data.length);
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        for (let c = 0; c < 3; c++)
          to[(y * width + x) * 3 + c] = data[(y * width + (mirror ? width - 1 - x : x)) * 3 + channels[c]];
    return { width, height, data: to };
  };
  fc.assert(
    fc.property(side, side, side, side, fc.boolean(), fc.nat(), (w, h, width, height, mirror, seed) => {
      const source = noise(w, h, seed);
      const order = [2, 0, 1];
      const one = resize(remap(source, order, mirror), { width, height });
      const other = remap(resize(source, { width, height }), order, mirror);
      if (!mirror) assertSameRaster(one, other);
      // A mirrored centre is another floating-point number: weights may differ in their last bit.
      else assert.ok(one.data.every((value, i) => Math.abs(value - other.data[i]) <= 1));
    }),
  );
});

test('a raster of many strips, and one that is a view of shared memory', () => {
  const wide = noise(1500, 260);
  const options = { width: 300, height: 47 };
  assertSameRaster(resize(wide, options), resizeInPlain(wide, options));
  const data = new Uint8Array(new SharedArrayBuffer(wide.data.length + 7), 7);
  data.set(wide.data);
  assertSameRaster(resize({ ...wide, data }, options), resizeInPlain(wide, options));
});

test('a result that is kept is not changed by the next one', () => {
  const first = resize(noise(40, 40, 1), { width: 20, height: 20 });
  const before = [...first.data];
  resize(noise(90, 90, 2), { width: 60, height: 60 });
  assert.deepEqual([...first.data], before);
});

test('what would fill the memory is left to plain code', () => {
  const raster = { width: 3, height: 1, data: Uint8Array.of(0, 50, 100, 255, 200, 150, 9, 8, 7) };
  const width = Math.ceil(MOST_BYTES / (7 * 4)) + 1; // a record of the table has seven words
  const plan = resamplePlan(raster, { left: 0, top: 0, width: 3, height: 1 }, width, 1, 'bicubic');
  assert.equal(resampleBySimd(raster, plan), undefined);
});

test('without WebAssembly the same bytes come from plain code', async () => {
  const script = `
    delete globalThis.WebAssembly;
    const { resize } = await import(${JSON.stringify(new URL('../../../src/images/resize.js', import.meta.url).href)});
    const { hasSimd } = await import(${JSON.stringify(new URL('../../../src/images/resample/simd.js', import.meta.url).href)});
    const data = Uint8Array.from({ length: 27 }, (_, i) => (i * 37) % 256);
    const resized = resize({ width: 3, height: 3, data }, { width: 4, height: 2 });
    console.log(JSON.stringify([hasSimd(), ...resized.data]));`;
  const printed = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  const data = Uint8Array.from({ length: 27 }, (_, i) => (i * 37) % 256);
  const here = resize({ width: 3, height: 3, data }, { width: 4, height: 2 });
  assert.deepEqual(JSON.parse(printed), [false, ...here.data]);
});

test('plain code gives the bytes of PIL too', async () => {
  const all = JSON.parse(readFileSync('test/fixtures/images/resize/cases.json', 'utf8')) as {
    width: number;
    height: number;
    box: [number, number, number, number] | null;
    filter: ResampleFilter;
  }[];
  const photo = await fixture('photo.png');
  for (const [number, { box, ...rest }] of all.entries()) {
    const part = box && { left: box[0], top: box[1], width: box[2] - box[0], height: box[3] - box[1] };
    const options: ResizeOptions = { ...rest, ...(part ? { box: part } : {}) };
    assertSameRaster(resizeInPlain(photo, options), await fixture(`resize/${number}.png`));
  }
});
