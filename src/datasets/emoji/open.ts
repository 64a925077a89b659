/**
 * emoji-9: nine vendors' drawings of each Unicode emoji, built from npm packages on first use and kept in the
 * cache folder as an ordinary image folder with a manifest.
 */
import { join } from 'node:path';
import { DataError, UsageError } from '../../errors.js';
import { loadSharp } from '../../images/sharp.js';
import { cacheFolder } from '../../io/cacheFolder.js';
import type { Dataset } from '../dataset.js';
import { openManifest } from '../manifest.js';
import { type BuildKey, buildEmoji, isBuilt } from './build.js';
import { joinEmoji } from './join.js';
import { emojiAttribution, emojiVersions, readEmojiSources } from './vendors.js';

/** How emoji-9 is drawn and where it is kept. */
export interface EmojiOptions {
  /** Pixels of the square drawings, 8 to 1024. Default 64. */
  readonly side?: number;
  /** Folder that holds the built images. Default: cacheFolder(). */
  readonly cache?: string;
  /** Called with the number of images drawn so far, only while building. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Raise when the rules of joining or the layout of the built folder changes. */
const FORMAT = 1;

/**
 * Opens emoji-9, building it first when the cache does not hold it: about 1,600 classes of 4 to 9 drawings,
 * with Unicode's groups and subgroups as taxonomy. Classes alternate between train and test in Unicode's order.
 * Throws DataError when packages are not installed, HierError when the cache cannot be written.
 */
export async function openEmoji(options: EmojiOptions = {}): Promise<Dataset> {
  const { side = 64, cache = cacheFolder(), onProgress } = options;
  if (!Number.isInteger(side) || side < 8 || side > 1024)
    throw new UsageError(`The side of emoji drawings must be an integer from 8 to 1024, not ${side}.`);
  const key = await emojiKey(side);
  const folder = join(cache, `emoji-9-${side}`);
  if (!isBuilt(folder, key)) {
    const sources = readEmojiSources();
    await buildEmoji(folder, key, joinEmoji(sources), sources, onProgress);
  }
  return {
    ...openBuilt(folder),
    name: 'emoji-9',
    attribution: emojiAttribution(),
    origin: JSON.stringify(key),
  };
}

/** What drawings of `side` pixels depend on. Throws DataError when packages are not installed. */
export async function emojiKey(side: number): Promise<BuildKey> {
  const sharp = await loadSharp();
  return { format: FORMAT, side, packages: { ...emojiVersions(), sharp: sharp.versions.sharp! } };
}

function openBuilt(folder: string): Dataset {
  try {
    return openManifest(join(folder, 'manifest.jsonl'));
  } catch (cause) {
    if (!(cause instanceof DataError)) throw cause;
    throw new DataError(
      `The built emoji-9 is damaged. Delete ${folder} and run again to rebuild it. (${cause.message})`,
      { cause },
    );
  }
}
