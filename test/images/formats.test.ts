import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cmykToRgb, isCmykJpeg } from '../../src/images/cmyk.js';
import { imageFormat } from '../../src/images/formats.js';

const read = (name: string) => readFileSync(`test/fixtures/images/decode/${name}`);

test('formats are told by their first bytes', () => {
  assert.equal(imageFormat(read('baseline.jpg')), 'jpeg');
  assert.equal(imageFormat(read('alpha.png')), 'png');
  assert.equal(imageFormat(read('lossy.webp')), 'webp');
  assert.equal(imageFormat(read('animated.gif')), 'gif');
  assert.equal(imageFormat(Buffer.from('RIFF....WAVE')), undefined);
  assert.equal(imageFormat(new Uint8Array(0)), undefined);
});

test('only a JPEG of four components counts as CMYK', () => {
  assert.equal(isCmykJpeg(read('cmyk.jpg')), true);
  for (const name of ['baseline.jpg', 'progressive.jpg', 'grey.jpg', 'rotated.jpg', 'alpha.png'])
    assert.equal(isCmykJpeg(read(name)), false, name);
  assert.equal(isCmykJpeg(read('cmyk.jpg').subarray(0, 30)), false);
});

test('inks at their extremes', () => {
  const inks = [0, 0, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 255, 0, 0, 0];
  assert.deepEqual([...cmykToRgb(Uint8Array.from(inks))], [255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 255, 255]);
});
