/**
 * Finding the parts of a published data set below the folder or archive that a user names, however many
 * folders deep it was unpacked. It goes by names; nothing but folders is read.
 */

import { join, resolve } from 'node:path';
import { readdirSync, statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { archiveFormat } from '../io/archive.js';
import { byCodeUnits } from './assemble.js';
import { type UnpackedOptions, unpacked } from './unpacked.js';

/** Folders to look in, in this order. */
export type Places = readonly string[];

const DEEPEST = 3;
const MOST_SIBLINGS = 20;
const ARCHIVE = /\.(zip|tgz|tar|tar\.gz)$/i;

/**
 * The folders to look in for what lies at `path`, a folder or an archive. Archives whose name matches
 * `archives`, lying in it up to two folders deep, are unpacked too, unless a folder of their name is beside them.
 * Throws DataError when there is nothing at `path`.
 */
export async function placesOf(path: string, archives: RegExp, options: UnpackedOptions): Promise<Places> {
  const info = statSync(path, { throwIfNoEntry: false });
  if (!info) throw new DataError(`There is no file or folder ${path}.`);
  const root = info.isDirectory() ? resolve(path) : await unpacked(path, options);
  const places = [root];
  for (const archive of archivesBelow(root, archives)) places.push(await unpacked(archive, options));
  return places;
}

/** Archives with a matching name, up to two folders deep. */
function archivesBelow(root: string, wanted: RegExp): string[] {
  const found: string[] = [];
  for (const folder of foldersBelow(root, 2)) {
    const names = namesIn(folder);
    for (const name of names) {
      const isUnpacked = names.includes(name.replace(ARCHIVE, ''));
      if (ARCHIVE.test(name) && wanted.test(name) && !isUnpacked && archiveFormat(join(folder, name)))
        found.push(join(folder, name));
    }
  }
  return found;
}

/** The file or folder at `relative` (such as `Eval/list.txt`) below one of the places, or undefined. */
export function locate(places: Places, relative: string): string | undefined {
  const folder = folderWith(places, relative);
  return folder === undefined ? undefined : join(folder, relative);
}

/** The first folder, the nearest to its place, that holds `relative`. */
export function folderWith(places: Places, relative: string): string | undefined {
  for (const place of places)
    for (const folder of foldersBelow(place, DEEPEST))
      if (statSync(join(folder, relative), { throwIfNoEntry: false })) return folder;
  return undefined;
}

/** A folder and the folders below it, level by level; those with many siblings hold images and are left out. */
export function foldersBelow(root: string, deepest: number): string[] {
  const all = [root];
  let level = [root];
  for (let depth = 0; depth < deepest; depth++) {
    const next: string[] = [];
    for (const folder of level) {
      const children = childFolders(folder);
      if (children.length <= MOST_SIBLINGS) next.push(...children);
    }
    all.push(...next);
    level = next;
  }
  return all;
}

function childFolders(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => !entry.name.startsWith('.') && (entry.isDirectory() || entry.isSymbolicLink()))
      .map((entry) => join(folder, entry.name))
      .filter((path) => statSync(path, { throwIfNoEntry: false })?.isDirectory())
      .sort(byCodeUnits);
  } catch {
    return [];
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort(byCodeUnits);
  } catch {
    return [];
  }
}

/** Whether files exist below `root`, asked for many times: each folder is read once. */
export function fileIndex(root: string): (relative: string) => boolean {
  const folders = new Map<string, ReadonlySet<string>>();
  return (relative) => {
    const slash = relative.lastIndexOf('/');
    const folder = relative.slice(0, slash + 1);
    let names = folders.get(folder);
    if (!names) {
      names = new Set(namesIn(join(root, folder)));
      folders.set(folder, names);
    }
    return names.has(relative.slice(slash + 1));
  };
}
