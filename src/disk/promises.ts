/** The file system without waiting, as Node's `fs/promises` has it and by the same names, with errors for users. */
import fs from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { readFault, writeFault } from './fault.js';
import { assertPlain } from './reading.js';

export type { FileHandle } from 'node:fs/promises';

/** A promise of Node's, whose errors become errors for users. */
async function told<T>(
  path: unknown,
  fault: (path: string, cause: unknown) => Error,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw fault(String(path), cause);
  }
}

/** Reads a whole plain file. */
export const readFile = ((path: string, options?: never) =>
  told(path, readFault, async () => {
    assertPlain(path);
    return fs.promises.readFile(path, options);
  })) as typeof fs.promises.readFile;

/** What is known of a path. */
export const stat = ((path: string, options?: never) =>
  told(path, readFault, () => fs.promises.stat(path, options))) as typeof fs.promises.stat;

/** Writes a file in place. */
export const writeFile = ((path: string, content: string | Uint8Array, options?: never) =>
  told(path, writeFault, () =>
    fs.promises.writeFile(path, content, options),
  )) as typeof fs.promises.writeFile;

/** Moves a file or folder. */
export const rename = (from: string, to: string): Promise<void> =>
  told(to, writeFault, () => fs.promises.rename(from, to));

/** Copies a file. */
export const copyFile = (from: string, to: string): Promise<void> =>
  told(to, writeFault, () => fs.promises.copyFile(from, to));

const HANDLED = ['read', 'write', 'readFile', 'writeFile', 'stat', 'sync', 'datasync', 'truncate', 'close'];

/** Opens a file; what is done with it fails with errors for users, too. */
export async function open(path: string, flags = 'r', mode?: number): Promise<FileHandle> {
  const fault = flags === 'r' ? readFault : writeFault;
  const handle = await told(path, fault, async () => {
    if (flags === 'r') assertPlain(path);
    return fs.promises.open(path, flags, mode);
  });
  return new Proxy(handle, {
    get(target, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== 'function') return value;
      const bound = value.bind(target) as (...given: unknown[]) => Promise<unknown>;
      if (!HANDLED.includes(String(name))) return bound;
      return (...given: unknown[]) => told(path, fault, () => bound(...given));
    },
  });
}
