/** Facets as fields of a form: values with their numbers of items to tick, and ranges with two ends to type. */
import { readableName, readableValue } from '../data/columns.js';
import type { Facet } from '../facets/facets.js';
import { CLASS, type ColumnFilter, type Filters, NO_VALUE } from '../facets/filters.js';
import { h, refill } from './dom.js';
import { whole } from './numbers.js';

/** Values that are shown of a facet before the rest is asked for, and at most. */
const FEW = 6;
const MOST = 200;

/** What can be done with facets. */
export interface FacetActions {
  /** Filters by a column; null for no longer. */
  filter(name: string, filter: ColumnFilter | null): void;
  clear(): void;
  close(): void;
}

const opened = new Set<string>();

/** Fills a box with facets. */
export function showFacets(
  box: HTMLElement,
  { facets, filters, shown, all }: { facets: readonly Facet[]; filters: Filters; shown: number; all: number },
  actions: FacetActions,
): void {
  const again = () => showFacets(box, { facets, filters, shown, all }, actions);
  refill(
    box,
    h(
      'div',
      { class: 'bar-of' },
      h('h2', { tabindex: -1 }, 'Filter'),
      h(
        'button',
        { type: 'button', class: 'plain', 'aria-label': 'Close the filters', onclick: actions.close },
        '✕',
      ),
    ),
    h(
      'p',
      { class: 'quiet', role: 'status' },
      filters.size > 0 ? `${whole(shown)} of ${whole(all)} items` : `${whole(all)} items`,
    ),
    filters.size > 0
      ? h('button', { type: 'button', 'data-key': 'clear', onclick: actions.clear }, 'Show all items')
      : null,
    facets.length === 0 ? h('p', { class: 'quiet' }, 'These items have no columns to filter by.') : null,
    ...facets.map((facet) => fieldOf(facet, filters, actions, again)),
  );
}

const titleOf = ({ column }: Facet) => (column.name === CLASS ? 'Class' : readableName(column.name));

function fieldOf(facet: Facet, filters: Filters, actions: FacetActions, again: () => void): HTMLElement {
  const filter = filters.get(facet.column.name);
  const parts = facet.range ? rangeParts(facet, filter, actions) : valueParts(facet, filter, actions, again);
  return h('fieldset', {}, h('legend', {}, titleOf(facet)), ...parts);
}

function valueParts(
  { column: { name }, values, none }: Facet,
  filter: ColumnFilter | undefined,
  actions: FacetActions,
  again: () => void,
): HTMLElement[] {
  const ticked = filter && 'values' in filter ? filter.values : new Set<string>();
  const all = [...(values ?? []), ...(none === null ? [] : [{ value: NO_VALUE, count: none }])];
  const listed = all.filter(({ value, count }) => count > 0 || ticked.has(value));
  const isOpen = opened.has(name);
  const shown = listed.filter(({ value }, i) => i < (isOpen ? MOST : FEW) || ticked.has(value));
  const toggle = (value: string) => {
    const next = new Set(ticked);
    if (!next.delete(value)) next.add(value);
    actions.filter(name, { values: next });
  };
  const entries = shown.map(({ value, count }) =>
    h(
      'label',
      { class: 'tick' },
      h('input', {
        type: 'checkbox',
        checked: ticked.has(value),
        'data-key': `${name} ${value}`,
        onchange: () => toggle(value),
      }),
      value === NO_VALUE
        ? h('span', { class: 'name quiet' }, 'No value')
        : h('span', { class: 'name', title: value }, readableValue(value)),
      h('span', { class: 'distance' }, whole(count)),
    ),
  );
  const rest = listed.length - shown.length;
  if (rest <= 0 && !isOpen) return entries;
  const change = () => {
    if (!opened.delete(name)) opened.add(name);
    again();
  };
  const words = isOpen ? 'Fewer' : `${whole(rest)} more`;
  const more = h(
    'button',
    {
      type: 'button',
      class: 'more',
      'data-key': `${name} more`,
      'aria-expanded': String(isOpen),
      onclick: change,
    },
    words,
  );
  return [...entries, more];
}

function rangeParts(
  { column: { name }, range }: Facet,
  filter: ColumnFilter | undefined,
  actions: FacetActions,
): HTMLElement[] {
  if (!range) return [];
  const { least, greatest, bins } = range;
  const { from, to } = filter && 'from' in filter ? filter : { from: null, to: null };
  const most = Math.max(...bins, 1);
  const chart = h('div', { class: 'bins', 'aria-hidden': 'true' });
  for (const [i, count] of bins.entries()) {
    const [low, high] = [i, i + 1].map((at) => least + (at * (greatest - least)) / bins.length);
    const isIn = high >= (from ?? least) && low <= (to ?? greatest);
    const bar = h('span', { class: isIn ? 'in' : '' });
    bar.style.height = `${Math.max(count > 0 ? 4 : 0, (100 * count) / most)}%`;
    chart.append(bar);
  }
  const end = (which: 'from' | 'to', value: number | null, hint: number) =>
    h('input', {
      type: 'number',
      step: 'any',
      'aria-label': which === 'from' ? 'At least' : 'At most',
      placeholder: String(hint),
      value: value === null ? null : String(value),
      'data-key': `${name} ${which}`,
      onchange: (event: Event) => {
        const { value: text } = event.target as HTMLInputElement;
        const number = text === '' ? null : Number(text);
        actions.filter(name, { from, to, [which]: number });
      },
    });
  return [
    chart,
    h('div', { class: 'ends' }, end('from', from, least), h('span', {}, 'to'), end('to', to, greatest)),
  ];
}
