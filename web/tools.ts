/** The tools above the map: colours, lines, theme, lasso. What a line of the lasso marks is not known here. */
import type { Collection } from './collection.js';
import { type ColourBy, waysToColour } from './colour.js';
import { h, say, the } from './dom.js';
import type { State } from './state.js';

/** Makes the tools work. `changed` is called after the state has; returns what shows a state on the tools. */
export function createTools(state: State, collection: Collection, changed: () => void): () => void {
  const colour = the<HTMLSelectElement>('colour');
  const ways = waysToColour(collection);
  colour.replaceChildren(...ways.map(({ by, title }) => h('option', { value: by }, `by ${title}`)));
  the('colouring').hidden = ways.length < 2;
  const sync = () => {
    if (state.theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = state.theme;
    colour.value = state.colour;
    the('lines').setAttribute('aria-pressed', String(state.lines));
    the('theme').setAttribute('aria-label', `Theme: ${state.theme}`);
  };
  const change = (part: Partial<State>) => {
    Object.assign(state, part);
    sync();
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
  sync();
  return sync;
}

/** Whether dragging on the map draws a line instead of moving it. */
export interface Lasso {
  isOn(): boolean;
  set(is: boolean): void;
}

/** Makes the lasso's button work. */
export function createLasso(): Lasso {
  let isOn = false;
  const set = (is: boolean) => {
    isOn = is;
    the('lasso').setAttribute('aria-pressed', String(is));
    the('map').classList.toggle('drawing', is);
    say(is ? 'Draw a line around items.' : '');
  };
  the('lasso').addEventListener('click', () => set(!isOn));
  return { isOn: () => isOn, set };
}

/** Whether the page is dark at the moment. */
export function isDark(): boolean {
  const scheme = getComputedStyle(document.documentElement).colorScheme;
  if (scheme.includes('light')) return scheme.includes('dark') && prefersDark().matches;
  return scheme.includes('dark');
}

const prefersDark = () => matchMedia('(prefers-color-scheme: dark)');
