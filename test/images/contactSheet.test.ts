import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { DataError, UsageError } from '../../src/errors.js';
import { type ContactSheetRow, writeContactSheet } from '../../src/images/contactSheet.js';
import { decodeFile } from '../../src/images/decode.js';
import { temporaryFolder, writePng } from './support.js';

const folder = temporaryFolder();
const blue = await writePng(join(folder, 'blue.png'), {
  width: 10,
  height: 10,
  data: Uint8Array.from({ length: 300 }, (_, i) => (i % 3 === 2 ? 255 : 0)),
});

const rows: ContactSheetRow[] = [
  {
    query: { path: blue, caption: 'Tom & Jerry <3 "quoted" \u0000' },
    results: [
      { path: blue, caption: 'same', correct: true },
      { path: blue, caption: 'other', correct: false },
      { path: blue, caption: 'unknown' },
    ],
  },
  { query: { path: blue, caption: 'a caption that is much too long for its column' }, results: [] },
];

/** The colour in the middle of a frame's left edge and in the middle of its thumbnail. */
async function colours(path: string, thumbnail: number, column: number): Promise<[string, string]> {
  const { width, data } = await decodeFile(path);
  const pitch = thumbnail + 8;
  const left = 28 + (column === 0 ? 0 : pitch + 26 + (column - 1) * (pitch + 14));
  const at = (x: number, y: number) => {
    const start = (y * width + x) * 3;
    return `#${Buffer.from(data.subarray(start, start + 3)).toString('hex')}`;
  };
  const y = 28 + pitch / 2;
  return [at(left + 1, y), at(left + pitch / 2, y)];
}

test('thumbnails are framed by whether they share the class', async () => {
  const path = join(folder, 'sheet.png');
  await writeContactSheet(path, rows, { thumbnail: 40 });
  const found = await Promise.all([0, 1, 2, 3].map((column) => colours(path, 40, column)));
  assert.deepEqual(
    found.map(([frame]) => frame),
    ['#1f2933', '#2f9e5f', '#d64550', '#a7b0ba'],
  );
  for (const [, middle] of found) assert.equal(middle, '#0000ff');
});

test('a title makes room for itself, and captions of any characters are drawn', async () => {
  const [plain, titled] = [join(folder, 'plain.png'), join(folder, 'titled.png')];
  await writeContactSheet(plain, rows);
  await writeContactSheet(titled, rows, { title: 'Neighbours <of> all', subtitle: 'by distance & name' });
  const [a, b] = await Promise.all([plain, titled].map((path) => sharp(path).metadata()));
  assert.equal(a.width, b.width);
  assert.equal(b.height! - a.height!, 60);
  assert.equal(a.channels, 3);
});

test('the same rows give the same file', async () => {
  const [one, two] = [join(folder, '1.png'), join(folder, '2.png')];
  await writeContactSheet(one, rows);
  await writeContactSheet(two, rows);
  assert.deepEqual(readFileSync(one), readFileSync(two));
});

test('frames mean what the caller says, and other kinds keep their names', async () => {
  const sheet = async (name: string, legend?: Record<string, string>) => {
    const path = join(folder, name);
    await writeContactSheet(path, rows, legend ? { legend } : {});
    return readFileSync(path);
  };
  const usual = await sheet('usual.png');
  assert.deepEqual(await sheet('repeated.png', { query: 'query', same: 'same class' }), usual);
  assert.notDeepEqual(await sheet('tree.png', { query: 'most central image' }), usual);
});

test('no rows, odd sizes and unreadable images are refused, and nothing is written', async () => {
  const path = join(folder, 'never.png');
  await assert.rejects(writeContactSheet(path, []), UsageError);
  await assert.rejects(writeContactSheet(path, rows, { thumbnail: 5 }), UsageError);
  const many = Array.from({ length: 300 }, () => rows[0]);
  await assert.rejects(writeContactSheet(path, many), (error: Error) => {
    assert.ok(error instanceof UsageError);
    assert.match(error.message, /300 rows .* 45\d{3} pixels; at most 32767/);
    return true;
  });
  const missing = [{ query: { path: join(folder, 'gone.png'), caption: '' }, results: [] }];
  await assert.rejects(writeContactSheet(path, missing), DataError);
  assert.equal(existsSync(path), false);
});
