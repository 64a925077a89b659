/** Thumbnails in lists. */
import type { Source } from '../data/collection.js';
import { thumbnailAddress, thumbnailFailed } from '../data/thumbnails.js';
import { h } from './dom.js';

/** The thumbnail of an item as a square of `side` px; where there is none, what `instead` makes. */
export function thumbnail(
  source: Pick<Source, 'thumbnail'>,
  item: number,
  side: number,
  instead: () => HTMLElement | string,
): HTMLElement | string {
  const address = thumbnailAddress(source, item);
  if (address === null) return instead();
  const image = h('img', { src: address, alt: '', width: side, height: side, loading: 'lazy' });
  image.addEventListener('error', () => {
    thumbnailFailed(address);
    image.replaceWith(instead());
  });
  return image;
}
