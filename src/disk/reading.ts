/**
 * Reading, as Node's `fs` does it and by the same names, but with errors for users. A file is read only when it is a
 * plain one: a named pipe or a device could keep a program waiting for good.
 */
import fs from 'node:fs';
import { ReadFault, readFault, writeFault } from './fault.js';
import { closed, opened, pathOf } from './handles.js';

export type { Stats } from 'node:fs';

/** A function of Node's, whose errors become errors for users. The function is looked up at every call. */
function reading<N extends keyof typeof fs>(name: N): (typeof fs)[N] {
  const call = (...given: unknown[]) => {
    try {
      return (fs[name] as (...given: unknown[]) => unknown)(...given);
    } catch (cause) {
      throw readFault(pathOf(given[0]), cause);
    }
  };
  return call as unknown as (typeof fs)[N];
}

/**
 * Refuses what is not a plain file or a folder.
 * @throws ReadFault with code ENOTFILE
 */
export function assertPlain(path: unknown): void {
  if (typeof path === 'number') return;
  const stats = fs.statSync(path as fs.PathLike, { throwIfNoEntry: false });
  if (!stats || stats.isFile() || stats.isDirectory()) return;
  const kind = stats.isFIFO() ? 'a named pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw new ReadFault(pathOf(path), 'ENOTFILE', `it is ${kind}, not a plain file; give a file`);
}

/** Reads a whole plain file. */
export const readFileSync = ((path: fs.PathOrFileDescriptor, options?: never) => {
  try {
    assertPlain(path);
    return fs.readFileSync(path, options);
  } catch (cause) {
    throw readFault(pathOf(path), cause);
  }
}) as typeof fs.readFileSync;

/** Opens a plain file or a folder; flags that write may make the file. */
export const openSync = ((path: fs.PathLike, flags?: fs.OpenMode, mode?: fs.Mode) => {
  try {
    if (flags === undefined || flags === 'r') assertPlain(path);
    return opened(fs.openSync(path, flags ?? 'r', mode), String(path));
  } catch (cause) {
    throw flags === undefined || flags === 'r'
      ? readFault(pathOf(path), cause)
      : writeFault(pathOf(path), cause);
  }
}) as typeof fs.openSync;

/** Closes a file. */
export function closeSync(file: number): void {
  try {
    fs.closeSync(file);
  } catch (cause) {
    throw readFault(pathOf(file), cause);
  } finally {
    closed(file);
  }
}

/** Codes that say that nothing of that name is there, or can be. */
const ABSENT = ['ENAMETOOLONG', 'ENOTDIR', 'ENOENT', 'ERR_INVALID_ARG_VALUE'];

/** What is known of a path; with `throwIfNoEntry: false` undefined where nothing of that name is, or can be. */
export const statSync = ((path: fs.PathLike, options?: fs.StatSyncOptions) => {
  try {
    return fs.statSync(path, options);
  } catch (cause) {
    const { code = '' } = cause as NodeJS.ErrnoException;
    if (options?.throwIfNoEntry === false && ABSENT.includes(code)) return undefined;
    throw readFault(pathOf(path), cause);
  }
}) as typeof fs.statSync;

/** A stream of a plain file; it fails with errors for users. */
export function createReadStream(
  path: string,
  options: Readonly<{ highWaterMark?: number; start?: number; end?: number; encoding?: BufferEncoding }> = {},
): fs.ReadStream {
  type Done = (error: Error | null, ...values: unknown[]) => void;
  const told =
    (done: Done): Done =>
    (error, ...values) =>
      done(error && readFault(path, error), ...values);
  try {
    assertPlain(path);
  } catch (cause) {
    throw readFault(path, cause);
  }
  const calls = {
    open: (file: string, flags: string, mode: number, done: Done) => fs.open(file, flags, mode, told(done)),
    read: (file: number, into: Buffer, offset: number, length: number, at: number | null, done: Done) =>
      fs.read(file, into, offset, length, at, told(done)),
    close: (file: number, done: Done) => fs.close(file, told(done)),
  };
  return fs.createReadStream(path, { ...options, fs: calls as never });
}

/**
 * Whether something of that name is there.
 * @throws ReadFault where that cannot be known: a link that leads back to itself, a folder that may not be entered
 */
export const existsSync = (path: string): boolean => statSync(path, { throwIfNoEntry: false }) !== undefined;

/** What is known of a path itself, links not followed. */
export const lstatSync = reading('lstatSync');
/** Where a link leads, as it is written in it. */
export const readlinkSync = reading('readlinkSync');
/** The names in a folder. */
export const readdirSync = reading('readdirSync');
/** Reads from an open file. */
export const readSync = reading('readSync');
/** What is known of an open file. */
export const fstatSync = reading('fstatSync');
/** The path without links. */
export const realpathSync = reading('realpathSync');
/** Size and free room of a file system. */
export const statfsSync = reading('statfsSync');
