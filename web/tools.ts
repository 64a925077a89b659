/** The tools above the map: colours, lines, theme. */
import { the } from './dom.js';
import type { State } from './state.js';

/** Makes the tools work. `changed` is called after the state has; returns what shows a state on the tools. */
export function createTools(state: State, changed: () => void): () => void {
  const colour = the<HTMLSelectElement>('colour');
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
  colour.addEventListener('change', () => change({ colour: colour.value === 'tree' ? 'tree' : 'class' }));
  the('lines').addEventListener('click', () => change({ lines: !state.lines }));
  the('theme').addEventListener('click', () => change({ theme: isDark() ? 'light' : 'dark' }));
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => change({}));
  document.addEventListener('keydown', (event) => {
    const isTyping = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
    if (event.key !== '/' || isTyping) return;
    event.preventDefault();
    the('search').focus();
  });
  sync();
  return sync;
}

/** Whether the page is dark at the moment. */
export function isDark(): boolean {
  return getComputedStyle(document.documentElement).colorScheme.trim() === 'dark';
}
