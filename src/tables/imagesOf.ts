/**
 * The images or vectors that a network is to embed for a table: a data set, a list, an archive or a folder, by whatever the user
 * calls it. Nothing is embedded here.
 */
import { DataError, UsageError } from '../errors.js';
import { archivedImages, isArchive } from '../items/archivedImages.js';
import type { Collection } from '../runs/collection.js';
import type { Run } from '../runs/run.js';
import { type ListedImages, listFile, type ReadListOptions, readList } from './listed.js';

/** Images or vectors. */
export interface FoundImages extends Partial<Omit<ListedImages, 'collection'>> {
  readonly collection: Collection;
  /** What they were read from: that which was asked for, or what an archive holds. */
  readonly source: string | undefined;
}

/** What is asked for. */
export interface ImagesOfOptions extends Omit<ReadListOptions, 'source'> {
  /** Undefined for the run's own. */
  readonly images: string | undefined;
}

/** Finds what to embed. A list that is no data set to train on is taken as it is. */
export async function imagesOf(run: Run, options: ImagesOfOptions): Promise<FoundImages> {
  const { images, split, progress, columns } = options;
  if (images !== undefined && isArchive(images)) return inArchive(run, images, options);
  const list = listFile(images);
  // A column that stands for another is of lists of items; a data set knows its own.
  if (list !== undefined && Object.keys(columns.roles ?? {}).length > 0)
    return { source: list, ...(await readList(list, { ...options, source: images! })) };
  try {
    return { source: images, collection: await run.collection({ source: images, split, progress }) };
  } catch (error) {
    if (list === undefined || !(error instanceof DataError || error instanceof UsageError)) throw error;
    return { source: list, ...(await readList(list, { ...options, source: images! })) };
  }
}

/** Images of an archive: by the list in it, else as the data set or the photographs that it holds. */
async function inArchive(run: Run, archive: string, options: ImagesOfOptions): Promise<FoundImages> {
  const { split, progress, columns } = options;
  const onProgress = progress?.('unpacking, MiB');
  const { folder, list } = await archivedImages(archive, {
    image: columns.roles?.image,
    encoding: columns.encoding,
    ...(onProgress ? { onProgress } : {}),
  });
  if (list !== undefined) return { source: list, ...(await readList(list, { ...options, source: archive })) };
  try {
    return { source: archive, collection: await run.collection({ source: archive, split, progress }) };
  } catch (error) {
    if (!(error instanceof DataError) || (split !== undefined && split !== 'all')) throw error;
    return { source: folder, collection: await run.collection({ source: folder, split: 'all', progress }) };
  }
}
