/** The part of the page's address after #, which tells what the page shows, so that a view can be kept and sent. */
import type { ColumnFilter, Filters } from '../facets/filters.js';
import type { ColourBy } from '../map/colouring.js';
import { type View, viewAt, viewCentre, viewRotation } from '../map/view.js';

/** Light, dark, or as the system wishes. */
export type Theme = 'light' | 'dark' | 'auto';

/** What the address tells. */
export interface Address {
  readonly view: View;
  /** Id of the item looked at. */
  readonly item: string | null;
  /** Id of the node looked at. */
  readonly node: string | null;
  /** Name of the class looked at. */
  readonly label: string | null;
  /** What points are coloured by; null for what suits the collection. */
  readonly colour: ColourBy | null;
  /** Term looked at, of the column that points are coloured by. */
  readonly term: string | null;
  /** Epoch that is shown; null for the collection as it is. */
  readonly epoch: number | null;
  readonly theme: Theme;
  /** Whether the tree's lines are drawn. */
  readonly lines: boolean;
  readonly filters: Filters;
}

/** Smaller numbers of a view are noise of rounding: they are 0 in an address, so that an address that is read is written alike. */
const LEAST = 1e-6;

/** The text after #, without it. */
export function toHash(address: Address): string {
  const { view, item, node, label, colour, term, epoch, theme, lines, filters } = address;
  const [x, y] = viewCentre(view);
  const parameters = new URLSearchParams();
  const round = (value: number) => (Math.abs(value) < LEAST ? '0' : String(Number(value.toPrecision(6))));
  const numbers = [x, y, viewRotation(view), view.scale];
  if (numbers.some((value, i) => Math.abs(value - [0, 0, 0, 1][i]) > LEAST))
    parameters.set('view', numbers.map(round).join(','));
  if (item !== null) parameters.set('item', item);
  if (node !== null) parameters.set('node', node);
  if (label !== null) parameters.set('class', label);
  if (colour !== null) parameters.set('colour', colour);
  if (term !== null) parameters.set('term', term);
  if (epoch !== null) parameters.set('epoch', String(epoch));
  if (theme !== 'auto') parameters.set('theme', theme);
  if (!lines) parameters.set('lines', 'off');
  for (const [name, filter] of filters)
    for (const text of filterTexts(filter)) parameters.append('filter', `${name}:${text}`);
  return parameters.toString();
}

/** What a text after # tells; what it does not tell, or what is damaged, is as on a page just opened. */
export function fromHash(hash: string): Address {
  const parameters = new URLSearchParams(hash.replace(/^#/, ''));
  const numbers = (parameters.get('view') ?? '').split(',').map(Number);
  const isView =
    numbers.length === 4 && numbers.every(Number.isFinite) && Math.hypot(numbers[0], numbers[1]) < 1;
  const [x, y, angle, scale] = isView ? numbers : [0, 0, 0, 1];
  const [theme, colour] = [parameters.get('theme'), parameters.get('colour')];
  const epoch = parameters.get('epoch') ?? '';
  return {
    view: viewAt([x, y], angle, scale),
    item: parameters.get('item'),
    node: parameters.get('node'),
    label: parameters.get('class'),
    colour: isColour(colour) ? colour : null,
    term: parameters.get('term'),
    epoch: /^\d{1,9}$/.test(epoch) ? Number(epoch) : null,
    theme: theme === 'light' || theme === 'dark' ? theme : 'auto',
    lines: parameters.get('lines') !== 'off',
    filters: filtersFrom(parameters.getAll('filter')),
  };
}

/** A filter as texts: `=VALUE` for each value, or `FROM..TO` for a range. */
function filterTexts(filter: ColumnFilter): string[] {
  if ('values' in filter) return [...filter.values].map((value) => `=${value}`);
  return [`${filter.from ?? ''}..${filter.to ?? ''}`];
}

/** Most filters that an address tells. */
const MOST_FILTERS = 500;

/** Filters from `NAME:TEXT`; what is not understood is passed over. */
function filtersFrom(texts: readonly string[]): Filters {
  const filters = new Map<string, ColumnFilter>();
  for (const text of texts.slice(0, MOST_FILTERS)) {
    const colon = text.indexOf(':');
    if (colon < 0) continue;
    const [name, rest] = [text.slice(0, colon), text.slice(colon + 1)];
    const known = filters.get(name);
    if (rest.startsWith('=')) {
      const values = known && 'values' in known ? known.values : [];
      filters.set(name, { values: new Set([...values, rest.slice(1)]) });
      continue;
    }
    const ends = /^(-?[\d.]+(?:e[-+]?\d+)?)?\.\.(-?[\d.]+(?:e[-+]?\d+)?)?$/i.exec(rest);
    const [from, to] = [ends?.[1], ends?.[2]].map((end) => (end === undefined ? null : Number(end)));
    if (!ends || Number.isNaN(from) || Number.isNaN(to) || (from === null && to === null)) continue;
    filters.set(name, { from, to });
  }
  return filters;
}

function isColour(text: string | null): text is ColourBy {
  return text === 'class' || text === 'tree' || (text?.startsWith('level.') ?? false);
}
