import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeFile } from '../../src/images/decode.js';
import type { Fit } from '../../src/images/fit.js';
import { ImageLoader } from '../../src/images/loader.js';
import { prepareImage } from '../../src/images/prepare.js';

const photo = 'test/fixtures/images/photo.png';
const mean = [0.485, 0.456, 0.406] as const;
const std = [0.229, 0.224, 0.225] as const;

test('an input is that of the loader, from RGB and from RGBA', async () => {
  const raster = await decodeFile(photo);
  const { width, height, data } = raster;
  const rgba = Uint8ClampedArray.from({ length: 4 * width * height }, (_, i) =>
    i % 4 < 3 ? data[3 * (i >> 2) + (i % 4)] : 128,
  );
  for (const { resizeTo, ...how } of [
    { fit: 'cover' as Fit, resizeTo: null },
    { fit: 'cover' as Fit, resizeTo: 40 },
    { fit: 'contain' as Fit, resizeTo: 30 },
    { fit: 'fill' as Fit, resizeTo: 30, filter: 'bilinear' as const },
  ]) {
    const options = { size: 24, mean, std, ...how };
    const more = resizeTo === null ? {} : { resizeTo };
    const loader = await ImageLoader.open({ ...options, ...more, paths: [photo], workers: 1 });
    const expected = await loader.batch([0]);
    await loader.close();
    assert.deepEqual(prepareImage(raster, { ...options, resizeTo }), expected);
    assert.deepEqual(prepareImage({ width, height, data: rgba }, { ...options, resizeTo }), expected);
  }
});

test('a wrong number of bytes is refused', () => {
  const grey = { width: 4, height: 4, data: new Uint8Array(16) };
  assert.throws(
    () => prepareImage(grey, { size: 4, mean, std }),
    /4×4 pixels with 16 bytes: not RGB, nor RGBA/,
  );
});
