/**
 * Images in an archive (.zip, .tar, .tar.gz): unpacked once into the cache folder, with a list of them inside or without. A
 * published data set in an archive is recognised elsewhere.
 */
import { extname, join } from 'node:path';
import { isFolder, readFolder } from '../datasets/listImages.js';
import { unpacked } from '../datasets/unpacked.js';
import { statSync } from '../disk/index.js';
import { DataError } from '../errors.js';
import { archiveFormat } from '../io/archive.js';
import { someOf } from '../io/someOf.js';
import { readItemRows } from './itemRows.js';

/** Endings of files that can be lists of items. */
export const LISTS: readonly string[] = ['.csv', '.tsv', '.jsonl', '.parquet'];

/** An archive, unpacked. */
export interface ArchivedImages {
  /** The folder that holds everything. */
  readonly folder: string;
  /** The list of its images, where there is one. */
  readonly list: string | undefined;
}

/** Whether a path is an archive that can be unpacked. */
export function isArchive(path: string): boolean {
  return (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false) && archiveFormat(path) !== undefined;
}

/**
 * Unpacks an archive and looks for a list beside its images: a file at the top with a column `image` or `path`.
 * @param image the column that holds the images, where it has another name; `encoding` what a list is written in
 * @throws DataError when there are several lists, and as archives are unpacked
 */
export async function archivedImages(
  archive: string,
  {
    image,
    encoding,
    onProgress,
  }: {
    readonly image?: string | undefined;
    readonly encoding?: string | undefined;
    readonly onProgress?: (done: number, total: number) => void;
  } = {},
): Promise<ArchivedImages> {
  const top = await unpacked(archive, { onProgress });
  const names = readFolder(top);
  const folder = names.length === 1 && isFolder(join(top, names[0])) ? join(top, names[0]) : top;
  const lists: string[] = [];
  for (const name of readFolder(folder)) {
    if (!LISTS.includes(extname(name).toLowerCase()) || isFolder(join(folder, name))) continue;
    const { columns } = await readItemRows(
      join(folder, name),
      extname(name).toLowerCase() === '.parquet' ? undefined : encoding,
    );
    if (columns.some((column) => column === 'image' || column === 'path' || column === image))
      lists.push(name);
  }
  if (lists.length > 1)
    throw new DataError(
      `${archive} holds ${lists.length} lists of images: ${someOf(lists)}. Unpack it and name one of them.`,
    );
  return { folder, list: lists.length === 1 ? join(folder, lists[0]) : undefined };
}
