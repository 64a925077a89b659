/**
 * A folder of images as a data set: `root/class/…/image.jpg`, or `root/train/class/…` beside
 * `root/test/class/…`, which are then taken as the splits. The class is the name of the first folder level.
 */

import { basename, join, resolve } from 'node:path';
import { DataError } from '../errors.js';
import { someOf } from '../io/someOf.js';
import { counted } from '../shown.js';
import { assemble, byCodeUnits, type Entry } from './assemble.js';
import type { Dataset } from './dataset.js';
import { IMAGE_EXTENSIONS, isFolder, isImageName, listImages, readFolder } from './listImages.js';
import { splitFolders } from './splitFolders.js';
import type { Part } from './splits.js';

/**
 * Opens a folder of class folders. Ids are paths relative to it, such as `train/robin/0001.jpg`. Folders that all have
 * the names of splits, in any letter case, are splits.
 * Throws DataError for a folder without images, images outside class folders only, a single class, and splits that
 * cannot be used as they are.
 */
export function openFolder(folder: string): Dataset {
  const root = resolve(folder);
  const top = readFolder(root);
  const { parts, warnings } = splitFolders(root, top);
  const entries: Entry[] = [];
  const others: string[] = [];
  const loose: string[] = [];
  const empty: string[] = [];

  const readClasses = (names: readonly string[], prefix: string, part?: Part) => {
    for (const name of names) {
      if (!isFolder(join(root, prefix, name))) {
        (isImageName(name) ? loose : others).push(prefix + name);
        continue;
      }
      const listing = listImages(join(root, prefix, name));
      others.push(...listing.others.map((path) => `${prefix}${name}/${path}`));
      if (listing.images.length === 0) empty.push(prefix + name);
      for (const image of listing.images) {
        const id = `${prefix}${name}/${image}`;
        entries.push({ id, path: join(root, id), className: name, ...part });
      }
    }
  };
  if (parts) for (const { path, part } of parts) readClasses(readFolder(join(root, path)), `${path}/`, part);
  else readClasses(top, '');

  if (entries.length === 0) throw new DataError(explainNoImages(root, loose, others));
  const classes = [...new Set(entries.map((entry) => entry.className))].sort(byCodeUnits);
  if (loose.length > 0)
    warnings.push(`${counted(loose.length, 'image')} outside class folders left out: ${someOf(loose)}.`);
  if (others.length > 0)
    warnings.push(`${counted(others.length, 'file')} of another kind left out: ${someOf(others)}.`);
  if (empty.length > 0)
    warnings.push(`${counted(empty.length, 'class folder')} without images left out: ${someOf(empty)}.`);
  return assemble(entries, { name: basename(root), root, source: `The folder ${root}`, classes, warnings });
}

function explainNoImages(root: string, loose: readonly string[], others: readonly string[]): string {
  if (loose.length > 0)
    return (
      `The folder ${root} holds ${counted(loose.length, 'image')} (${someOf(loose, 3)}) but no class folders. ` +
      'Put the images of each class into a folder named after it, or list them with labels in a manifest.'
    );
  const found = others.length > 0 ? ` It holds ${someOf(others, 3)}.` : '';
  return (
    `The folder ${root} holds no images (${IMAGE_EXTENSIONS.join(' ')}) in class folders.${found} ` +
    'Expected: one folder a class, with the images inside.'
  );
}
