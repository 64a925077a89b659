/**
 * The explorer: makes the parts of the page and ties them together. What the user's choices lead to is in the actions;
 * each part says in its own file what it is.
 */
import { KEYS } from '../component/elements.js';
import { type MountedMap, type MountListener, mountMap } from '../component/mount.js';
import type { Collection, Source } from '../data/collection.js';
import { createFacts } from '../data/facts.js';
import { moveItems } from '../data/snapshots.js';
import { placeNodes } from '../data/tree.js';
import { csvOf } from '../facets/csv.js';
import { nodeListColours } from '../map/colouring.js';
import { itemsWithin } from '../map/hit.js';
import { HOME } from '../map/view.js';
import { say, the } from '../parts/dom.js';
import { showFacets } from '../parts/facetList.js';
import { type Actions, createActions, type Parts } from './actions.js';
import { type Beside, type Opened, showBeside } from './beside.js';
import { createFiltering } from './filtering.js';
import { createHistory } from './history.js';
import { listenForImages } from './imageInput.js';
import { createLasso } from './lasso.js';
import { showLegend } from './legend.js';
import { showMarkedBar } from './markedBar.js';
import { createMarking, itemsOf, markedName } from './marking.js';
import { createMotion, type Motion } from './motion.js';
import { createNeighbourSearch } from './neighbourSearch.js';
import { type PanelContent, showItem } from './panel.js';
import { createSearchBox } from './searchBox.js';
import { type State, stateOf } from './state.js';
import { isDark } from './theme.js';
import { createToolbar } from './toolbar.js';
import { showTreeList } from './treeList.js';

/** The parts of the page. */
interface Explorer extends Parts {
  readonly source: Source;
  readonly map: MountedMap;
  readonly motion: Motion;
  /** The map beside; null for none. */
  readonly beside: Beside | null;
  readonly factsOf: PanelContent['factsOf'];
  /** Shows the state on the tools; {@link Parts.show} does so everywhere else. */
  readonly showTools: () => void;
}

const NO_MAP =
  'This table has no map, so places are a linear projection of its vectors. To make a map, run hier index --map.';

/** Starts the explorer on a collection that has been opened, and where there is one on another beside it. */
export function startExplorer(first: Opened, second: Opened | null = null): void {
  const { source, collection } = first;
  const { points, tree } = collection;
  const state = stateOf(location.hash, collection);
  const show = () => showAll(explorer, actions);
  const filtering = createFiltering(source, collection, state, {
    changed() {
      motion.showAmong();
      search.again();
      show();
    },
    loaded: show,
  });
  moveItems(points, points, state.snapshot, 1, state.among);
  placeNodes(tree, points);
  const updateAddress = createHistory(state, collection);
  const showTools = createToolbar(state, collection, () => {
    marking.recolour();
    show();
    updateAddress('in place');
  });
  const arrived = () => updateAddress('in place');
  const map = mapOnPage(source, collection, state, filtering.titleOf, {
    chooseItem: (item) => actions.chooseItem(item),
    viewMoved: arrived,
    escape() {
      if (map.isLasso()) setLasso(false);
      else if (beside) beside.close();
      else actions.closeItem();
    },
    markEnclosed(line) {
      setLasso(false);
      actions.markItems(itemsWithin(map.screenPlaces(), line));
    },
    hover: (item) => beside?.pointAt(item),
  });
  const { flights } = map;
  const marking = createMarking(collection, state, map);
  const motion = createMotion(collection, state, map, { arrived, shownChanged: show });
  const search = createNeighbourSearch(source, collection, state, flights, show);
  const setLasso = createLasso({
    isLasso: map.isLasso,
    setLasso(isOn) {
      map.setLasso(isOn);
      beside?.map.setLasso(isOn);
    },
  });
  const parts: Parts = { collection, state, marking, flights, search, filtering, show, updateAddress };
  const actions = createActions(parts);
  const factsOf = createFacts(source, show);
  const pointAt = (item: number) => {
    state.hovered = item;
    map.redraw();
  };
  const { titleOf } = filtering;
  const { colouring } = map;
  const beside = second && showBeside({ first, second, state, actions, colouring, titleOf, pointAt });
  const explorer: Explorer = { ...parts, source, map, motion, beside, factsOf, showTools };

  listen(explorer, actions);
  addEventListener('popstate', () => restore(explorer));
  hideUselessTools(source, collection);
  the('title').textContent = collection.about.name;
  document.title = `${collection.about.name} · hier`;
  marking.update();
  if (state.item >= 0) search.ofItem(state.item);
  show();
  say(points.places === 'projection' && collection.about.problems.length === 0 ? NO_MAP : '');
}

const MORE_KEYS =
  'Slash goes to the search box, and where there are epochs, comma and full stop go through them.';

