/**
 * Finds the image files below a folder, in an order that is the same on every machine. Goes by file names
 * only: whether a file really holds an image is found out when it is decoded.
 */

import { isUtf8 } from 'node:buffer';
import { extname, join } from 'node:path';
import { codeOf, ReadFault, readdirSync, realpathSync, shownPath, statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { escaped } from '../io/text.js';
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
      if (isFolder(child)) walk(child, `${prefix}${name}/`);
      else (isImageName(name) ? images : others).push(prefix + name);
    }
    open.delete(real);
  };
  walk(folder, '');
  return { images, others };
}

/** Whether there is a folder at `path`; what cannot be looked at, such as a link to itself, is not one. */
export function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return false;
  }
}

/** What systems and programs leave in folders, in lower case; hidden files are left out anyway. */
const LITTER: ReadonlySet<string> = new Set([
  ...['__macosx', 'thumbs.db', 'ehthumbs.db', 'desktop.ini', 'icon\r', '__pycache__', 'cachedir.tag'],
  ...['@eadir', '@recycle', '@recently-snapshot', '#recycle', '#snapshot', '$recycle.bin', 'lost+found'],
  ...['system volume information', 'recycler', 'network trash folder', 'temporary items'],
]);

/**
 * Names in a folder, sorted, without hidden files and the litter of systems.
 * @throws DataError when it cannot be read, or holds names that are not UTF-8, which no path could reach
 */
export function readFolder(folder: string): string[] {
  let names: string[];
  try {
    names = readdirSync(folder);
    if (names.some((name) => name.includes('\ufffd'))) refuseForeignNames(folder);
  } catch (cause) {
    if (!(cause instanceof ReadFault)) throw cause;
    throw new DataError(`Could not read the folder ${shownPath(folder)}: ${cause.reason}.`, { cause });
  }
  return names.filter((name) => !name.startsWith('.') && !LITTER.has(name.toLowerCase())).sort(byCodeUnits);
}

function refuseForeignNames(folder: string): void {
  const names = readdirSync(folder, { encoding: 'buffer' }).filter((name) => !isUtf8(name));
  if (names.length === 0) return;
  throw new DataError(
    `The folder ${folder} holds ${names.length === 1 ? 'a name' : `${names.length} names`} that are not UTF-8: ` +
      `${names
        .slice(0, 3)
        .map((name) => `"${escaped(name)}"`)
        .join(', ')}${names.length > 3 ? ', …' : ''}. ` +
      'Rename them, for example with: convmv -f ISO-8859-1 -t UTF-8 -r --notest FOLDER',
  );
}

/** Whether a file name ends like an image that can be read. */
export function isImageName(name: string): boolean {
  return IMAGE_EXTENSIONS.includes(extname(name).toLowerCase());
}
