/**
 * The search box: a combobox with a list of what matches. Names of classes, nodes and items are looked through at once; where the
 * source can look into all columns it is asked too, and its answer takes the place of the items that have the name.
 */
import type { Collection, Source } from '../data/collection.js';
import type { Column } from '../data/columns.js';
import { h } from '../parts/dom.js';
import { MAX_ENTRIES, type SearchEntry, searchEntries, withFound } from './searchEntries.js';

/** Time without a key after which the source is asked, ms. */
const PAUSE = 120;
/** Characters that it is asked for. */
const LONGEST = 1000;

/** What is searched. */
export interface Searched {
  readonly source: Pick<Source, 'searchText'>;
  readonly collection: Collection;
  /** The column with the titles of items; undefined where there is none, or it has not come yet. */
  readonly titles: () => Column | undefined;
}

/** Makes the combobox work; `choose` is called with the entry that the user picks. */
export function createSearchBox(
  input: HTMLInputElement,
  list: HTMLElement,
  { source: { searchText }, collection, titles }: Searched,
  choose: (entry: SearchEntry) => void,
): void {
  let entries: readonly SearchEntry[] = [];
  let active = -1;
  let asking = new AbortController();
  /** Whether the user has gone to an entry, and whether Enter waits for the first one. */
  let [hasStepped, isWaiting] = [false, false];
  const pick = (entry: SearchEntry | undefined) => {
    if (!entry) return;
    asking.abort();
    input.value = entry.name;
    setOpen(input, list, false);
    choose(entry);
  };
  /** Shows entries; the one to which the user has gone stays active, wherever it is now. */
  const show = (found: readonly SearchEntry[], empty: string) => {
    const former = hasStepped ? entries[active] : undefined;
    entries = found;
    const stays = entries.findIndex(({ kind, index }) => kind === former?.kind && index === former.index);
    active = Math.max(stays, entries.length > 0 ? 0 : -1);
    list.replaceChildren(...optionsOf(entries, empty, pick));
    setOpen(input, list, input.value.trim() !== '');
    setActive(input, list, active);
  };
  const search = () => {
    const text = input.value;
    asking.abort();
    asking = new AbortController();
    const { signal } = asking;
    [hasStepped, isWaiting] = [false, false];
    const named = searchEntries(text, collection, undefined, titles());
    const asks = searchText !== null && /[\p{L}\p{N}\p{Extended_Pictographic}]/u.test(text);
    show(named, asks ? 'Searching …' : 'Nothing has this name');
    if (!asks) return;
    const answered = (found: readonly number[]) => {
      if (signal.aborted || list.hidden) return;
      const all = withFound(text, named, found, collection, titles());
      show(found.length > 0 ? all : named, 'Nothing has these words');
      if (isWaiting) pick(entries[0]);
    };
    setTimeout(() => {
      if (!signal.aborted)
        searchText(text.slice(0, LONGEST), MAX_ENTRIES, signal).then(answered, () => answered([]));
    }, PAUSE);
  };
  const step = (by: 1 | -1) => {
    if (list.hidden) search();
    hasStepped = true;
    active = (active + by + entries.length) % entries.length;
    setActive(input, list, active);
  };
  if (searchText) {
    input.placeholder = 'Search all columns, classes, groups, ids';
    input.setAttribute('aria-label', 'Search all columns, classes, nodes and ids');
  }
  input.addEventListener('input', search);
  input.addEventListener('focus', () => input.select());
  input.addEventListener('blur', () => setOpen(input, list, false));
  input.addEventListener('keydown', (event) => {
    if (event.isComposing) return; // Enter chooses a character, not yet an entry
    if (event.key === 'Enter') {
      isWaiting = entries.length === 0;
      pick(entries[active]);
    } else if (event.key === 'Escape') {
      asking.abort();
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
function optionsOf(
  entries: readonly SearchEntry[],
  empty: string,
  pick: (entry: SearchEntry) => void,
): HTMLElement[] {
  if (entries.length === 0)
    return [h('div', { role: 'option', 'aria-disabled': 'true', class: 'quiet' }, empty)];
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
