/** Large pictures of an export: made from the items' sources, a thousand to a folder, until they are as many bytes as may be. */
import { dirname, join } from 'node:path';
import { mkdirSync, rmSync, writeFileSync } from '../../disk/index.js';
import { UsageError } from '../../errors.js';
import type { Store } from '../../store/store.js';
import { type AllowedOptions, allowedSources } from '../pictures/allowed.js';
import { openPictures, SIZES } from '../pictures/pictures.js';
import { largePicturePath } from '../protocol/exported.js';

/** What is wanted of large pictures. */
export interface LargePictures extends AllowedOptions {
  /** Longer side at most, px: 256, 512, 1024 or 2048. */
  readonly size: number;
  /** Most bytes of all of them; further items keep their thumbnails alone. */
  readonly mostBytes: number;
}

/** What was written. */
export interface WrittenPictures {
  /** `1` or `0` for each item: whether it has one. */
  readonly has: string;
  readonly count: number;
  readonly bytes: number;
  /** Whether there was no room for more. */
  readonly isFull: boolean;
}

/** Items read at a time. */
const BATCH = 100;

/** Throws UsageError for a size that there is not. */
export function checkSize({ size }: LargePictures): void {
  if (!SIZES.some((one) => one === size))
    throw new UsageError(`Large pictures have a longer side of ${SIZES.join(', ')} px, not ${size}.`);
}

/** Writes the large pictures of items below a folder. Throws as `allowedSources`. */
export async function writePictures(
  store: Store,
  table: string,
  ids: readonly string[],
  out: string,
  { size, mostBytes, ...sources }: LargePictures,
): Promise<WrittenPictures> {
  const pictures = openPictures(allowedSources(table, sources));
  const has: string[] = [];
  let [count, bytes] = [0, 0];
  let isFull = false;
  for (let start = 0; start < ids.length && !isFull; start += BATCH) {
    const part = ids.slice(start, start + BATCH);
    const items = new Map((await store.get(part)).map((item) => [item.id, item]));
    for (const [i, id] of part.entries()) {
      const item = items.get(id);
      const answer = item && (await pictures.of(item, { size }));
      const picture = answer && typeof answer !== 'string' ? answer.bytes : null;
      isFull = picture !== null && bytes + picture.length > mostBytes;
      if (isFull) break;
      has.push(picture ? '1' : '0');
      if (!picture) continue;
      const path = join(out, largePicturePath(start + i));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, picture);
      count++;
      bytes += picture.length;
    }
  }
  return { has: has.join('').padEnd(ids.length, '0'), count, bytes, isFull };
}

/** Removes the large pictures of an earlier export. */
export function removePictures(out: string): void {
  rmSync(join(out, 'pictures'), { recursive: true, force: true });
}
