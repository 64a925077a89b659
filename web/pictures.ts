/** Thumbnails: those on the map, of which the last few hundred are kept, and those in lists. */
import { h } from './dom.js';
import type { Source } from './source.js';

const MOST = 600;

/** Addresses that gave no picture, since items may lack one: they are not asked for again. */
const failed = new Set<string>();

const addressOf = (source: Source, item: number): string | null => {
  const address = source.thumbnail(item);
  return address === null || failed.has(address) ? null : address;
};

/** The thumbnail of an item as a square of so many pixels, or what stands in for it where there is none. */
export function thumbnailOf(
  source: Source,
  item: number,
  side: number,
  instead: () => HTMLElement | string,
): HTMLElement | string {
  const address = addressOf(source, item);
  if (address === null) return instead();
  const image = h('img', { src: address, alt: '', width: side, height: side, loading: 'lazy' });
  image.addEventListener('error', () => {
    failed.add(address);
    image.replaceWith(instead());
  });
  return image;
}

/** Thumbnails by item. `get` gives null until one has come; `onLoad` tells that one has. */
export function pictureCache(source: Source, onLoad: () => void) {
  const kept = new Map<number, HTMLImageElement | null>();
  return {
    get(item: number): HTMLImageElement | null {
      const known = kept.get(item);
      if (known !== undefined) return known?.complete && known.naturalWidth > 0 ? known : null;
      const address = addressOf(source, item);
      if (kept.size >= MOST) for (const old of [...kept.keys()].slice(0, MOST / 4)) kept.delete(old);
      if (address === null) {
        kept.set(item, null);
        return null;
      }
      const image = new Image();
      image.decoding = 'async';
      image.addEventListener('load', onLoad);
      image.addEventListener('error', () => failed.add(address));
      image.src = address;
      kept.set(item, image);
      return null;
    },
  };
}
