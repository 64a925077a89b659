/** The filters of the page: which items they leave, and what follows from a change of them. How they are shown is not known here. */
import { titleColumn } from '../../src/titleColumn.js';
import type { Collection, Source } from '../data/collection.js';
import type { Column } from '../data/columns.js';
import { classNameOf } from '../data/points.js';
import { type Facet, facetsOf } from '../facets/facets.js';
import { type ColumnFilter, type Filters, itemsThatPass, withFilter } from '../facets/filters.js';
import { type KnownColumns, knownColumns } from '../facets/known.js';
import type { State } from './state.js';

/** The filters. */
export interface Filtering {
  readonly columns: KnownColumns;
  facets(): Facet[];
  /** Filters by a column; null for no longer. */
  filter(name: string, filter: ColumnFilter | null): void;
  /** Takes other filters for all. */
  set(filters: Filters): void;
  /** Loads all columns, for facets and for files. */
  loadAll(): Promise<void>;
  /** The column with the titles of items; undefined where there is none, or it has not come yet. */
  titles(): Column | undefined;
  /** What an item is called: its title where it has one, else its class, else its id. */
  titleOf(item: number): string;
}

/** What is told of filters. */
export interface FilteringListener {
  /** Other items than before pass. */
  changed(): void;
  /** Columns have come, and with them titles and facets. */
  loaded(): void;
}

/** Makes the filters of a page; those that its state has are at work once their columns are there. */
export function createFiltering(
  source: Source,
  collection: Collection,
  state: State,
  { changed, loaded }: FilteringListener,
): Filtering {
  const { points, about } = collection;
  const count = points.ids.length;
  const title = titleColumn(about.columns);
  const apply = () => {
    state.among = itemsThatPass(count, columns.loaded(), state.filters);
    changed();
  };
  const columns = knownColumns(source, collection, () => {
    if (state.filters.size > 0) apply();
    loaded();
  });
  const filtering: Filtering = {
    columns,
    facets: () => facetsOf(count, columns.loaded(), state.filters),
    filter: (name, filter) => filtering.set(withFilter(state.filters, name, filter)),
    set(filters) {
      state.filters = filters;
      apply();
      void columns.load([...filters.keys()]);
    },
    loadAll: () => columns.load(about.columns),
    titles: () => columns.loaded().find(({ name }) => name === title),
    titleOf: (item) =>
      (title !== undefined && columns.value(title, item)) ||
      classNameOf(collection, item) ||
      points.ids[item],
  };
  state.among = itemsThatPass(count, columns.loaded(), state.filters);
  void columns.load([...(title === undefined ? [] : [title]), ...state.filters.keys()]);
  return filtering;
}
