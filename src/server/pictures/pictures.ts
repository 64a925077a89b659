/**
 * The large pictures of items: made from their sources when they are asked for, in a few sizes, and kept for a while. What is
 * sent is made anew as WebP, so nothing but an image ever leaves, and nothing that the file says beside it, such as where a
 * photograph was taken.
 */
import { createHash } from 'node:crypto';
import { imageFormat } from '../../images/formats.js';
import { announcedSize, MOST_PIXELS, tooLarge } from '../../images/limits.js';
import { loadSharp } from '../../images/sharp.js';
import type { ItemFacts } from '../../store/store.js';
import { type Allowed, pictureSource } from './allowed.js';
import { keptBytes } from './keptBytes.js';
import { openSource, type PictureSource, type Refusal } from './source.js';

/** Longer sides that pictures have at most, px: what is asked for gets the next larger one. */
export const SIZES = [256, 512, 1024, 2048] as const;

/** What may be asked about a picture. */
export interface Asking {
  /** Longer side that is wanted, px; never more than the last of {@link SIZES}. */
  readonly size: number;
  /** Version that whoever asks has; undefined for none. */
  readonly has?: string | undefined;
}

/** The answer: a picture with its version, its version alone where whoever asks has it, or why there is none. */
export type PictureAnswer =
  | Refusal
  | {
      readonly version: string;
      /** WebP; null for who has it. */
      readonly bytes: Uint8Array | null;
    };

/** Pictures of a table. */
export interface Pictures {
  /** Whether any may be read. */
  readonly isAllowed: boolean;
  /** The picture of an item. */
  of(item: Pick<ItemFacts, 'path' | 'hash' | 'metadata'>, asking: Asking): Promise<PictureAnswer>;
}

/** Bytes of pictures that are kept. */
const KEPT = 64 * 2 ** 20;
/** Longest time for which one picture is worked at, s. */
const PATIENCE = 20;
/** Time for which what could not be made is not tried again, ms; and most such pictures that are remembered. */
const REST = 60_000;
const MOST_FAILED = 1000;

/** Makes the pictures of a table. */
export function openPictures(allowed: Allowed): Pictures {
  const kept = keptBytes(KEPT);
  const working = new Map<string, Promise<Uint8Array | Refusal>>();
  const failed = new Map<string, { readonly refusal: Refusal; readonly until: number }>();
  const make = async (source: PictureSource, version: string, side: number) => {
    const bytes = await source.read();
    const made = typeof bytes === 'string' ? bytes : await resized(bytes, side);
    if (typeof made !== 'string') kept.set(version, made);
    else {
      failed.set(version, { refusal: made, until: performance.now() + REST });
      if (failed.size > MOST_FAILED) failed.delete(failed.keys().next().value!);
    }
    return made;
  };
  /** The picture of a source; who asks for one that is being made waits for that. */
  const madeOnce = async (source: PictureSource, version: string, side: number) => {
    const known = kept.get(version);
    if (known) return known;
    const lately = failed.get(version);
    if (lately && performance.now() < lately.until) return lately.refusal;
    const work = working.get(version) ?? make(source, version, side).finally(() => working.delete(version));
    working.set(version, work);
    return work;
  };
  return {
    isAllowed: allowed.folders === null || allowed.folders.length > 0 || allowed.hosts.size > 0,
    async of(item, { size, has }) {
      const source = await openSource(allowed, pictureSource(item));
      if (typeof source === 'string') return source;
      try {
        const side = SIZES.find((one) => one >= size) ?? SIZES[SIZES.length - 1];
        const version = versionOf(item.hash, source.stamp, side);
        if (has === version) return { version, bytes: null };
        const made = await madeOnce(source, version, side);
        return typeof made === 'string' ? made : { version, bytes: made };
      } finally {
        await source.close();
      }
    },
  };
}

/** A name for a picture of one size that tells nothing of its source. */
const versionOf = (...parts: readonly (string | number)[]) =>
  createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 24);

/** An image as WebP with a longer side of at most `side` px, upright as its file says, on white where it is transparent. */
async function resized(bytes: Uint8Array, side: number): Promise<Uint8Array | Refusal> {
  if (imageFormat(bytes) === undefined) return 'damaged';
  const size = announcedSize(bytes);
  if (size && tooLarge(size)) return 'large';
  const sharp = await loadSharp();
  try {
    return await sharp(bytes, { limitInputPixels: MOST_PIXELS, sequentialRead: true })
      .rotate()
      .resize(side, side, { fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#fff' })
      .webp({ quality: 82 })
      .timeout({ seconds: PATIENCE })
      .toBuffer();
  } catch {
    return 'damaged';
  }
}
