/**
 * Files that are either whole or absent: written under a temporary name in the same folder, flushed to the
 * disk, then renamed. Not a lock: two writers of one name leave the file of the later one.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { HierError } from '../errors.js';

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
    throw explainWriteError(path, cause);
  }
}

/** Turns a failed write into a sentence with a way out; anything else is passed on. */
export function explainWriteError(path: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code;
  const reasons: Record<string, string> = {
    ENOSPC: 'the disk is full; free some room and run the same command again',
    EDQUOT: 'the disk quota is used up; free some room and run the same command again',
    EACCES: 'no permission to write there; choose another folder with --out',
    EROFS: 'that file system is read-only; choose another folder with --out',
    EISDIR: 'a folder of that name is in the way',
    EEXIST: 'a file of that name is in the way',
    ENOTDIR: 'a part of that path is a file, not a folder',
  };
  if (!code || !(code in reasons)) return cause as Error;
  return new HierError(`Could not write ${path}: ${reasons[code]}. Nothing half-written was left.`, {
    cause,
  });
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
