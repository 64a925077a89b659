/**
 * Files that are either whole or absent: written under a temporary name in the same folder, flushed to the
 * disk, then renamed. Not a lock: two writers of one name leave the file of the later one.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFault,
  writeSync,
} from '../disk/index.js';

/** Writes `content` to `path` atomically, making its folder when needed. Throws HierError on a full disk. */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    mkdirSync(folder, { recursive: true });
    const file = openSync(temporary, 'w');
    try {
      const parts = typeof content === 'string' ? [Buffer.from(content)] : [content].flat();
      for (const part of parts as Uint8Array[]) writeWhole(file, part);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
    syncFolder(folder);
  } catch (cause) {
    try {
      rmSync(temporary, { force: true });
    } catch {
      // Its folder may not be a folder at all; the first error says so.
    }
    throw writeFault(path, cause);
  }
}

/** Writes all of `bytes`; a single write may take fewer. */
function writeWhole(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; )
    done += writeSync(file, bytes, done, Math.min(bytes.length - done, 1 << 30));
}

/** Makes a rename durable where the system lets folders be flushed. */
function syncFolder(folder: string): void {
  try {
    const handle = openSync(folder, 'r');
    fsyncSync(handle);
    closeSync(handle);
  } catch {
    // Windows cannot open folders; the rename is still atomic there.
  }
}
