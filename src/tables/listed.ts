/**
 * The images of a list (CSV or JSON Lines with the column `path`) for indexing, to which the rules of training do not
 * apply: labels are not needed, one class will do, and further columns travel along. A list that is a data set is opened as
 * one elsewhere.
 */
import { dirname, extname, resolve } from 'node:path';
import { listedFiles, shownPath, statSync } from '../disk/index.js';
import { DataError, UsageError } from '../errors.js';
import { type ItemFile, type ItemFileOptions, readItemFile } from '../items/describe.js';
import type { Collection, Split } from '../runs/collection.js';

const LISTS = ['.csv', '.jsonl', '.parquet'];

/** The file of a list that a source names, such as `list.csv` or `manifest:list.csv`; undefined for other sources. */
export function listFile(source: string | undefined): string | undefined {
  const path = source?.replace(/^manifest:/, '');
  if (path === undefined || !LISTS.includes(extname(path).toLowerCase())) return undefined;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}

/** A list of images, and what it says about them. */
export interface ListedImages {
  readonly collection: Collection;
  readonly file: ItemFile;
}

/** How a list is read. */
export interface ReadListOptions {
  /** What the user called it. */
  readonly source: string;
  readonly split?: Split | undefined;
  /** How its columns are taken. */
  readonly columns: Pick<ItemFileOptions, 'roles' | 'known'>;
}

/**
 * Reads a list, or the rows of one of its splits.
 * @throws DataError for a list without paths, or of files that are not there; UsageError for a split that it does not have
 */
export async function readList(
  path: string,
  { source, split = 'all', columns }: ReadListOptions,
): Promise<ListedImages> {
  const whole = await readItemFile(path, { ...columns, byPath: true });
  if (!whole.columns.includes('path'))
    throw new DataError(`${path} has no column "path", which says where each image is.`);
  if (split !== 'all' && !whole.splits.includes(split))
    throw new UsageError(
      `No row of ${path} has "${split}" in a column "split". Leave --split out for all rows.`,
    );
  const items = whole.items.filter((_, row) => split === 'all' || whole.splits[row] === split);
  const unnamed = items.find((item) => item.path === null);
  if (unnamed) throw new DataError(`${path}: the item "${unnamed.id}" has no path.`);
  const find = listedFiles(dirname(resolve(path)));
  const missing = items.map((item) => find(item.path!)).filter(({ isFound }) => !isFound);
  if (missing.length > 0) {
    const [{ path: first, hint }] = missing;
    throw new DataError(
      `${path}: ${missing.length} of ${items.length} listed files not found, the first of them ${shownPath(first)}${hint && ` (${hint})`}. Paths are relative to the list. Correct or remove those rows.`,
    );
  }
  const collection = {
    source,
    split,
    items: items.map(({ id, path: file, label }) => ({ id, path: file!, label })),
  };
  return { collection, file: { ...whole, items } };
}
