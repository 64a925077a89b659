/** The explorer: holds the state, and lets every part know when it has changed. */
import type { Collection } from './collection.js';
import { the, whole } from './dom.js';
import { listenForImages } from './dropImage.js';
import { showMarked, showTip } from './floating.js';
import { itemsWithin } from './hit.js';
import { listenTo } from './input.js';
import { centreOfItems, createMap, listColours } from './map.js';
import { apply, invert, type Point, translation } from './moebius.js';
import { nameOf, type PanelActions, showItem } from './panel.js';
import { createSearchBox } from './searchBox.js';
import type { Source } from './source.js';
import { addressOf, stateOf } from './state.js';
import { createTools, isDark } from './tools.js';
import { below } from './tree.js';
import { showTree } from './treeList.js';
import { fittingScale, flight, START } from './view.js';

/** Neighbours that are shown. */
const NEIGHBOURS = 12;
const FLIGHT = 450;

/** Starts the explorer on a collection that has been opened. */
export function startExplorer(source: Source, collection: Collection): void {
  const { points, tree } = collection;
  const state = stateOf(location.hash, collection);
  const sync = createTools(state, () => {
    map.recolour();
    show();
    keepAddress(false);
  });
  const map = createMap(source, collection, state);
  const [panel, treeBox] = [the('item'), the('tree')];
  let message: string | null = null;
  let isLasso = false;
  let flying = 0;
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
  const stop = () => cancelAnimationFrame(flying);
  const flyTo = (point: Point, scale: number) => {
    stop();
    const way = flight(state.view, point, scale);
    const isQuiet = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const start = performance.now();
    const step = () => {
      const time = isQuiet ? 1 : Math.min(1, (performance.now() - start) / FLIGHT);
      state.view = way(time);
      map.redraw();
      if (time < 1) flying = requestAnimationFrame(step);
      else keepAddress(false);
    };
    step();
  };
  const frameItems = (items: number[]) => {
    if (items.length === 0) return;
    const centre = centreOfItems(collection, items);
    const home = invert(translation(centre));
    const norms = items.map((i) => Math.hypot(...apply(home, [points.x[i], points.y[i]])));
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
      [state.node, state.label] = [isTop ? -1 : node, -1];
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
    say(`${points.ids[item]}${name === '' ? '' : `, ${name}`}`);
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
    if (state.node >= 0) {
      const inside = below(tree, state.node);
      state.lit = Uint8Array.from(tree.nodeOf, (node) => (node >= 0 ? inside[node] : 0));
    } else if (state.label >= 0)
      state.lit = Uint8Array.from(points.label, (label) => Number(label === state.label));
    else state.lit = null;
    map.recolour();
  };
  const clearMarked = () => {
    Object.assign(state, { node: -1, label: -1 });
    markChosen();
    show();
    keepAddress(true);
  };

  function show() {
    const colours = listColours(collection, isDark());
    showItem(panel, source, collection, state, map.colourOf, message, actions);
    showTree(
      treeBox,
      collection,
      state.node,
      tree.isGiven ? colours.node : (i) => (i > 0 ? colours.label(i - 1) : ''),
      actions.enter,
    );
    showMarked(the('marked'), collection, state.lit && marked(), clearMarked);
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
    stop,
    clear() {
      if (isLasso) setLasso(false);
      else actions.clear();
    },
    mark(line) {
      Object.assign(state, { node: -1, label: -1, lit: itemsWithin(map.places(), line) });
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
      [state.label, state.node] = [number, -1];
      markChosen();
      frameItems(marked());
      show();
      keepAddress(true);
    }
  });
  listenForImages(document.documentElement, the<HTMLInputElement>('file'), askImage, say);

  the('lasso').addEventListener('click', () => setLasso(!isLasso));
  the('home').addEventListener('click', () => {
    flyTo([0, 0], START.scale);
  });
  const restore = () => {
    const isOther = state.item;
    Object.assign(state, { ...stateOf(location.hash, collection), near: state.near, lit: state.lit });
    sync();
    markChosen();
    if (state.item < 0) Object.assign(state, { near: [] });
    else if (state.item !== isOther) look(state.item);
    message = state.item < 0 ? null : message;
    show();
  };
  addEventListener('popstate', restore);
  for (const control of document.querySelectorAll('[data-needs-tree]'))
    (control as HTMLElement).hidden = !tree.isGiven;
  the('choose').hidden = !source.searchImage || !collection.about.searchesImages;
  document.title = `${collection.about.name} · hier`;
  markChosen();
  if (state.item >= 0) look(state.item);
  show();
  say('');
  if (points.places !== 'table') say('This table has no map: places are a linear projection of its vectors.');
}
