/**
 * Files that are either whole or absent: written under a temporary name in the same folder, flushed to the
 * disk, then renamed. A link is followed, so that it stays and its file is replaced; what is not a plain file, such as
 * `/dev/null`, is refused, since the rename would put a file in its place. Not a lock: two writers of one name leave the
 * file of the later one.
 */
import { randomBytes } from 'node:crypto';
import { basename, dirname, join, resolve } from 'node:path';
import {
  accessSync,
  closeSync,
  codeOf,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  writeFault,
  writeSync,
} from '../disk/index.js';

/** Writes `content` to `path` atomically, making its folder when needed. Throws HierError on a full disk. */
export function writeFileAtomic(path: string, content: string | Uint8Array | readonly Uint8Array[]): void {
  const parts = typeof content === 'string' ? [Buffer.from(content)] : [content].flat();
  const file = startFile(path);
  try {
    for (const part of parts as Uint8Array[]) file.append(part);
    file.finish();
  } catch (error) {
    file.discard();
    throw error;
  }
}

/** A file in the making: nothing of it stands under its name before it is finished. */
export interface FileInTheMaking {
  /** Adds bytes at the end. Throws HierError on a full disk. */
  append(bytes: Uint8Array): void;
  /** Puts bytes over earlier ones. */
  overwrite(bytes: Uint8Array, position: number): void;
  /** Gives it its name. */
  finish(): void;
  /** Leaves nothing behind. Afterwards, and after `finish`, it does nothing. */
  discard(): void;
}

/** Starts a file that is written piece by piece, making its folder when needed. End it with `finish` or `discard`. */
export function startFile(path: string): FileInTheMaking {
  const place = placeOf(path);
  const folder = dirname(place);
  const temporary = join(folder, `.${basename(place)}.${randomBytes(6).toString('hex')}.tmp`);
  let file: number | undefined;
  const attempt = (work: (file: number) => void) => {
    try {
      if (file === undefined) throw new Error(`${path} is not being written any more`);
      work(file);
    } catch (cause) {
      discard();
      throw writeFault(path, cause);
    }
  };
  const discard = () => {
    if (file === undefined) return;
    closeSync(file);
    file = undefined;
    rmSync(temporary, { force: true });
  };
  try {
    mkdirSync(folder, { recursive: true });
    file = openSync(temporary, 'w');
  } catch (cause) {
    throw codeOf(cause) === 'EEXIST' ? refused(path, 'ENOTDIR', cause) : writeFault(path, cause);
  }
  return {
    append: (bytes) => attempt((file) => writeWhole(file, bytes)),
    overwrite: (bytes, position) => attempt((file) => writeWhole(file, bytes, position)),
    finish: () =>
      attempt((open) => {
        fsyncSync(open);
        closeSync(open);
        file = undefined;
        try {
          renameSync(temporary, place);
        } catch (cause) {
          rmSync(temporary, { force: true });
          throw cause;
        }
        syncFolder(folder);
      }),
    discard,
  };
}

/**
 * Refuses a path at which no file can be made as things stand, for work that takes long before it writes.
 * @throws WriteFault
 */
export function requireWritable(path: string): void {
  let folder = dirname(resolve(placeOf(path)));
  try {
    while (!existsSync(folder)) folder = dirname(folder);
    if (!statSync(folder).isDirectory()) throw refused(path, 'ENOTDIR');
    accessSync(folder, WRITABLE);
  } catch (cause) {
    throw writeFault(path, cause);
  }
}

/** Node's W_OK. */
const WRITABLE = 2;
/** Links that lead to links, as many as Linux follows. */
const MOST_LINKS = 40;

/** Where a file of this name is written: at the end of its links. Throws WriteFault where something else than a file is. */
function placeOf(path: string): string {
  let place = path;
  try {
    for (let links = 0; links <= MOST_LINKS; links++) {
      const stats = lstatSync(place, { throwIfNoEntry: false });
      if (stats?.isDirectory()) throw refused(path, 'EISDIR');
      if (stats?.isSymbolicLink()) place = resolve(dirname(place), readlinkSync(place));
      else if (stats === undefined || stats.isFile()) return place;
      else throw refused(path, 'ENOTFILE');
    }
  } catch (cause) {
    throw writeFault(path, cause);
  }
  throw refused(path, 'ELOOP');
}

const refused = (path: string, code: string, cause?: unknown) =>
  writeFault(path, Object.assign(new Error(code, { cause }), { code }));

/** Writes all of `bytes`, at the end or from a position on; a single write may take fewer. */
function writeWhole(file: number, bytes: Uint8Array, position?: number): void {
  for (let done = 0; done < bytes.length; ) {
    const piece = Math.min(bytes.length - done, 1 << 30);
    done += writeSync(file, bytes, done, piece, position === undefined ? null : position + done);
  }
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
