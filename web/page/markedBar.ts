/** The bar that counts the items that are marked or left by the filters, saves them as files and clears the marks. */
import type { Collection } from '../data/collection.js';
import { isPlaced } from '../data/points.js';
import { h, refill, saveText } from '../parts/dom.js';
import { whole } from '../parts/numbers.js';

/** What can be done from the bar. */
export interface BarActions {
  /** The items with all columns as CSV; columns that are not there yet are loaded first. */
  csv(items: readonly number[]): Promise<string>;
  clear(): void;
}

/** Fills the bar for some items; null hides it. `isFiltered` where they are those that pass the filters, not marked ones. */
export function showMarkedBar(
  bar: HTMLElement,
  { points, about }: Collection,
  { items, isFiltered }: { items: readonly number[] | null; isFiltered: boolean },
  actions: BarActions,
): void {
  bar.hidden = items === null;
  if (items === null) return;
  const saveIds = () => saveText('ids.txt', items.map((i) => `${points.ids[i]}\n`).join(''), 'text/plain');
  const saveCsv = async () => {
    const name = about.name.replace(/[^\p{L}\p{N}_-]+/gu, '-') || 'items';
    saveText(`${name}.csv`, await actions.csv(items), 'text/csv');
  };
  const shown = items.filter((item) => isPlaced(points, item)).length;
  const hidden = shown < items.length ? `, ${whole(shown)} of them shown` : '';
  const words = isFiltered
    ? `${whole(items.length)} of ${whole(points.ids.length)} items`
    : `${whole(items.length)} ${items.length === 1 ? 'item' : 'items'} marked`;
  refill(
    bar,
    h('span', {}, words + hidden),
    h('button', { type: 'button', 'data-key': 'csv', onclick: saveCsv }, 'Export CSV'),
    h('button', { type: 'button', 'data-key': 'ids', onclick: saveIds }, 'Export ids'),
    h('button', { type: 'button', 'data-key': 'clear', onclick: actions.clear }, 'Clear'),
  );
}
