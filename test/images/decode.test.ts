import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { DataError } from '../../src/errors.js';
import { decodeFile } from '../../src/images/decode.js';
import { assertSameRaster, fixture, noise, temporaryFolder, writePng } from './support.js';

const FOLDER = 'test/fixtures/images/decode';
const names = readdirSync(FOLDER).filter((name) => !name.includes('.expected.'));

test('there is a fixture for every kind of file', () => assert.equal(names.length, 13));

for (const name of names)
  test(`${name} gives the pixels of PIL`, async () => {
    assertSameRaster(await fixture(`decode/${name}`), await fixture(`decode/${name}.expected.png`));
  });

test('a file is recognised by its content, not by its name', async () => {
  const path = join(temporaryFolder(), 'picture.jpg');
  writeFileSync(path, readFileSync(`${FOLDER}/palette.png`));
  assertSameRaster(await decodeFile(path), await fixture('decode/palette.png.expected.png'));
});

/** Expects a DataError that names the file and matches `reason`. */
async function refuses(name: string, content: Uint8Array | string, reason: RegExp): Promise<void> {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  await assert.rejects(decodeFile(path), (error: Error) => {
    assert.ok(error instanceof DataError, String(error.stack));
    assert.ok(error.message.includes(path), error.message);
    assert.match(error.message, reason);
    return true;
  });
}

for (const name of [
  'baseline.jpg',
  'progressive.jpg',
  'palette.png',
  'alpha.png',
  'lossy.webp',
  'animated.gif',
])
  test(`${name} cut short is refused`, async () => {
    const whole = readFileSync(`${FOLDER}/${name}`);
    // Of an animation only the first frame is read, which ends before the file does.
    const parts = name === 'animated.gif' ? [0.3, 0.1] : [0.95, 0.5, 0.1];
    for (const part of parts)
      await refuses(name, whole.subarray(0, Math.floor(whole.length * part)), /cut short or damaged/);
  });

test('what is not an image is refused in plain words', async () => {
  await refuses('empty.jpg', '', /empty \(0 bytes\)/);
  await refuses('text.jpg', 'hello', /not a JPEG, PNG, WebP or GIF/);
  await refuses('page.jpg', '<!DOCTYPE html><html></html>', /web page/);
  await refuses('drawing.jpg', '<svg xmlns="http://www.w3.org/2000/svg"/>', /SVG drawing/);
  await refuses('scan.jpg', Buffer.from('II*\0aaaaaaaaaaaa', 'latin1'), /TIFF/);
  await refuses('pointer.jpg', 'version https://git-lfs.github.com/spec/v1', /Git LFS pointer/);
});

test('a drawing behind the first bytes of another format is not drawn', async () => {
  const svg =
    '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';
  for (const start of ['GIF89a', 'GIF87a', '\xff\xd8\xff', '\x89PNG\r\n\x1a\n', 'RIFF\0\0\0\0WEBP'])
    for (const gap of ['', '\n<?xml version="1.0"?>\n', ' '.repeat(40)])
      await refuses(
        'x.jpg',
        Buffer.from(start + gap + svg, 'latin1'),
        /cut short or damaged|cannot be decoded/,
      );
});

test('a missing file and a folder are refused', async () => {
  const folder = temporaryFolder();
  await assert.rejects(decodeFile(join(folder, 'no.png')), /no\.png: there is no such file/);
  mkdirSync(join(folder, 'is.png'));
  await assert.rejects(decodeFile(join(folder, 'is.png')), /it is a folder/);
});

test('an enormous image is refused before it is decoded', async () => {
  const png = Buffer.from(readFileSync(`${FOLDER}/palette.png`));
  png.writeUInt32BE(12_000, 16); // width and height of the header chunk, and its checksum
  png.writeUInt32BE(12_000, 20);
  png.writeUInt32BE(crc32(png.subarray(12, 29)), 29);
  await refuses('huge.png', png, /more than 100 million pixels/);
});

test('16-bit grey is scaled to 8 bits, where PIL would clip it to white', async () => {
  const path = join(temporaryFolder(), 'deep.png');
  const raw = { width: 2, height: 1, channels: 1 as const };
  await sharp(Buffer.from([0, 200]), { raw })
    .toColourspace('grey16')
    .png()
    .toFile(path);
  assert.deepEqual([...(await decodeFile(path)).data], [0, 0, 0, 200, 200, 200]);
});

test('a PNG round trip keeps every byte', async () => {
  const raster = noise(13, 7);
  assertSameRaster(await decodeFile(await writePng(join(temporaryFolder(), 'a.png'), raster)), raster);
});
