import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Raster } from '../../src/images/raster.js';
import { type AffineMap, drawAffineMap, type WarpOptions, warp } from '../../src/images/warp.js';
import { randomStream } from '../../src/random.js';
import { noise } from './support.js';

const IDENTITY = Float64Array.from([1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]);

/** The warp without normalisation: values from 0 to 255. */
function run(raster: Raster, size: number, map: AffineMap, border: 'white' | 'edge', colour = IDENTITY) {
  const target = new Float32Array(3 * size * size);
  const { data: source, width: side } = raster;
  const scale = new Float64Array(3).fill(1);
  const shift = new Float64Array(3);
  const job = { source, sourceOffset: 0, side, target, targetOffset: 0, size, map, border, colour };
  warp({ ...job, scale, shift });
  return target;
}

/** The same by the definition: every pixel a weighted sum over all source pixels and the border. */
function byDefinition(raster: Raster, size: number, map: AffineMap, border: 'white' | 'edge'): Float32Array {
  const side = raster.width;
  const pixel = (x: number, y: number, c: number) => {
    const inside = x >= 0 && y >= 0 && x < side && y < side;
    if (!inside && border === 'white') return 255;
    const [cx, cy] = [x, y].map((value) => Math.min(side - 1, Math.max(0, value)));
    return raster.data[(cy * side + cx) * 3 + c];
  };
  const out = new Float32Array(3 * size * size);
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < size; y++)
      for (let x = 0; x < size; x++) {
        const u = map.ux * x + map.uy * y + map.u0;
        const v = map.vx * x + map.vy * y + map.v0;
        let sum = 0;
        for (let py = Math.floor(v); py <= Math.floor(v) + 1; py++)
          for (let px = Math.floor(u); px <= Math.floor(u) + 1; px++)
            sum += (1 - Math.abs(u - px)) * (1 - Math.abs(v - py)) * pixel(px, py, c);
        out[(c * size + y) * size + x] = sum;
      }
  return out;
}

const OPTIONS: WarpOptions = {
  scale: [0.5, 1.6],
  shift: 0.3,
  rotation: 1,
  aspect: [0.7, 1.4],
  flip: true,
  border: 'white',
};

test('equals bilinear sampling by its definition, borders included', () => {
  const raster = noise(12, 12);
  fc.assert(
    fc.property(fc.nat(), fc.constantFrom('white' as const, 'edge' as const), (seed, border) => {
      const map = drawAffineMap(OPTIONS, 12, 9, randomStream(seed));
      const expected = byDefinition(raster, 9, map, border);
      run(raster, 9, map, border).forEach((value, i) => {
        assert.ok(Math.abs(value - expected[i]) < 1e-3, `${i}: ${value}, not ${expected[i]}`);
      });
    }),
  );
});

test('no variation and equal sizes give the image back, or its mirror image', () => {
  const still: WarpOptions = {
    scale: [1, 1],
    shift: 0,
    rotation: 0,
    aspect: [1, 1],
    flip: true,
    border: 'edge',
  };
  const raster = noise(6, 6);
  let mirrored = 0;
  for (let seed = 0; seed < 40; seed++) {
    const out = run(raster, 6, drawAffineMap(still, 6, 6, randomStream(seed)), 'edge');
    const value = (flip: boolean) =>
      out.every((v, i) => {
        const [c, y, x] = [Math.floor(i / 36), Math.floor(i / 6) % 6, i % 6];
        return Math.abs(v - raster.data[(y * 6 + (flip ? 5 - x : x)) * 3 + c]) < 1e-3;
      });
    assert.ok(value(false) || value(true), `seed ${seed}`);
    if (value(true)) mirrored++;
  }
  assert.ok(mirrored > 8 && mirrored < 32, `${mirrored} of 40 mirrored`);
});

test('the window keeps its centre and its drawn side', () => {
  const map = drawAffineMap(
    { ...OPTIONS, shift: 0, aspect: [1, 1], scale: [1.2, 1.2] },
    48,
    40,
    randomStream(3),
  );
  const centre = 19.5;
  assert.ok(Math.abs(map.ux * centre + map.uy * centre + map.u0 - 23.5) < 1e-9);
  assert.ok(Math.abs(map.vx * centre + map.vy * centre + map.v0 - 23.5) < 1e-9);
  assert.ok(Math.abs(Math.abs(map.ux * map.vy - map.uy * map.vx) - ((1.2 * 48) / 40) ** 2) < 1e-9);
});

test('colours are mixed, clipped to bytes, then normalised', () => {
  const raster = { width: 1, height: 1, data: Uint8Array.from([100, 200, 50]) };
  const map = { ux: 1, uy: 0, u0: 0, vx: 0, vy: 1, v0: 0 };
  const swap = Float64Array.from([0, 2, 0, 0, 1, 0, 0, 5, 0, 0, -1, 0]);
  const target = new Float32Array(3);
  const shared = { source: raster.data, sourceOffset: 0, side: 1, target, targetOffset: 0, size: 1, map };
  warp({
    ...shared,
    border: 'edge',
    colour: swap,
    scale: Float64Array.of(1, 2, 1),
    shift: Float64Array.of(0, 1, -3),
  });
  assert.deepEqual([...target], [255, 211, -3]);
});