/** The map on the page. `?draw=webgl` and `?draw=software` choose how points are drawn, for tests and for machines that report wrongly what they have. */
function mapOnPage(
  source: Source,
  collection: Collection,
  state: State,
  titleOf: (item: number) => string,
  listener: MountListener,
): MountedMap {
  const draw = new URLSearchParams(location.search).get('draw');
  const map = mountMap(the('stage'), {
    source,
    collection,
    state,
    label: 'Map of the collection',
    keys: `${KEYS} ${MORE_KEYS}`,
    covers: [the('legend'), the('epochs'), the('marked'), the('which')],
    method: draw === 'webgl' || draw === 'software' ? draw : undefined,
    isDark,
    titleOf,
    listener,
  });
  map.root.id = 'map';
  return map;
}

/** Shows the state in the panel, the tree, the legend and the bar of marked items, and on the map. */
function showAll(explorer: Explorer, actions: Actions): void {
  const { source, collection, state, map, marking, filtering, factsOf } = explorer;
  const colouring = map.colouring();
  const nodeColour = nodeListColours(collection, colouring, isDark());
  const left = state.among && itemsOf(state.among);
  const chosen = state.marked ? marking.items() : left;
  const { colourOf } = map;
  const { titleOf } = filtering;
  showItem(the('item'), { source, collection, state, chosen, colourOf, titleOf, factsOf }, actions);
  showTreeList(the('tree'), collection, state.node, nodeColour, actions.enterNode);
  showLegend(the('legend'), collection, colouring, markedName(state), actions.toggleName);
  showMarkedBar(
    the('marked'),
    collection,
    { items: chosen, isFiltered: state.marked === null },
    {
      clear: actions.clearMarks,
      async csv(items) {
        await filtering.loadAll();
        return csvOf(collection, filtering.columns, items);
      },
    },
  );
  explorer.beside?.update();
  showFilters(explorer, actions, left?.length ?? collection.points.ids.length);
  map.redraw();
}

/** Shows the facets where they are open, and on their button whether there are filters. */
function showFilters({ collection, state, filtering }: Explorer, actions: Actions, shown: number): void {
  const [box, button] = [the('facets'), the('filter')];
  const { size } = state.filters;
  button.textContent = size > 0 ? `Filter (${size})` : 'Filter';
  button.setAttribute('aria-expanded', String(!box.hidden));
  if (box.hidden) return;
  const close = () => {
    box.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    button.focus();
  };
  const content = {
    facets: filtering.facets(),
    filters: state.filters,
    shown,
    all: collection.points.ids.length,
  };
  showFacets(box, content, { filter: actions.filter, clear: actions.clearFilters, close });
}

/** Ties what the user does to the actions. */
function listen(explorer: Explorer, actions: Actions): void {
  const { source, collection, flights, beside, filtering } = explorer;
  createSearchBox(
    { input: the<HTMLInputElement>('search'), list: the('found'), told: the('foundTold') },
    { source, collection, titles: filtering.titles },
    ({ kind, index, items }) => {
      if (items) actions.markFound(items);
      else if (kind === 'item') actions.chooseItem(index);
      else if (kind === 'node') actions.enterNode(index);
      else actions.enterClass(index);
    },
  );
  listenForImages(document.documentElement, the<HTMLInputElement>('file'), actions.searchImage, say);
  the('filter').addEventListener('click', () => {
    the('facets').hidden = !the('facets').hidden;
    if (!the('facets').hidden) void explorer.filtering.loadAll();
    explorer.show();
    the('facets').querySelector('h2')?.focus();
  });
  the('facets').addEventListener('keydown', ({ key }) => {
    if (key === 'Escape') the('facets').querySelector<HTMLElement>('.plain')?.click();
  });
  the('home').addEventListener('click', () => {
    for (const one of [flights, beside?.map.flights]) one?.to([0, 0], HOME.scale);
  });
}

/** Shows what the address tells after the user has gone back or forward. What the lasso has marked stays marked. */
function restore(explorer: Explorer): void {
  const { collection, state, marking, flights, motion, search, filtering, showTools, show } = explorer;
  flights.stop();
  const former = { ...state };
  const { snapshot, ...told } = stateOf(location.hash, collection);
  const { neighbours, marked, message, image, hasMore, among } = former;
  Object.assign(state, { ...told, neighbours, marked, message, image, hasMore, among });
  if (filtersText(told.filters) !== filtersText(former.filters)) filtering.set(told.filters);
  showTools();
  if ((['node', 'label', 'term'] as const).some((mark) => state[mark] !== former[mark])) marking.update();
  else marking.recolour();
  motion.showSnapshot(snapshot);
  if (state.item < 0) search.clear();
  else if (state.item !== former.item) search.ofItem(state.item);
  show();
}

const filtersText = (filters: State['filters']) =>
  JSON.stringify([...filters].map(([name, one]) => [name, 'values' in one ? [...one.values] : one]));

/** Hides the tools for which the source or the collection has no use. */
function hideUselessTools(source: Source, { tree, about }: Collection): void {
  for (const control of document.querySelectorAll<HTMLElement>('[data-needs-tree]'))
    control.hidden = !tree.isGiven;
  the('choose').hidden = !source.searchImage || !about.searchesImages;
}
