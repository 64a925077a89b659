/** Small images for the tests of this folder and of test/datasets. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { decodeFile } from '../../src/images/decode.js';
import type { Raster } from '../../src/images/raster.js';
import { randomStream } from '../../src/random.js';

/** A new empty folder. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'hier-test-'));
}

/** The raster of a fixture. */
export function fixture(name: string): Promise<Raster> {
  return decodeFile(join('test/fixtures/images', name));
}

/** A raster of seeded noise. */
export function noise(width: number, height: number, seed = 1): Raster {
  const stream = randomStream(seed, 'noise');
  return { width, height, data: Uint8Array.from({ length: width * height * 3 }, () => stream.integer(256)) };
}

/** Writes a raster as a PNG, making folders. */
export async function writePng(path: string, raster: Raster): Promise<string> {
  const { width, height, data } = raster;
  mkdirSync(dirname(path), { recursive: true });
  await sharp(Buffer.from(data), { raw: { width, height, channels: 3 } })
    .png()
    .toFile(path);
  return path;
}

/** Fails unless both rasters are equal to the byte. */
export function assertSameRaster(actual: Raster, expected: Raster): void {
  assert.deepEqual([actual.width, actual.height], [expected.width, expected.height]);
  const different = actual.data.findIndex((value, i) => value !== expected.data[i]);
  assert.equal(
    different,
    -1,
    `byte ${different}: ${actual.data[different]}, not ${expected.data[different]}`,
  );
}
