/** Thumbnails on the map: the last few hundred that were loaded. Which are shown is decided elsewhere. */
import type { Source } from '../data/collection.js';
import { thumbnailAddress, thumbnailFailed } from '../data/thumbnails.js';

/** Thumbnails that are kept. */
const MAX_KEPT = 600;

/** Thumbnails by item. */
export interface PictureCache {
  /** The thumbnail of an item; null where there is none, or until it has been loaded. */
  get(item: number): HTMLImageElement | null;
}

/** Makes the cache; `onLoad` is called whenever a thumbnail has been loaded. */
export function createPictureCache(source: Pick<Source, 'thumbnail'>, onLoad: () => void): PictureCache {
  const kept = new Map<number, HTMLImageElement | null>();
  return {
    get(item) {
      const known = kept.get(item);
      if (known !== undefined) return known?.complete && known.naturalWidth > 0 ? known : null;
      const address = thumbnailAddress(source, item);
      if (kept.size >= MAX_KEPT) for (const old of [...kept.keys()].slice(0, MAX_KEPT / 4)) kept.delete(old);
      if (address === null) {
        kept.set(item, null);
        return null;
      }
      const image = new Image();
      image.decoding = 'async';
      image.addEventListener('load', onLoad);
      image.addEventListener('error', () => thumbnailFailed(address));
      image.src = address;
      kept.set(item, image);
      return null;
    },
  };
}
