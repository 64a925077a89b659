/** The bar that counts the marked items, exports their ids and clears the marks. */
import type { Collection } from '../data/collection.js';
import { isPlaced } from '../data/points.js';
import { h, whole } from './dom.js';

/** Fills the bar for the marked items; null hides it. */
export function showMarkedBar(
  bar: HTMLElement,
  { points }: Collection,
  items: readonly number[] | null,
  clear: () => void,
): void {
  bar.hidden = items === null;
  if (items === null) return;
  const save = () => saveText('ids.txt', items.map((i) => `${points.ids[i]}\n`).join(''));
  const shown = items.filter((item) => isPlaced(points, item)).length;
  const hidden = shown < items.length ? `, ${whole(shown)} of them shown` : '';
  bar.replaceChildren(
    h('span', {}, `${whole(items.length)} ${items.length === 1 ? 'item' : 'items'} marked${hidden}`),
    h('button', { type: 'button', onclick: save }, 'Export ids'),
    h('button', { type: 'button', onclick: clear }, 'Clear'),
  );
}

/** Offers text as a file to download. */
function saveText(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  const link = h('a', { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
