/** The map: three layers on top of one another, drawn when something has changed. Knows no input. */
import { type Collection, classCentres } from './collection.js';
import { type Colouring, colouringOf, css, itemColours } from './colour.js';
import { h, the } from './dom.js';
import { flatLayer } from './flat.js';
import { fit, hasGraphicsCard, webglLayer } from './gl.js';
import { screenPlaces, spread } from './hit.js';
import { drawDisk, drawTree } from './lines.js';
import { centreOf, type Point } from './moebius.js';
import { type Covered, drawOver, type Inks, namesThatFit } from './overlay.js';
import { pictureCache } from './pictures.js';
import type { Source } from './source.js';
import type { State } from './state.js';
import { isDark } from './tools.js';
import { lineage, pathBetween, settle } from './tree.js';
import type { Frame } from './view.js';

/** After so long without movement, thumbnails and names are chosen anew, ms. */
const REST = 140;

/** The map of a collection. */
export interface MapView {
  frame(): Frame;
  /** Screen places of all items in the present view. */
  places(): Float32Array;
  /** Draws at the next occasion. */
  redraw(): void;
  /** Colours or marks have changed. */
  recolour(): void;
  /** The items have moved. */
  moved(): void;
  /** What the items are coloured by. */
  colouring(): Colouring;
  lasso: readonly Point[];
  /** Colour of an item as CSS. */
  colourOf(item: number): string;
}

/** Makes the map on the page's canvases. */
export function createMap(source: Source, collection: Collection, state: State): MapView {
  const { points, tree } = collection;
  const box = the('map');
  const [under, middle, over] = ['under', 'points', 'over'].map((id) => the<HTMLCanvasElement>(id));
  // `?draw=webgl` and `?draw=software` choose, for tests and for machines that say wrongly what they have.
  const wanted = new URLSearchParams(location.search).get('draw');
  const isCard = wanted === 'webgl' || (wanted !== 'software' && hasGraphicsCard());
  const layer = isCard ? webglLayer(middle, points, () => redraw()) : flatLayer(middle, points);
  const cache = pictureCache(source, () => redraw());
  const centresNow = () =>
    classCentres(points)
      .map(({ centre, count }, label) => ({ text: points.labels[label], place: centre, count, label }))
      .filter(({ count }) => count > 0)
      .sort((a, b) => b.count - a.count);
  let centres: ReturnType<typeof centresNow> | null = null;
  const named = () => {
    centres ??= centresNow();
    return state.label < 0 ? centres : centres.filter(({ label }) => label === state.label);
  };
  const places = new Float32Array(2 * points.ids.length);
  let frame: Frame = { width: box.clientWidth, height: box.clientHeight };
  let inks = inksOf();
  let colouring = colouringOf(collection, state.colour, isDark());
  let colours: Uint8Array = new Uint8Array();
  let chosen: { pictures: number[]; names: { text: string; place: Point }[] } = { pictures: [], names: [] };
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isPending = false;

  /** The item looked at and its neighbours. */
  const lookedAt = () => [...(state.item < 0 ? [] : [state.item]), ...state.near.map(({ item }) => item)];
  /** Where the legend and the slider lie on the map. */
  const coveredParts = (): Covered[] => {
    const { left, top } = box.getBoundingClientRect();
    return ['legend', 'epochs'].map((id) => {
      const part = the(id).getBoundingClientRect();
      return {
        left: part.left - left,
        top: part.top - top,
        right: part.right - left,
        bottom: part.bottom - top,
      };
    });
  };
  const choose = () => {
    screenPlaces(points, state.view, frame, places);
    const isSmall = frame.width < 500;
    const pictures = collection.about.hasThumbnails
      ? spread(places, frame, 62, isSmall ? 12 : 26, state.lit, lookedAt())
      : [];
    const seen = [...pictures, ...lookedAt().slice(0, 1)].map(
      (i): Point => [places[2 * i], places[2 * i + 1]],
    );
    const names = namesThatFit(named(), state.view, frame, isSmall ? 8 : 18, seen, coveredParts());
    chosen = { pictures, names };
    draw();
  };
  const draw = () => {
    isPending = false;
    if (frame.width === 0 || frame.height === 0) return;
    const [below, above] = [under, over].map((canvas) => {
      const ratio = fit(canvas, frame, isCard ? 2 : 1.5);
      const context = canvas.getContext('2d', { willReadFrequently: !isCard })!;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, frame.width, frame.height);
      return context;
    });
    drawDisk(below, state.view, frame, inks.disk, inks.edge);
    if (state.lines && tree.isGiven) drawTree(below, tree, state.view, frame, inks.line);
    layer.draw(state.view, frame);
    drawOver(above, collection, {
      view: state.view,
      frame,
      inks,
      ...chosen,
      item: state.item,
      near: state.near.map(({ item }) => item),
      ways: waysOf(collection, state),
      lasso: map.lasso,
      picture: cache.get,
      colour: map.colourOf,
    });
  };
  const redraw = () => {
    if (!isPending) {
      isPending = true;
      requestAnimationFrame(draw);
    }
    clearTimeout(timer);
    timer = setTimeout(choose, REST);
  };
  const recolour = () => {
    inks = inksOf();
    colouring = colouringOf(collection, state.colour, isDark());
    colours = itemColours(colouring, isDark(), state.lit);
    layer.setColours(colours);
    redraw();
  };
  new ResizeObserver(() => {
    frame = { width: box.clientWidth, height: box.clientHeight };
    redraw();
  }).observe(box);
  const map: MapView = {
    frame: () => frame,
    places: () => screenPlaces(points, state.view, frame, places),
    redraw,
    recolour,
    moved() {
      centres = null;
      settle(tree, points);
      layer.setPlaces();
      redraw();
    },
    colouring: () => colouring,
    lasso: [],
    colourOf: (item) => css([colours[4 * item], colours[4 * item + 1], colours[4 * item + 2]]),
  };
  recolour();
  return map;
}

/** The ways that are shown: from the item up to the root, or over the common ancestor to a neighbour. */
function waysOf({ points, tree }: Collection, { item, why, image, near }: State): Point[][] {
  if (!tree.isGiven) return [];
  const place = (i: number): Point => [points.x[i], points.y[i]];
  const start = item >= 0 ? item : image ? (near[0]?.item ?? -1) : -1;
  if (start < 0) return [];
  if (why < 0) return [[place(start), ...lineage(tree, tree.nodeOf[start]).map((node) => tree.places[node])]];
  const way = pathBetween(tree, tree.nodeOf[start], tree.nodeOf[why]);
  if (!way) return [];
  const nodes = [...way.up, way.top, ...way.down].map((node) => tree.places[node]);
  return [[place(start), ...nodes, place(why)]];
}

/** Centre of items on the map. */
export function centreOfItems({ points }: Collection, items: Iterable<number>): Point {
  return centreOf([...items].map((i) => [points.x[i], points.y[i], 1] as const));
}

/** The page's colours, from its style sheet. */
function inksOf(): Inks & { disk: string; edge: string; line: string } {
  // The values of custom properties are texts such as light-dark(…); a colour in use is worked out by the browser.
  const probe = h('span', { hidden: true });
  document.body.append(probe);
  const ink = (name: string) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const inks = {
    text: ink('text'),
    paper: ink('disk'),
    accent: ink('accent'),
    way: ink('way'),
    disk: ink('disk'),
    edge: ink('edge'),
    line: ink('line'),
  };
  probe.remove();
  return inks;
}
