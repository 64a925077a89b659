/** Archives: .zip, .tar and .tar.gz, with their sums put right so that a mutant gets past them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, gzipSync } from 'node:zlib';
import { packFolder } from '../../../src/io/pack.js';
import { unpackArchive } from '../../../src/io/unpack.js';
import type { Target } from '../target.js';

const LIMITS = { fileBytes: 1 << 22, totalBytes: 1 << 23, entries: 100 };

async function packed(folder: string, name: string): Promise<Buffer> {
  const root = join(folder, 'data');
  mkdirSync(join(root, 'deep'), { recursive: true });
  writeFileSync(join(root, 'a.txt'), 'hello');
  writeFileSync(join(root, 'deep', 'ü.txt'), 'x'.repeat(700));
  writeFileSync(join(root, 'deep', '._a.txt'), 'mac');
  const archive = join(folder, name);
  await packFolder(root, archive);
  return readFileSync(archive);
}

async function unpack(path: string): Promise<void> {
  const target = join(dirname(path), 'out');
  rmSync(target, { recursive: true, force: true });
  await unpackArchive(path, target, { limits: LIMITS });
}

/** The sums of all headers of a tar file. */
function summed(bytes: Buffer): Buffer {
  for (let at = 0; at + 512 <= bytes.length; at += 512) {
    if (bytes.toString('latin1', at + 257, at + 262) !== 'ustar') continue;
    bytes.fill(' ', at + 148, at + 156);
    let sum = 0;
    for (let i = at; i < at + 512; i++) sum += bytes[i];
    bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, at + 148, 'latin1');
  }
  return bytes;
}

/** The sums of stored files of a zip file, in its directory and before the files. */
function checked(bytes: Buffer): Buffer {
  for (
    let at = bytes.indexOf('PK\x01\x02');
    at >= 0 && at + 46 < bytes.length;
    at = bytes.indexOf('PK\x01\x02', at + 4)
  ) {
    const [size, local] = [bytes.readUInt32LE(at + 20), bytes.readUInt32LE(at + 42)];
    if (bytes.readUInt16LE(at + 10) !== 0 || local + 30 > bytes.length) continue;
    const start = local + 30 + bytes.readUInt16LE(local + 26) + bytes.readUInt16LE(local + 28);
    bytes.writeUInt32LE(crc32(bytes.subarray(start, start + size)), at + 16);
  }
  return bytes;
}

/** The formats. */
export const ARCHIVE_TARGETS: readonly Target[] = [
  {
    format: 'zip',
    file: 'x.zip',
    seeds: async (folder) => [await packed(folder, 'a.zip')],
    repair: checked,
    read: unpack,
  },
  {
    format: 'tar',
    file: 'x.tar',
    seeds: async (folder) => [await packed(folder, 'a.tar')],
    repair: summed,
    read: unpack,
  },
  {
    format: 'tgz',
    file: 'x.tgz',
    seeds: async (folder) => [await packed(folder, 'a.tgz'), await packed(folder, 'b.tar')],
    // What is a tar file is packed; what is packed already stays damaged.
    repair: (bytes) => (bytes[0] === 0x1f ? bytes : gzipSync(summed(bytes), { level: 1 })),
    read: unpack,
  },
];
