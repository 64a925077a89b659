/** The tip beside the pointer that says which item is there. */
import type { Source } from '../data/collection.js';
import type { Point } from '../disk/moebius.js';
import { h } from './dom.js';
import { thumbnail } from './thumbnail.js';

/** Shows an item in the tip, beside a place on a map `width` px wide; item -1 hides the tip. */
export function showTip(
  tip: HTMLElement,
  source: Source,
  item: number,
  titleOf: (item: number) => string,
  [x, y]: Point,
  width: number,
): void {
  tip.hidden = item < 0;
  if (item < 0) return;
  tip.replaceChildren(
    thumbnail(source, item, 64, () => ''),
    h('span', {}, titleOf(item)),
  );
  tip.style.transform = `translate(${Math.min(x + 14, width - 190)}px, ${y + 14}px)`;
}
