/** Packs a folder into a .tgz or .zip archive, the same bytes each time, for stand-ins of data sets and for tests. */

import { basename, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { readdirSync, readFileSync } from '../disk/index.js';
import { writeFileAtomic } from './atomic.js';

/** The date of everything that is packed. */
const WHEN = new Date('2001-01-01T00:00:00Z');

/** Packs `folder` under its own name into `archive`, whose name ends in .tgz, .tar.gz, .tar or .zip. In memory. */
export async function packFolder(folder: string, archive: string): Promise<void> {
  const files = filesBelow(folder).map((name): [string, Buffer] => [
    `${basename(folder)}/${name}`,
    readFileSync(join(folder, name)),
  ]);
  if (archive.endsWith('.zip')) return writeFileAtomic(archive, await zipOf(files));
  const packed = await tarOf(files);
  writeFileAtomic(archive, archive.endsWith('.tar') ? packed : gzipSync(packed));
}

async function tarOf(files: readonly (readonly [name: string, content: Buffer])[]): Promise<Buffer> {
  const { default: tar } = await import('tar-stream');
  const pack = tar.pack();
  const whole = buffer(pack);
  for (const [name, content] of files) pack.entry({ name, mtime: WHEN }, content);
  pack.finalize();
  return whole;
}

async function zipOf(files: readonly (readonly [name: string, content: Buffer])[]): Promise<Buffer> {
  const { default: yazl } = await import('yazl');
  const zip = new yazl.ZipFile();
  for (const [name, content] of files) zip.addBuffer(content, name, { mtime: WHEN });
  zip.end();
  return buffer(zip.outputStream);
}

/** Paths of all files below a folder, relative to it, sorted. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .map((name) => name.replaceAll('\\', '/'))
    .sort();
}
