/** What lies over the map: the bar that counts marked items, and the tip beside the pointer. */
import type { Collection } from './collection.js';
import { h, whole } from './dom.js';
import { saveText } from './dropImage.js';
import type { Point } from './moebius.js';
import { nameOf } from './panel.js';
import { thumbnailOf } from './pictures.js';
import type { Source } from './source.js';

/** Fills the bar of marked items; null hides it. */
export function showMarked(
  bar: HTMLElement,
  { points }: Collection,
  items: readonly number[] | null,
  clear: () => void,
): void {
  bar.hidden = items === null;
  if (items === null) return;
  const save = () => saveText('ids.txt', items.map((i) => `${points.ids[i]}\n`).join(''));
  bar.replaceChildren(
    h('span', {}, `${whole(items.length)} ${items.length === 1 ? 'item' : 'items'} marked`),
    h('button', { type: 'button', onclick: save }, 'Export ids'),
    h('button', { type: 'button', onclick: clear }, 'Clear'),
  );
}

/** Shows what an item is beside a place on a map of a width; item -1 hides it. */
export function showTip(
  tip: HTMLElement,
  source: Source,
  collection: Collection,
  item: number,
  [x, y]: Point,
  width: number,
): void {
  tip.hidden = item < 0;
  if (item < 0) return;
  tip.replaceChildren(
    thumbnailOf(source, item, 64, () => ''),
    h('span', {}, nameOf(collection, item) || collection.points.ids[item]),
  );
  tip.style.transform = `translate(${Math.min(x + 14, width - 190)}px, ${y + 14}px)`;
}
