/**
 * The images of a list (CSV, JSON Lines or Parquet with a column `image` or `path`) for indexing, to which the rules of training do
 * not apply: labels are not needed, one class will do, further columns travel along, and an image that cannot be had costs its
 * item alone. A list that is a data set is opened as one elsewhere.
 */

import { dirname, extname, resolve } from 'node:path';
import { listedFiles, NOT_PLAIN, shownPath, statSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import { LISTS } from '../items/archivedImages.js';
import {
  type ItemDescription,
  type ItemFile,
  type ItemFileOptions,
  readItemFile,
} from '../items/describe.js';
import type { Failure } from '../items/failures.js';
import { type FetchChoice, type FetchedImages, fetchImages } from '../items/fetchedImages.js';
import type { Collection, Split } from '../runs/collection.js';
import type { ProgressReporter } from '../runs/progress.js';
import { counted } from '../shown.js';
import { isWebAddress } from '../store/webAddress.js';

/** The file of a list that a source names, such as `list.csv` or `manifest:list.csv`; undefined for other sources. */
export function listFile(source: string | undefined): string | undefined {
  const path = source?.replace(/^manifest:/, '');
  if (path === undefined || !LISTS.includes(extname(path).toLowerCase())) return undefined;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}

/** A list of images, and what it says about them. */
export interface ListedImages {
  /** All of them, those that can be had first. */
  readonly collection: Collection;
  /** Those at the end of it that cannot be had, in their order. */
  readonly failures: readonly Failure[];
  /** The rows, in the order of the collection. */
  readonly file: ItemFile;
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/** How a list is read. */
export interface ReadListOptions {
  /** What the user called it. */
  readonly source: string;
  readonly split?: Split | undefined;
  /** How its columns are taken. */
  readonly columns: Pick<ItemFileOptions, 'roles' | 'known' | 'encoding'>;
  /** How images on the web are fetched. */
  readonly fetch?: FetchChoice | undefined;
  readonly progress?: ProgressReporter | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a list, or the rows of one of its splits; what is on the web is fetched.
 * @throws DataError for a list without images, or none of which can be had; UsageError for a split that it does not have
 */
export async function readList(path: string, options: ReadListOptions): Promise<ListedImages> {
  const { source, split = 'all', columns } = options;
  const whole = await readItemFile(path, { ...columns, byPath: true });
  if (!whole.columns.includes('path'))
    throw new DataError(
      `${path} has no column "image" or "path", which says where each image is. Name it so, or say which it is: --columns image=COLUMN.`,
    );
  if (split !== 'all' && !whole.splits.includes(split))
    throw new UsageError(
      `No row of ${path} has "${split}" in a column "split". Leave --split out for all rows.`,
    );
  const items = whole.items.filter((_, row) => split === 'all' || whole.splits[row] === split);
  const fetched = await fetchedOf(items, options);
  const find = listedFiles(dirname(resolve(path)));
  const placed = items.map((item) => ({ item, ...placeOf(item, { fetched, find }) }));
  const lost = placed.filter(({ reason }) => reason !== null);
  if (lost.length === items.length) throw new DataError(noneFound(path, lost));
  const ordered = [...placed.filter(({ reason }) => reason === null), ...lost];
  const collection = {
    source,
    split,
    items: ordered.map(({ item: { id, label }, file }) => ({ id, path: file, label })),
  };
  return {
    collection,
    failures: lost.map(({ item: { id, path: image }, reason }) => ({
      id,
      image: image ?? '',
      reason: reason!,
    })),
    file: { ...whole, items: ordered.map(({ item }) => item) },
    notes: lost.length > 0 ? [lostNote(path, items.length, lost)] : [],
  };
}

/** An item, the file of its image, and why that is not there. */
interface Placed {
  readonly item: ItemDescription;
  readonly file: string;
  readonly hint: string;
  readonly reason: string | null;
}

async function fetchedOf(
  items: readonly ItemDescription[],
  { fetch, progress, signal }: ReadListOptions,
): Promise<FetchedImages | undefined> {
  const urls = items.flatMap(({ path }) => (path !== null && isWebAddress(path) ? [path] : []));
  if (urls.length === 0) return undefined;
  return fetchImages(urls, { ...fetch, signal, onProgress: progress?.('fetching images') });
}

function placeOf(
  { path }: ItemDescription,
  {
    fetched,
    find,
  }: { readonly fetched: FetchedImages | undefined; readonly find: ReturnType<typeof listedFiles> },
): Omit<Placed, 'item'> {
  if (path === null) return { file: '', hint: '', reason: 'the list has no image for it' };
  if (fetched && isWebAddress(path))
    return { file: fetched.fileOf(path), hint: '', reason: fetched.failures.get(path) ?? null };
  const { path: file, hint, isFound } = find(path);
  return { file, hint, reason: isFound ? null : reasonOf(hint) };
}

/** Why there is no image, where its file was not found. */
const reasonOf = (hint: string) =>
  hint === NOT_PLAIN ? hint : `there is no such file${hint && ` (${hint})`}`;

function noneFound(path: string, lost: readonly Placed[]): string {
  const [{ item, file, hint, reason }] = lost;
  const isFile = item.path !== null && !isWebAddress(item.path);
  if (lost.length === 0) return `${path} lists no images.`;
  return isFile
    ? `${path}: ${lost.length} of ${lost.length} listed files not found, the first of them ${shownPath(file)}${hint && ` (${hint})`}. Paths are relative to the list. Correct or remove those rows.`
    : `${path}: none of ${counted(lost.length, 'image')} can be had. The first, of the item "${item.id}": ${shownPath(item.path ?? '')} ${reason}.`;
}

function lostNote(path: string, all: number, lost: readonly Placed[]): string {
  const [{ item, reason }] = lost;
  return `${path}: ${lost.length} of ${counted(all, 'image')} cannot be had, and those items are left as they are; the first, "${item.id}": ${reason}.`;
}
