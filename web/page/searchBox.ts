/** The search box over names of classes, nodes of the tree and ids: a combobox with a list of what matches. */
import type { Collection } from '../data/collection.js';
import { h } from './dom.js';
import { type SearchEntry, searchEntries } from './searchEntries.js';

/** Makes the combobox work. */
export function createSearchBox(
  input: HTMLInputElement,
  list: HTMLElement,
  collection: Collection,
  choose: (entry: SearchEntry) => void,
): void {
  let entries: SearchEntry[] = [];
  let active = -1;
  const close = () => {
    list.hidden = true;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  };
  const pick = (entry: SearchEntry | undefined) => {
    if (!entry) return;
    input.value = entry.name;
    close();
    choose(entry);
  };
  const show = () => {
    entries = searchEntries(input.value, collection);
    active = entries.length > 0 ? 0 : -1;
    const isEmpty = input.value.trim() === '';
    list.hidden = isEmpty;
    input.setAttribute('aria-expanded', String(!isEmpty));
    list.replaceChildren(
      ...entries.map(({ kind, name }, i) => {
        const option = h(
          'div',
          { role: 'option', id: `found-${i}` },
          h('span', { class: 'name' }, name),
          h('span', { class: 'quiet' }, kind),
        );
        option.addEventListener('pointerdown', (event) => {
          event.preventDefault();
          pick(entries[i]);
        });
        return option;
      }),
      entries.length === 0
        ? h('div', { role: 'option', 'aria-disabled': 'true', class: 'quiet' }, 'Nothing has this name')
        : '',
    );
    mark();
  };
  const mark = () => {
    for (const [i, option] of [...list.children].entries())
      option.setAttribute('aria-selected', String(i === active));
    if (active >= 0) input.setAttribute('aria-activedescendant', `found-${active}`);
    else input.removeAttribute('aria-activedescendant');
  };
  input.addEventListener('input', show);
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', close);
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return; // Enter chooses a character, not yet an entry
    if (event.key === 'Enter') pick(entries[active]);
    else if (event.key === 'Escape') {
      close();
      input.value = '';
      entries = [];
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && entries.length > 0) {
      if (list.hidden) show();
      active = (active + (event.key === 'ArrowDown' ? 1 : -1) + entries.length) % entries.length;
      mark();
    } else return;
    event.preventDefault();
  });
}
