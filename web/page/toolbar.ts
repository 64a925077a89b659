/** The tools above the map that change how it looks: colours, lines, theme. */
import type { Collection } from '../data/collection.js';
import { type ColourBy, colourChoices } from '../map/colouring.js';
import { h, the } from '../parts/dom.js';
import type { State } from './state.js';
import { applyTheme, isDark, prefersDark } from './theme.js';

/**
 * Makes the tools work. `changed` is called after they have changed the state; returns a function that shows the state on
 * the tools.
 */
export function createToolbar(state: State, collection: Collection, changed: () => void): () => void {
  const colour = the<HTMLSelectElement>('colour');
  const choices = colourChoices(collection);
  colour.replaceChildren(...choices.map(({ by, title }) => h('option', { value: by }, `by ${title}`)));
  the('colouring').hidden = choices.length < 2;
  const show = () => {
    applyTheme(state.theme);
    colour.value = state.colour;
    the('lines').setAttribute('aria-pressed', String(state.lines));
    the('theme').setAttribute('aria-label', `Theme: ${state.theme}`);
  };
  const change = (part: Partial<State>) => {
    Object.assign(state, part);
    show();
    changed();
  };
  colour.addEventListener('change', () => change({ colour: colour.value as ColourBy, term: -1 }));
  the('lines').addEventListener('click', () => change({ lines: !state.lines }));
  the('theme').addEventListener('click', () => change({ theme: isDark() ? 'light' : 'dark' }));
  prefersDark().addEventListener('change', () => change({}));
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || isTyping) return;
    event.preventDefault();
    the('search').focus();
  });
  show();
  return show;
}
