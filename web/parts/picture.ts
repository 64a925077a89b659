/** Pictures of items in the panel: the large one from the source, the thumbnail where there is none. */
import type { Source } from '../data/collection.js';
import { h } from './dom.js';
import { thumbnail } from './thumbnail.js';

const failed = new Set<string>();
/** The picture that was shown last: it stays the same element when the panel is filled again, so that it does not flicker. */
let last: { readonly address: string; readonly link: HTMLAnchorElement } | undefined;

/** Largest size that a picture is opened in, px. */
const FULL = 2048;
/** Sizes that are asked for, px: few, so that the same picture is asked for again. */
const SIZES = [256, 512, 1024];

const sizeFor = (width: number) => {
  const wanted = width * Math.min(2, globalThis.devicePixelRatio || 1);
  return SIZES.find((size) => size >= wanted) ?? SIZES[SIZES.length - 1];
};

/** The large picture of an item for a panel `width` px wide, a link to it in full; its thumbnail where there is none. */
export function largePicture(
  source: Source,
  item: number,
  width: number,
  name: string,
): HTMLElement | string {
  const instead = () => thumbnail(source, item, 96, () => '');
  const address = source.picture(item, sizeFor(width));
  if (address === null || failed.has(address)) return instead();
  if (last?.address === address) return last.link;
  const image = h('img', { class: 'opaque', src: address, alt: '', decoding: 'async' });
  const link = h(
    'a',
    {
      class: 'large',
      href: source.picture(item, FULL) as string,
      target: '_blank',
      rel: 'noopener',
      'aria-label': `Picture of ${name} in full size`,
      'data-key': 'picture',
    },
    image,
  );
  image.addEventListener('error', () => {
    failed.add(address);
    link.replaceWith(instead());
  });
  last = { address, link };
  return link;
}

/** Pictures of cards by source and address: they stay the same elements when a grid is filled again, and load once. */
const cardsOf = new WeakMap<Source, Map<string, HTMLImageElement>>();
const MOST_CARDS = 300;

/** A picture for a card about `side` px wide: small and sharp where there are large pictures, else the thumbnail. */
export function cardPicture(
  source: Source,
  item: number,
  side: number,
  instead: () => HTMLElement | string,
): HTMLElement | string {
  const address = source.picture(item, sizeFor(side));
  if (address === null || failed.has(address)) return thumbnail(source, item, side, instead);
  const cards = cardsOf.get(source) ?? new Map<string, HTMLImageElement>();
  cardsOf.set(source, cards);
  const known = cards.get(address);
  if (known) return known;
  const image = h('img', {
    class: 'opaque',
    src: address,
    alt: '',
    width: side,
    height: side,
    loading: 'lazy',
    decoding: 'async',
  });
  image.addEventListener('error', () => {
    failed.add(address);
    cards.delete(address);
    image.replaceWith(thumbnail(source, item, side, instead));
  });
  if (cards.size >= MOST_CARDS) cards.delete(cards.keys().next().value!);
  cards.set(address, image);
  return image;
}
