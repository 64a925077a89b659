/** The explorer: holds the state, and lets every part know when it has changed. */
import { createMover } from './animate.js';
import { type Collection, isPlaced } from './collection.js';
import { colouringOf, css, nodeColours } from './colour.js';
import { the, whole } from './dom.js';
import { listenForImages } from './dropImage.js';
import { moveItems, stateName } from './epochs.js';
import { showMarked, showTip } from './floating.js';
import { itemsWithin } from './hit.js';
import { listenTo } from './input.js';
import { showLegend } from './legend.js';
import { centreOfItems, createMap } from './map.js';
import { litOf, markedName, markingOf, NOTHING } from './marks.js';
import { apply, invert, type Point, translation } from './moebius.js';
import { nameOf, type PanelActions, showItem } from './panel.js';
import { createSearchBox } from './searchBox.js';
import type { Source } from './source.js';
import { addressOf, stateOf } from './state.js';
import { createTimeline } from './timeline.js';
import { createTools, isDark } from './tools.js';
import { settle } from './tree.js';
import { showTree } from './treeList.js';
import { fittingScale, flight, START } from './view.js';

/** Neighbours that are shown. */
const NEIGHBOURS = 12;

/** Starts the explorer on a collection that has been opened. */
export function startExplorer(source: Source, collection: Collection): void {
  const { points, tree } = collection;
  const state = stateOf(location.hash, collection);
  moveItems(points, points, state.shown, 1);
  settle(tree, points);
  const sync = createTools(state, collection, () => {
    if (isTermLit && state.term < 0) markChosen();
    else map.recolour();
    show();
    keepAddress(false);
  });
  const map = createMap(source, collection, state);
  const [panel, treeBox] = [the('item'), the('tree')];
  let message: string | null = null;
  let isLasso = false;
  let isTermLit = false;
  const [views, states] = [createMover(), createMover()];
  let asked = 0;
  let addressTimer: ReturnType<typeof setTimeout> | undefined;

  const say = (text: string) => {
    the('status').textContent = text;
  };
  const keepAddress = (isStep: boolean) => {
    clearTimeout(addressTimer);
    const keep = () => {
      const hash = addressOf(state, collection);
      if (`#${hash}` === (location.hash || '#')) return;
      if (isStep) history.pushState(null, '', `#${hash}`);
      else history.replaceState(null, '', `#${hash}`);
    };
    if (isStep) keep();
    else addressTimer = setTimeout(keep, 300);
  };
  const flyTo = (point: Point, scale: number) => {
    if (!point.every(Number.isFinite)) return;
    const way = flight(state.view, point, scale);
    views.move((time) => {
      state.view = way(time);
      map.redraw();
      if (time === 1) keepAddress(false);
    });
  };
  const goToState = (shown: number) => {
    showState(shown);
    if (shown === state.shown) return;
    const from = { x: points.x.slice(), y: points.y.slice() };
    state.shown = shown;
    say(stateName(points, shown));
    states.move((time) => {
      moveItems(points, from, shown, time);
      map.moved();
      if (time === 1) keepAddress(false);
    });
  };
  const showState = createTimeline(collection, goToState);
  const frameItems = (items: number[]) => {
    if (items.length === 0) return;
    const centre = centreOfItems(collection, items);
    const home = invert(translation(centre));
    const norms = items
      .filter((i) => isPlaced(points, i))
      .map((i) => Math.hypot(...apply(home, [points.x[i], points.y[i]])));
    flyTo(centre, fittingScale(norms));
  };

  const actions: PanelActions = {
    choose(item) {
      look(item);
      flyTo([points.x[item], points.y[item]], Math.max(state.view.scale, 1));
      keepAddress(true);
    },
    enter(node) {
      const isTop = node < 0 || (tree.parent[node] < 0 && tree.roots.length === 1);
      Object.assign(state, { ...NOTHING, node: isTop ? -1 : node });
      markChosen();
      if (isTop) flyTo([0, 0], 1);
      else frameItems(marked());
      show();
      keepAddress(true);
    },
    why(item) {
      state.why = item;
      show();
    },
    clear() {
      asked++;
      if (state.image) URL.revokeObjectURL(state.image.url);
      Object.assign(state, { item: -1, image: null, near: [], why: -1 });
      message = null;
      show();
      keepAddress(true);
    },
  };

  const look = (item: number) => {
    if (state.image) URL.revokeObjectURL(state.image.url);
    Object.assign(state, { item, image: null, near: [], why: -1 });
    const name = nameOf(collection, item);
    const where = isPlaced(points, item) ? '' : ', not known at this epoch';
    say(`${points.ids[item]}${name === '' ? '' : `, ${name}`}${where}`);
    find(source.neighbours(item, NEIGHBOURS));
  };
  const find = (answer: ReturnType<Source['neighbours']>) => {
    const mine = ++asked;
    message = 'Searching …';
    show();
    answer.then(
      (near) => {
        if (mine !== asked) return;
        state.near = near;
        message = near.length === 0 ? 'It has no neighbours.' : null;
        if (state.image && near.length > 0)
          flyTo(
            centreOfItems(
              collection,
              near.slice(0, 5).map(({ item }) => item),
            ),
            Math.max(1.5, state.view.scale),
          );
        show();
      },
      (error: Error) => {
        if (mine !== asked) return;
        message = error.message;
        say(message);
        show();
      },
    );
  };
  const askImage = (image: File) => {
    if (!source.searchImage) return say('This page has no server behind it, so it cannot search for images.');
    if (!collection.about.searchesImages)
      return say('The vectors of this collection came from a file: it cannot be searched by image.');
    if (state.image) URL.revokeObjectURL(state.image.url);
    const shown = { url: URL.createObjectURL(image), name: image.name };
    Object.assign(state, { item: -1, image: shown, near: [], why: -1 });
    find(source.searchImage(image, NEIGHBOURS));
  };

  const marked = () => [...(state.lit ?? [])].flatMap((is, i) => (is ? [i] : []));
  const markChosen = () => {
    state.lit = litOf(collection, state);
    isTermLit = state.term >= 0;
    map.recolour();
  };
  const mark = (what: typeof NOTHING) => {
    Object.assign(state, what);
    markChosen();
    show();
    keepAddress(true);
  };
  /** Marks what a name of the legend stands for, or no longer. */
  const markName = (name: number) => {
    if (name === markedName(state)) mark(NOTHING);
    else if (state.colour === 'tree') actions.enter(name);
    else mark(markingOf(state, name));
  };

  /** Colours of the tree's list: those of the map where it shows the same things. */
  const nodeColour = (): ((node: number) => string) => {
    const { by, colours } = map.colouring();
    if (tree.isGiven) {
      const nodes = by === 'tree' ? colours : nodeColours(tree, isDark());
      return (node) => css(nodes[node]);
    }
    const classes = by === 'class' ? colours : colouringOf(collection, 'class', isDark()).colours;
    return (node) => (node > 0 ? css(classes[node - 1]) : '');
  };

  function show() {
    const colouring = map.colouring();
    showItem(panel, source, collection, state, map.colourOf, message, actions);
    showTree(treeBox, collection, state.node, nodeColour(), actions.enter);
    showLegend(the('legend'), collection, colouring, markedName(state), markName);
    showMarked(the('marked'), collection, state.lit && marked(), () => mark(NOTHING));
    map.redraw();
  }
  const setLasso = (is: boolean) => {
    isLasso = is;
    the('lasso').setAttribute('aria-pressed', String(is));
    the('map').classList.toggle('drawing', is);
    say(is ? 'Draw a line around items.' : '');
  };

  listenTo(the('map'), map, state, () => isLasso, {
    choose: actions.choose,
    moved: () => keepAddress(false),
    stop: views.stop,
    clear() {
      if (isLasso) setLasso(false);
      else actions.clear();
    },
    mark(line) {
      Object.assign(state, { ...NOTHING, lit: itemsWithin(map.places(), line) });
      isTermLit = false;
      setLasso(false);
      map.recolour();
      show();
      say(`${whole(marked().length)} items marked`);
    },
    point: (item, at) => showTip(the('tip'), source, collection, item, at, map.frame().width),
  });
  createSearchBox(the<HTMLInputElement>('search'), the('found'), collection, ({ kind, number }) => {
    if (kind === 'item') actions.choose(number);
    else if (kind === 'node') actions.enter(number);
    else {
      mark({ ...NOTHING, label: number });
      frameItems(marked());
    }
  });
  listenForImages(document.documentElement, the<HTMLInputElement>('file'), askImage, say);

  the('lasso').addEventListener('click', () => setLasso(!isLasso));
  the('home').addEventListener('click', () => {
    flyTo([0, 0], START.scale);
  });
  const restore = () => {
    const former = state.item;
    const { shown, ...told } = stateOf(location.hash, collection);
    Object.assign(state, { ...told, near: state.near, lit: state.lit });
    sync();
    markChosen();
    goToState(shown);
    if (state.item < 0) Object.assign(state, { near: [] });
    else if (state.item !== former) look(state.item);
    message = state.item < 0 ? null : message;
    show();
  };
  addEventListener('popstate', restore);
  for (const control of document.querySelectorAll('[data-needs-tree]'))
    (control as HTMLElement).hidden = !tree.isGiven;
  the('choose').hidden = !source.searchImage || !collection.about.searchesImages;
  document.title = `${collection.about.name} · hier`;
  markChosen();
  showState(state.shown);
  if (state.item >= 0) look(state.item);
  show();
  say('');
  if (points.places === 'projection')
    say('This table has no map: places are a linear projection of its vectors. hier index --map makes one.');
}
