/** Images, with the sums of PNG put right; and what hier keeps of them. */
import { readFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { decodeFile } from '../../../src/images/decode.js';
import { announcedSize } from '../../../src/images/limits.js';
import { readRasterCache, writeRasterCache } from '../../../src/images/rasterCache.js';
import { appendEvent, readEvents } from '../../../src/io/tensorboard.js';
import { makeThumbnail } from '../../../src/store/thumbnail.js';
import { made, type Target } from '../target.js';

const fixtures =
  (...names: readonly string[]) =>
  () =>
    names.map((name) => readFileSync(`test/fixtures/images/decode/${name}`));

/** Sums of all chunks. */
function pngSums(bytes: Buffer): Buffer {
  for (let at = 8; at + 12 <= bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    bytes.writeUInt32BE(crc32(bytes.subarray(at + 4, end)), end);
    at = end + 4;
  }
  return bytes;
}

async function look(path: string, bytes: Buffer): Promise<void> {
  announcedSize(bytes);
  if (bytes.length % 4 === 0) await makeThumbnail(bytes, 32);
  await decodeFile(path);
}

/** The formats. */
export const PICTURE_TARGETS: readonly Target[] = [
  {
    format: 'png',
    file: 'x.png',
    seeds: fixtures('palette.png', 'alpha.png', 'greyAlpha.png'),
    repair: pngSums,
    read: look,
  },
  {
    format: 'jpeg',
    file: 'x.jpg',
    seeds: fixtures('baseline.jpg', 'progressive.jpg', 'cmyk.jpg', 'grey.jpg'),
    read: look,
  },
  { format: 'webp', file: 'x.webp', seeds: fixtures('lossy.webp'), read: look },
  { format: 'gif', file: 'x.gif', seeds: fixtures('animated.gif'), read: look },
  {
    format: 'rasters',
    file: 'x.cache',
    seeds: (folder) => [made(folder, 'r', (path) => writeRasterCache(path, 'k', new Uint8Array(48), []))],
    read: (path) => readRasterCache(path, 'k', new Uint8Array(48)),
  },
  {
    format: 'events',
    file: 'x.events',
    seeds: (folder) => [
      made(folder, 'e', (path) => {
        appendEvent(path, { wallTime: 1, step: 1, scalars: { a: 1, 'b/c': 2 } });
        appendEvent(path, { wallTime: 2, step: 2, scalars: { a: 3 } });
      }),
    ],
    read: (path) => readEvents(path),
  },
];
