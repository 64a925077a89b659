/** Thumbnails that have been loaded: the last few hundred, a few at a time. */

const MOST = 600;

/** Thumbnails by item. `get` gives null until one has come; `onLoad` tells that one has. */
export function pictureCache(addressOf: (item: number) => string | null, onLoad: () => void) {
  const kept = new Map<number, HTMLImageElement | null>();
  return {
    get(item: number): HTMLImageElement | null {
      const known = kept.get(item);
      if (known !== undefined) return known?.complete && known.naturalWidth > 0 ? known : null;
      const address = addressOf(item);
      if (kept.size >= MOST) for (const old of [...kept.keys()].slice(0, MOST / 4)) kept.delete(old);
      if (address === null) {
        kept.set(item, null);
        return null;
      }
      const image = new Image();
      image.decoding = 'async';
      image.addEventListener('load', onLoad);
      image.src = address;
      kept.set(item, image);
      return null;
    },
  };
}
