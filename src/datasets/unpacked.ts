/**
 * Data sets that are still in their archives: unpacked once into the cache folder, and found there the next
 * time. The folder's name follows from the archive's content, so a moved or renamed archive is found again.
 */
import { createHash } from 'node:crypto';
import { basename, join } from 'node:path';
import { closeSync, mkdirSync, openSync, readdirSync, readSync, rmSync, statSync } from '../disk/index.js';
import { HierError } from '../errors.js';
import { cacheFolder } from '../io/cacheFolder.js';
import { acquireLock, whenGone } from '../io/lock.js';
import { type UnpackLimits, unpackArchive } from '../io/unpack.js';
import { isFolder } from './listImages.js';

/** Where archives are unpacked to. */
export interface UnpackedOptions {
  /** Default: cacheFolder(). */
  readonly cache?: string | undefined;
  readonly limits?: UnpackLimits | undefined;
  /** Called with MiB of the archive read so far, only while it is being unpacked. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

const SAMPLE = 1 << 20;
const MIB = 2 ** 20;

/**
 * The folder that holds the content of `archive`. Throws as {@link unpackArchive}; HierError when another
 * process is unpacking the same archive.
 */
export async function unpacked(
  archive: string,
  { cache = cacheFolder(), limits, onProgress }: UnpackedOptions = {},
): Promise<string> {
  const parent = join(cache, 'unpacked');
  const stem = basename(archive).replace(/\.(tgz|zip|tar(\.gz)?)$/i, '');
  const name = `${stem}-${keyOf(archive)}`;
  const target = join(parent, name);
  if (isFolder(target)) return target;
  mkdirSync(parent, { recursive: true });
  const lock = join(parent, `${name}.lock`);
  const taken = acquireLock(lock);
  if ('holder' in taken)
    throw new HierError(
      `${archive} is being unpacked by process ${taken.holder.pid} on ${taken.holder.host}. Wait for it to end, then run again.${whenGone(lock, taken.holder)}`,
    );
  try {
    if (isFolder(target)) return target;
    for (const left of readdirSync(parent).filter((other) => other.startsWith(`.${name}.`)))
      rmSync(join(parent, left), { recursive: true, force: true }); // of a process that was killed
    await unpackArchive(archive, target, {
      ...(limits ? { limits } : {}),
      onProgress: (done, total) => onProgress?.(Math.floor(done / MIB), Math.ceil(total / MIB)),
    });
    return target;
  } finally {
    taken.lock.release();
  }
}

/** Hash of size, beginning and end: enough to tell archives apart without reading gigabytes. */
function keyOf(archive: string): string {
  const { size } = statSync(archive);
  const hash = createHash('sha256').update(String(size));
  const file = openSync(archive, 'r');
  try {
    for (const start of [0, Math.max(0, size - SAMPLE)]) {
      const bytes = Buffer.alloc(Math.min(SAMPLE, size));
      readSync(file, bytes, 0, bytes.length, start);
      hash.update(bytes);
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex').slice(0, 12);
}
