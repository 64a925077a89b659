/**
 * The search box: a combobox with a list of what matches. Names of classes, nodes and items are looked through at once; where the
 * source can look into all columns it is asked too, and its answer takes the place of the items that have the name.
 */
import type { Collection, FoundByText, Source } from '../data/collection.js';
import type { Column } from '../data/columns.js';
import { h } from '../parts/dom.js';
import { thumbnail } from '../parts/thumbnail.js';
import { describeEntries, type ShownEntry } from './entryText.js';
import { type SearchEntry, searchEntries, withFound } from './searchEntries.js';

/** Time without a key after which the source is asked, ms. */
const PAUSE = 120;
/** Characters that it is asked for. */
const LONGEST = 1000;

/** Side of a picture, px. */
const SIDE = 36;

/** What is searched. */
export interface Searched {
  readonly source: Pick<Source, 'searchText' | 'thumbnail'>;
  readonly collection: Collection;
  /** The column with the titles of items; undefined where there is none, or it has not come yet. */
  readonly titles: () => Column | undefined;
}

/** The elements of a search box: what is typed in, what was found, and what a screen reader is told of it. */
export interface SearchBox {
  readonly input: HTMLInputElement;
  readonly list: HTMLElement;
  readonly told: HTMLElement;
}

/** Makes the combobox work; `choose` is called with the entry that the user picks. */
export function createSearchBox(
  { input, list, told }: SearchBox,
  { source, collection, titles }: Searched,
  choose: (entry: SearchEntry) => void,
): void {
  const { searchText } = source;
  let entries: readonly SearchEntry[] = [];
  let active = -1;
  let asking = new AbortController();
  /** Whether the user has gone to an entry, and whether Enter waits for the first one. */
  let [hasStepped, isWaiting] = [false, false];
  const pick = (entry: SearchEntry | undefined) => {
    if (!entry) return;
    asking.abort();
    if (entry.kind !== 'all') input.value = entry.name;
    setOpen(input, list, false);
    choose(entry);
  };
  /** Shows entries; the one to which the user has gone stays active, wherever it is now. */
  const show = (
    found: readonly SearchEntry[],
    empty: string,
    matches: FoundByText['matches'] = new Map(),
  ) => {
    const former = hasStepped ? entries[active] : undefined;
    entries = found;
    const stays = entries.findIndex(({ kind, index }) => kind === former?.kind && index === former.index);
    active = Math.max(stays, entries.length > 0 ? 0 : -1);
    const shown = describeEntries(entries, collection, matches);
    list.replaceChildren(
      ...(shown.length > 0
        ? shown.map((one, rank) => optionOf(one, rank, { source, about: collection.about, pick }))
        : [h('div', { role: 'option', 'aria-disabled': 'true', class: 'quiet' }, empty)]),
    );
    const isOpen = input.value.trim() !== '';
    setOpen(input, list, isOpen);
    setActive(input, list, active);
    told.textContent = !isOpen ? '' : shown.length === 0 ? empty : `${shown.length} found`;
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
    const answered = (found: FoundByText) => {
      if (signal.aborted || list.hidden) return;
      const isAny = found.items.length > 0;
      const all = isAny ? withFound(text, named, found, collection, titles()) : named;
      show(all, found.nothing ?? 'Nothing has these words', found.matches);
      if (isWaiting) pick(entries[0]);
    };
    setTimeout(() => {
      if (signal.aborted) return;
      searchText(text.slice(0, LONGEST), signal).then(answered, () => answered(NOTHING));
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
  if (active >= 0) {
    input.setAttribute('aria-activedescendant', optionId(active));
    list.children[active].scrollIntoView({ block: 'nearest' });
  } else input.removeAttribute('aria-activedescendant');
}

const NOTHING: FoundByText = { items: [], isMore: false, matches: new Map(), nothing: null };

const optionId = (rank: number) => `found-${rank}`;

/** An option of the list; pressing it picks it, before the input loses the focus. */
function optionOf(
  { entry, beside, item }: ShownEntry,
  rank: number,
  {
    source,
    about,
    pick,
  }: {
    readonly source: Pick<Source, 'thumbnail'>;
    readonly about: Pick<Collection['about'], 'hasThumbnails'>;
    readonly pick: (entry: SearchEntry) => void;
  },
): HTMLElement {
  const without = () => h('span', { class: 'without' });
  return h(
    'div',
    {
      role: 'option',
      id: optionId(rank),
      onpointerdown: (event: PointerEvent) => {
        event.preventDefault();
        pick(entry);
      },
    },
    // A table without pictures has no room for them; an item without one among others has an empty place.
    about.hasThumbnails ? (item < 0 ? without() : thumbnail(source, item, SIDE, without)) : null,
    h(
      'span',
      { class: 'words' },
      h('span', { class: 'name', title: entry.name }, entry.name),
      ' ', // between both for a screen reader
      h('span', { class: 'quiet', title: beside }, beside),
    ),
  );
}
