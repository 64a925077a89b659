/** What is dear to decode is refused at once, wherever images are decoded. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { checkData } from '../../src/datasets/check.js';
import { DataError } from '../../src/errors.js';
import { decodeFile } from '../../src/images/decode.js';
import { announcedSize, ImageTooLarge, MOST_SIDE, tooLarge } from '../../src/images/limits.js';
import { ImageLoader } from '../../src/images/loader.js';
import { makeThumbnail } from '../../src/store/thumbnail.js';
import { folderOf } from '../datasets/support.js';
import { fixture, temporaryFolder } from './support.js';

/** A PNG of one bit a pixel of this size, all black. */
function png(width: number, height: number, rows = height): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1;
  const pixels = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(width / 8))));
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

test('the size is read off the first bytes of every format', async () => {
  for (const name of readdirSync('test/fixtures/images/decode').filter(
    (one) => !one.includes('.expected.'),
  )) {
    const { width, height } = await fixture(`decode/${name}`);
    assert.deepEqual(
      announcedSize(readFileSync(`test/fixtures/images/decode/${name}`)),
      { width, height },
      name,
    );
  }
  assert.equal(announcedSize(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')), undefined);
  assert.equal(announcedSize(Buffer.from('\xff\xd8\xff\xe0\0', 'latin1')), undefined);
});

test('long strips and large squares are too large, each with its reason', () => {
  assert.match(tooLarge({ width: 1, height: MOST_SIDE + 1 })!, /a side of more than 65,535/);
  assert.match(tooLarge({ width: 50_000, height: 50_000 })!, /50000 × 50000 pixels, more than 100 million/);
  assert.equal(tooLarge({ width: 10_000, height: 10_000 }), undefined);
  assert.match(tooLarge({ width: 3000, height: 3000 }, 4e6)!, /more than 4 million/);
});

test('a strip of 39 million rows is refused in milliseconds by loader, check and thumbnails', async () => {
  const strip = png(1, 39_000_000, 1000);
  const root = folderOf(['a/1.gif', 'b/1.gif', 'c/1.gif', 'd/1.gif']);
  writeFileSync(join(root, 'a', 'strip.png'), strip);
  const path = join(root, 'a', 'strip.png');
  const started = process.cpuUsage();
  await assert.rejects(
    decodeFile(path),
    (error) => error instanceof ImageTooLarge && error instanceof DataError,
  );
  assert.equal(await makeThumbnail(strip, 96), null);
  assert.equal(await makeThumbnail(png(50_000, 50_000, 1), 96), null);
  const loader = await ImageLoader.open({
    paths: [path],
    size: 8,
    mean: [0, 0, 0],
    std: [1, 1, 1],
    workers: 1,
  });
  await assert.rejects(loader.batch([0]), /strip\.png: it is too large, with 1 × 39000000 pixels/);
  await loader.close();
  const report = await checkData(root);
  assert.match(report.unreadable![0].reason, /too large/);
  const { user, system } = process.cpuUsage(started);
  assert.ok(user + system < 5e6, `${user + system} µs of a processor`);
});

test('a square of 50,000 is too large, which is another thing than damage', async () => {
  const path = join(temporaryFolder(), 'square.png');
  writeFileSync(path, png(50_000, 50_000, 1));
  await assert.rejects(
    decodeFile(path),
    (error: Error) => error instanceof ImageTooLarge && /50000 × 50000/.test(error.message),
  );
  writeFileSync(path, png(40, 40, 1));
  await assert.rejects(
    decodeFile(path),
    (error: Error) => !(error instanceof ImageTooLarge) && error instanceof DataError,
  );
});
