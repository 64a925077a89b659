/** Items as a grid of cards: picture, title, and what else is known in a word. Arrow keys go through it. */
import type { Source } from '../data/collection.js';
import { h, swatch } from './dom.js';
import { cardPicture } from './picture.js';

/** A card. */
export interface Card {
  readonly item: number;
  readonly id: string;
  readonly title: string;
  /** Colour of the item as CSS. */
  readonly colour: string;
  /** A number beside the title, such as a similarity, and what it means; null for nothing. */
  readonly figure: { readonly value: string; readonly means: string } | null;
  /** What stands below the card; null for nothing. */
  readonly below: HTMLElement | null;
}

/** Width of a picture on a card, px. */
const SIDE = 104;

/** The grid; `choose` is called with the item of a card that is clicked. */
export function cardGrid(
  source: Source,
  cards: readonly Card[],
  choose: (item: number) => void,
): HTMLElement {
  const grid = h('ol', { class: 'near' });
  const titles = cards.map(({ title }) => title);
  const isAlike = (title: string, id: string) =>
    title !== id && titles.indexOf(title) !== titles.lastIndexOf(title);
  grid.append(
    ...cards.map(({ item, id, title, colour, figure, below }) =>
      h(
        'li',
        {},
        h(
          'button',
          {
            type: 'button',
            class: 'one',
            title: id,
            'data-key': `card ${item}`,
            onclick: () => choose(item),
          },
          cardPicture(source, item, SIDE, () => swatch(colour)),
          h('span', { class: 'name', title }, title),
          // Seen where no picture tells the item from another of its title, and read in any case.
          isAlike(title, id) ? h('span', { class: 'id quiet' }, ` ${id}`) : null,
          figure === null ? null : h('span', { class: 'distance', title: figure.means }, figure.value),
        ),
        below,
      ),
    ),
  );
  grid.addEventListener('keydown', (event) => step(grid, event));
  return grid;
}

/** Arrow keys go to the card beside, above or below; Home and End to the first and the last. */
function step(grid: HTMLElement, event: KeyboardEvent): void {
  const cards = [...grid.querySelectorAll<HTMLElement>('.one')];
  const at = cards.indexOf(event.target as HTMLElement);
  if (at < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
  const columns = cards.findIndex((card) => card.offsetTop > cards[0].offsetTop);
  const row = columns < 0 ? cards.length : columns;
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: at - 1,
    ArrowRight: at + 1,
    ArrowUp: at - row,
    ArrowDown: at + row,
    Home: 0,
    End: cards.length - 1,
  };
  if (!Object.hasOwn(steps, event.key)) return;
  event.preventDefault();
  cards[steps[event.key]]?.focus();
}
