/** The search box over names of classes, nodes of the tree and ids: a combobox with a list of what matches. */
import type { Collection } from '../data/collection.js';
import type { Column } from '../data/columns.js';
import { h } from '../parts/dom.js';
import { type SearchEntry, searchEntries } from './searchEntries.js';

/** Makes the combobox work; `choose` is called with the entry that the user picks. */
export function createSearchBox(
  input: HTMLInputElement,
  list: HTMLElement,
  collection: Collection,
  titles: () => Column | undefined,
  choose: (entry: SearchEntry) => void,
): void {
  let entries: SearchEntry[] = [];
  let active = -1;
  const pick = (entry: SearchEntry | undefined) => {
    if (!entry) return;
    input.value = entry.name;
    setOpen(input, list, false);
    choose(entry);
  };
  const show = () => {
    entries = searchEntries(input.value, collection, undefined, titles());
    active = entries.length > 0 ? 0 : -1;
    list.replaceChildren(...optionsOf(entries, pick));
    setOpen(input, list, input.value.trim() !== '');
    setActive(input, list, active);
  };
  const step = (by: 1 | -1) => {
    if (list.hidden) show();
    active = (active + by + entries.length) % entries.length;
    setActive(input, list, active);
  };
  input.addEventListener('input', show);
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', () => setOpen(input, list, false));
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return; // Enter chooses a character, not yet an entry
    if (event.key === 'Enter') pick(entries[active]);
    else if (event.key === 'Escape') {
      setOpen(input, list, false);
      input.value = '';
      entries = [];
    } else if (event.key === 'ArrowDown' && entries.length > 0) step(1);
    else if (event.key === 'ArrowUp' && entries.length > 0) step(-1);
    else return;
    event.preventDefault();
  });
}

/** Opens or closes the list; a closed one has no active option. */
function setOpen(input: HTMLInputElement, list: HTMLElement, isOpen: boolean): void {
  list.hidden = !isOpen;
  input.setAttribute('aria-expanded', String(isOpen));
  if (!isOpen) input.removeAttribute('aria-activedescendant');
}

/** Shows which option Enter would pick, -1 for none. */
function setActive(input: HTMLInputElement, list: HTMLElement, active: number): void {
  for (const [i, option] of [...list.children].entries())
    option.setAttribute('aria-selected', String(i === active));
  if (active >= 0) input.setAttribute('aria-activedescendant', optionId(active));
  else input.removeAttribute('aria-activedescendant');
}

const optionId = (rank: number) => `found-${rank}`;

/** The options of the list; pressing one picks it, before the input loses the focus. */
function optionsOf(entries: readonly SearchEntry[], pick: (entry: SearchEntry) => void): HTMLElement[] {
  if (entries.length === 0)
    return [h('div', { role: 'option', 'aria-disabled': 'true', class: 'quiet' }, 'Nothing has this name')];
  return entries.map((entry, rank) =>
    h(
      'div',
      {
        role: 'option',
        id: optionId(rank),
        onpointerdown: (event: PointerEvent) => {
          event.preventDefault();
          pick(entry);
        },
      },
      h('span', { class: 'name', title: entry.name }, entry.name),
      h('span', { class: 'quiet' }, entry.kind),
    ),
  );
}
