/**
 * Finds the image files below a folder, in an order that is the same on every machine. Goes by file names
 * only: whether a file really holds an image is found out when it is decoded.
 */

import { extname, join } from 'node:path';
import { readdirSync, realpathSync, statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { byCodeUnits } from './assemble.js';

/** File name endings of the formats that can be read, in lower case. */
export const IMAGE_EXTENSIONS: readonly string[] = ['.jpg', '.jpeg', '.png', '.webp', '.gif'];

/** What lies below a folder; paths are relative to it and use `/`. */
export interface Listing {
  /** Image files. */
  readonly images: readonly string[];
  /** Files with another ending. Hidden files (`.name`) are in neither list. */
  readonly others: readonly string[];
}

/**
 * All files below `folder`, sub-folders and links included, sorted by name within each folder.
 * Throws DataError when the folder cannot be read.
 */
export function listImages(folder: string): Listing {
  const images: string[] = [];
  const others: string[] = [];
  const open = new Set<string>();
  const walk = (path: string, prefix: string) => {
    const real = realpathSync(path);
    if (open.has(real)) return; // a link to a folder that we are inside of
    open.add(real);
    for (const name of readFolder(path)) {
      const child = join(path, name);
      const info = statSync(child, { throwIfNoEntry: false });
      if (info?.isDirectory()) walk(child, `${prefix}${name}/`);
      else (isImageName(name) ? images : others).push(prefix + name);
    }
    open.delete(real);
  };
  walk(folder, '');
  return { images, others };
}

/** Names in a folder without the hidden ones, sorted. Throws DataError when it cannot be read. */
export function readFolder(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.'))
      .sort(byCodeUnits);
  } catch (cause) {
    throw new DataError(`Could not read the folder ${folder}: ${(cause as Error).message}.`, { cause });
  }
}

/** Whether a file name ends like an image that can be read. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}
