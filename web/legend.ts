/** What the colours mean: the names with most items, to be marked by a click. */
import type { Collection } from './collection.js';
import { type Colouring, css, legendOf } from './colour.js';
import { h, swatch, whole } from './dom.js';

/** Most entries; the rest is counted. */
const MOST = 10;

/** Fills the legend; the entry whose items are marked is pressed. */
export function showLegend(
  box: HTMLElement,
  collection: Collection,
  colouring: Colouring,
  marked: number,
  mark: (name: number) => void,
): void {
  const entries = legendOf(collection, colouring);
  box.hidden = entries.length < 2;
  const rest = entries.length - MOST;
  const buttons = () => [...box.querySelectorAll('button')];
  const focus = buttons().indexOf(document.activeElement as HTMLButtonElement);
  box.replaceChildren(
    h(
      'ul',
      {},
      ...entries.slice(0, MOST).map(({ name, count }) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              type: 'button',
              title: colouring.names[name],
              'aria-pressed': String(name === marked),
              onclick: () => mark(name),
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
