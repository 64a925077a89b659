/**
 * The explorer: makes the parts of the page and ties them together. What the user's choices lead to is in actions.ts;
 * each part says in its own file what it is.
 */
import { type Actions, createActions } from './actions.js';
import type { Collection } from './collection.js';
import { listColours } from './colour.js';
import { say, the } from './dom.js';
import { listenForImages } from './dropImage.js';
import { moveItems } from './epochs.js';
import { showMarked, showTip } from './floating.js';
import { type Change, createHistory } from './history.js';
import { listenTo } from './input.js';
import { showLegend } from './legend.js';
import { createMap, type MapView } from './map.js';
import { createMarking, type Marking } from './marking.js';
import { markedName } from './marks.js';
import { createNeighbours, type Neighbours } from './neighbours.js';
import { showItem } from './panel.js';
import { createSearchBox } from './searchBox.js';
import type { Source } from './source.js';
import { type State, stateOf } from './state.js';
import { createLasso, createTools, isDark, type Lasso } from './tools.js';
import { createTravel, type Travel } from './travel.js';
import { settle } from './tree.js';
import { showTree } from './treeList.js';
import { START } from './view.js';

/** The parts of the page. */
interface Explorer {
  readonly source: Source;
  readonly collection: Collection;
  readonly state: State;
  readonly map: MapView;
  readonly marking: Marking;
  readonly travel: Travel;
  readonly neighbours: Neighbours;
  readonly lasso: Lasso;
  readonly keepAddress: (change: Change) => void;
  /** Shows a state on the tools. */
  readonly showTools: () => void;
  /** Shows the state everywhere else. */
  readonly show: () => void;
}

/** Starts the explorer on a collection that has been opened. */
export function startExplorer(source: Source, collection: Collection): void {
  const { points, tree } = collection;
  const state = stateOf(location.hash, collection);
  moveItems(points, points, state.shown, 1);
  settle(tree, points);
  const show = () => showAll(explorer, actions);
  const keepAddress = createHistory(state, collection);
  const showTools = createTools(state, collection, () => {
    marking.recolour();
    show();
    keepAddress('rest');
  });
  const map = createMap(source, collection, state);
  const marking = createMarking(collection, state, map);
  const travel = createTravel(collection, state, map, () => keepAddress('rest'));
  const neighbours = createNeighbours(source, collection, state, travel, show);
  const lasso = createLasso();
  const parts = { collection, state, marking, travel, neighbours, show, keepAddress };
  const actions = createActions(parts);
  const explorer: Explorer = { ...parts, source, map, lasso, showTools };

  listen(explorer, actions);
  addEventListener('popstate', () => restore(explorer));
  hideWhatIsMissing(source, collection);
  document.title = `${collection.about.name} · hier`;
  marking.renew();
  if (state.item >= 0) neighbours.look(state.item);
  show();
  say('');
  if (points.places === 'projection')
    say('This table has no map: places are a linear projection of its vectors. hier index --map makes one.');
}

/** Shows the state in the panel, the tree, the legend, the bar of marked items, and on the map. */
function showAll({ source, collection, state, map, marking }: Explorer, actions: Actions): void {
  const colouring = map.colouring();
  const nodeColour = listColours(collection, colouring, isDark());
  showItem(the('item'), source, collection, state, map.colourOf, actions);
  showTree(the('tree'), collection, state.node, nodeColour, actions.enter);
  showLegend(the('legend'), collection, colouring, markedName(state), actions.markName);
  showMarked(the('marked'), collection, state.lit && marking.items(), actions.unmark);
  map.redraw();
}

/** Ties what the user does to the actions. */
function listen(
  { source, collection, state, map, travel, lasso, ...parts }: Explorer,
  actions: Actions,
): void {
  listenTo(the('map'), map, state, lasso.isOn, {
    choose: actions.choose,
    moved: () => parts.keepAddress('rest'),
    stop: travel.stop,
    clear() {
      if (lasso.isOn()) lasso.set(false);
      else actions.clear();
    },
    mark(line) {
      lasso.set(false);
      actions.enclose(line);
    },
    point: (item, at) => showTip(the('tip'), source, collection, item, at, map.frame().width),
  });
  createSearchBox(the<HTMLInputElement>('search'), the('found'), collection, ({ kind, number }) => {
    if (kind === 'item') actions.choose(number);
    else if (kind === 'node') actions.enter(number);
    else actions.enterClass(number);
  });
  listenForImages(document.documentElement, the<HTMLInputElement>('file'), actions.ask, say);
  the('home').addEventListener('click', () => travel.flyTo([0, 0], START.scale));
}

/** Shows what the address says after the user has gone back or forth. What the lasso has marked stays marked. */
function restore({ collection, state, marking, travel, neighbours, showTools, show }: Explorer): void {
  travel.stop();
  const former = { ...state };
  const { shown, ...told } = stateOf(location.hash, collection);
  const { near, lit, message, image } = former;
  Object.assign(state, { ...told, near, lit, message, image });
  showTools();
  if ((['node', 'label', 'term'] as const).some((mark) => state[mark] !== former[mark])) marking.renew();
  else marking.recolour();
  travel.goTo(shown);
  if (state.item < 0) neighbours.forget();
  else if (state.item !== former.item) neighbours.look(state.item);
  show();
}

/** Takes away the tools that a source or a collection has no use for. */
function hideWhatIsMissing(source: Source, { tree, about }: Collection): void {
  for (const control of document.querySelectorAll<HTMLElement>('[data-needs-tree]'))
    control.hidden = !tree.isGiven;
  the('choose').hidden = !source.searchImage || !about.searchesImages;
}
