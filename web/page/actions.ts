/** What the user's choices lead to, wherever on the page they are made. */
import type { Flights } from '../component/flights.js';
import type { Collection } from '../data/collection.js';
import type { ColumnFilter, Filters } from '../facets/filters.js';
import { say } from '../parts/dom.js';
import type { FacetActions } from '../parts/facetList.js';
import { whole } from '../parts/numbers.js';
import type { Filtering } from './filtering.js';
import type { AddressChange } from './history.js';
import { type Mark, type Marking, markedName, markOfName, NO_MARK } from './marking.js';
import type { NeighbourSearch } from './neighbourSearch.js';
import type { PanelActions } from './panel.js';
import type { State } from './state.js';

/** What can be chosen. */
export interface Actions extends PanelActions {
  /** Looks at an image from outside. */
  searchImage(image: File): void;
  /** Marks the items of a name of the legend, or no longer. */
  toggleName(name: number): void;
  /** Marks a class and flies there. */
  enterClass(label: number): void;
  /** Marks the items for which a mask is 1, and says their number. */
  markItems(mask: Uint8Array): void;
  /** Marks items that a search has found, shows them and flies there. */
  markFound(items: readonly number[]): void;
  /** Marks nothing; where nothing is marked, filters by nothing. */
  clearMarks(): void;
  /** Filters by a column; null for no longer. */
  filter: FacetActions['filter'];
  /** Filters by nothing. */
  clearFilters(): void;
}

/** The parts of the page that actions work on. */
export interface Parts {
  readonly collection: Collection;
  readonly state: State;
  readonly marking: Marking;
  readonly flights: Flights;
  readonly search: NeighbourSearch;
  readonly filtering: Filtering;
  /** Shows the state everywhere on the page. */
  readonly show: () => void;
  readonly updateAddress: (change: AddressChange) => void;
}

/**
 * Makes the actions of a page. All but {@link Actions.explain} and {@link Actions.markItems} are steps that the
 * browser's Back button undoes.
 */
export function createActions(parts: Parts): Actions {
  const { collection, state, marking, flights, search, filtering, show, updateAddress } = parts;
  const { points, tree } = collection;
  const mark = (what: Mark) => {
    marking.mark(what);
    show();
    updateAddress('step');
  };
  const actions: Actions = {
    chooseItem(item) {
      search.ofItem(item);
      flights.to([points.x[item], points.y[item]], Math.max(state.view.scale, 1));
      updateAddress('step');
    },
    searchImage(image) {
      search.ofImage(image);
      updateAddress('step of the same address');
    },
    enterNode(node) {
      const isTop = node < 0 || (tree.parent[node] < 0 && tree.roots.length === 1);
      marking.mark({ ...NO_MARK, node: isTop ? -1 : node });
      if (isTop) flights.to([0, 0], 1);
      else flights.toItems(marking.items());
      show();
      updateAddress('step');
    },
    enterClass(label) {
      mark({ ...NO_MARK, label });
      flights.toItems(marking.items());
    },
    explain(item) {
      state.explained = item;
      show();
    },
    moreNeighbours: search.more,
    closeItem() {
      search.clear();
      show();
      updateAddress('step');
    },
    toggleName(name) {
      if (name === markedName(state)) mark(NO_MARK);
      else if (state.colour === 'tree') actions.enterNode(name);
      else mark(markOfName(state, name));
    },
    markItems(mask) {
      marking.markItems(mask);
      show();
      say(`${whole(marking.items().length)} items marked`);
    },
    markFound(items) {
      const mask = new Uint8Array(points.ids.length);
      for (const item of items) mask[item] = 1;
      search.clear();
      actions.markItems(mask);
      flights.toItems(items);
      updateAddress('step of the same address');
    },
    clearMarks() {
      if (state.marked) mark(NO_MARK);
      else actions.clearFilters();
    },
    filter(name: string, filter: ColumnFilter | null) {
      filtering.filter(name, filter);
      updateAddress('step');
    },
    clearFilters() {
      filtering.set(new Map() satisfies Filters);
      updateAddress('step');
    },
  };
  return actions;
}
