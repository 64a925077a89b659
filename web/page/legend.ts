/** The legend: what the colours mean, for the names with most items; a click marks the items of one. */
import type { Collection } from '../data/collection.js';
import { css } from '../map/colour.js';
import { type Colouring, legendEntries } from '../map/colouring.js';
import { h, swatch } from '../parts/dom.js';
import { whole } from '../parts/numbers.js';

/** Most entries; the rest is only counted. */
const MAX_ENTRIES = 10;

/** Fills the legend; the entry of `marked`, whose items are marked, is pressed. A click calls `toggle`. */
export function showLegend(
  box: HTMLElement,
  collection: Collection,
  colouring: Colouring,
  marked: number,
  toggle: (name: number) => void,
): void {
  const entries = legendEntries(collection, colouring);
  box.hidden = entries.length < 2;
  const rest = entries.length - MAX_ENTRIES;
  const buttons = () => [...box.querySelectorAll('button')];
  const focus = buttons().indexOf(document.activeElement as HTMLButtonElement);
  box.replaceChildren(
    h(
      'ul',
      {},
      ...entries.slice(0, MAX_ENTRIES).map(({ name, count }) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              title: colouring.names[name],
              'aria-pressed': String(name === marked),
              onclick: () => toggle(name),
            },
            swatch(css(colouring.colours[name])),
            h('span', { class: 'name' }, colouring.names[name]),
            h('span', { class: 'distance' }, whole(count)),
          ),
        ),
      ),
    ),
    rest > 0 ? h('p', { class: 'quiet' }, `and ${whole(rest)} more`) : '',
  );
  if (focus >= 0) buttons()[focus]?.focus();
}
