/**
 * Writing, as Node's `fs` does it and by the same names, but with errors for users. Not a promise that a file is whole:
 * that is for atomic writes.
 */
import fs from 'node:fs';
import { dirname, resolve } from 'node:path';
import { writeFault } from './fault.js';
import { pathOf } from './handles.js';

/** A function of Node's, whose errors become errors for users; `place` is the argument that is written to. */
function writing<N extends keyof typeof fs>(name: N, place = 0): (typeof fs)[N] {
  const call = (...given: unknown[]) => {
    try {
      return (fs[name] as (...given: unknown[]) => unknown)(...given);
    } catch (cause) {
      throw writeFault(pathOf(given[place]), cause);
    }
  };
  return call as unknown as (typeof fs)[N];
}

/**
 * Makes a folder, with `recursive` all above it; then it returns the topmost that was made, if any. Folder by folder from the top: Node's own recursion says "no such file"
 * for a read-only file system, and never ends on one that lets nothing be made.
 */
export const mkdirSync = ((path: fs.PathLike, options?: fs.MakeDirectoryOptions) => {
  const { recursive = false, ...more } = options ?? {};
  const missing = [String(path)];
  while (recursive && !fs.existsSync(dirname(resolve(missing[0]))))
    missing.unshift(dirname(resolve(missing[0])));
  try {
    const made = missing.filter((folder) => makeFolder(folder, recursive, more));
    return recursive ? made[0] : undefined;
  } catch (cause) {
    throw writeFault(String(path), cause);
  }
}) as typeof fs.mkdirSync;

/** Makes one folder, and tells whether it did; with `quiet` another process may have made it. */
function makeFolder(path: string, quiet: boolean, options: fs.MakeDirectoryOptions): boolean {
  try {
    fs.mkdirSync(path, options);
    return true;
  } catch (cause) {
    if (!quiet || !isFolder(path)) throw cause; // what is there is told as EEXIST, EROFS or EISDIR, by the system
    return false;
  }
}

const isFolder = (path: string) => fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Whether something may be done to a path. */
export const accessSync = writing('accessSync');
/** Changes the rights of a file. */
export const chmodSync = writing('chmodSync');
/** Copies a file. */
export const copyFileSync = writing('copyFileSync', 1);
/** Copies a folder or file. */
export const cpSync = writing('cpSync', 1);
/** Flushes an open file to the disk. */
export const fsyncSync = writing('fsyncSync');
/** Cuts an open file. */
export const ftruncateSync = writing('ftruncateSync');
/** Gives a file a second name. */
export const linkSync = writing('linkSync', 1);
/** Makes a folder with a name of its own. */
export const mkdtempSync = writing('mkdtempSync');
/** Moves a file or folder. */
export const renameSync = writing('renameSync', 1);
/** Removes an empty folder. */
export const rmdirSync = writing('rmdirSync');
/** Removes a file or folder. */
export const rmSync = writing('rmSync');
/** Writes a file in place. */
export const writeFileSync = writing('writeFileSync');
/** Writes to an open file. */
export const writeSync = writing('writeSync');
