/** Opens a data set by what the user calls it: a built-in name, a folder of class folders, or a manifest. */
import { statSync } from 'node:fs';
import { extname } from 'node:path';
import { DataError, suggestion } from '../errors.js';
import type { Dataset } from './dataset.js';
import { type EmojiOptions, openEmoji } from './emoji/open.js';
import { openFolder } from './folder.js';
import { openManifest } from './manifest.js';

/** Options of {@link openDataset}; they concern built-in data sets only. */
export type OpenOptions = EmojiOptions;

const BUILT_IN: Readonly<Record<string, (options: OpenOptions) => Promise<Dataset>>> = {
  'emoji-9': openEmoji,
};
const MANIFESTS = ['.csv', '.jsonl'];

/** Names that {@link openDataset} knows without a file. */
export const builtInDatasets: readonly string[] = Object.keys(BUILT_IN);

/**
 * Opens `source`: `emoji-9`, a folder (`root/class/*.jpg`, or `root/train` and `root/test` of such), or a
 * `.csv` or `.jsonl` manifest. A folder or file of a built-in name is reached as `./name`.
 * Throws DataError for an unknown source and for anything in it that breaks the contract of Dataset.
 */
export async function openDataset(source: string, options: OpenOptions = {}): Promise<Dataset> {
  if (Object.hasOwn(BUILT_IN, source)) return BUILT_IN[source](options);
  const info = statSync(source, { throwIfNoEntry: false });
  if (info?.isDirectory()) return openFolder(source);
  if (info?.isFile()) {
    if (MANIFESTS.includes(extname(source).toLowerCase())) return openManifest(source);
    throw new DataError(
      `${source} is not a manifest: expected a file that ends in ${MANIFESTS.join(' or ')}, or a folder.`,
    );
  }
  throw new DataError(
    `There is no data set "${source}".${suggestion(source, builtInDatasets)} ` +
      `Give ${builtInDatasets.join(', ')}, a folder of class folders, or a .csv or .jsonl manifest.`,
  );
}
