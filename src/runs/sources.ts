/** The images that the words of a command line stand for. */

import { dirname, extname, resolve } from 'node:path';
import { builtInDatasets, splitSource } from '../datasets/open.js';
import { listedFiles, shownPath, statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { isMissing } from '../io/missing.js';
import { readRows } from '../io/readRows.js';
import { type CollectionItem, openCollection } from './collection.js';
import type { ProgressReporter } from './progress.js';

/** Images of files, folders (with all below them), manifests and data sets, in the order given. */
export async function itemsOfSources(
  sources: readonly string[],
  progress: ProgressReporter = () => () => undefined,
): Promise<CollectionItem[]> {
  return (await Promise.all(sources.map((source) => itemsOf(source, progress)))).flat();
}

/** The images that one word stands for. */
async function itemsOf(source: string, progress: ProgressReporter): Promise<readonly CollectionItem[]> {
  const info = statSync(source, { throwIfNoEntry: false });
  const isList = ['.csv', '.jsonl'].includes(extname(source).toLowerCase());
  if (info?.isFile() && isList) return listed(source);
  if (info?.isFile()) return [{ id: source, path: resolve(source), label: null }];
  if (!info && !isList && !builtInDatasets.includes(source) && splitSource(source).kind === undefined)
    throw new DataError(`There is no image, folder or data set "${shownPath(source)}".`);
  return (await openCollection(source, { onProgress: progress('building the images') })).items;
}

/**
 * The images that a manifest lists. Unlike a data set to train on, it needs nothing but paths, and no file is looked
 * at: a file that is missing is one of the images that cannot be read.
 */
function listed(manifest: string): CollectionItem[] {
  const { columns, rows } = readRows(manifest);
  if (!columns.includes('path'))
    throw new DataError(
      `${manifest} has no column "path". A list of images needs one, relative to it; id and label are optional.`,
    );
  const find = listedFiles(dirname(resolve(manifest)));
  return rows.map(({ line, values: { path, id, label } }) => {
    if (!path) throw new DataError(`${manifest}, line ${line}: the path is empty.`);
    return {
      id: id || path.replaceAll('\\', '/'),
      path: find(path).path,
      label: label && !isMissing(label) ? label : null,
    };
  });
}

/** A source as it can be named from any working folder: paths become absolute, names of data sets stay. */
export function absoluteSource(source: string): string {
  if (builtInDatasets.includes(source)) return source;
  const { kind, path } = splitSource(source);
  return kind === undefined ? resolve(path) : `${kind}:${resolve(path)}`;
}
