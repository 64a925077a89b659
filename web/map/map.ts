/** The map: three layers on top of one another, drawn when something has changed. It listens to no input. */
import { type Centre, classCentres } from '../data/centres.js';
import type { Collection } from '../data/collection.js';
import type { Source } from '../data/source.js';
import { placeNodes } from '../data/tree.js';
import type { Point } from '../disk/moebius.js';
import { css } from './colour.js';
import { type Colouring, colouringOf, itemColours } from './colouring.js';
import { createFrames, type Movement } from './frames.js';
import { screenPlaces } from './hit.js';
import { type CoveredArea, type Label, labelsThatFit } from './labels.js';
import type { MapState } from './mapState.js';
import { drawOverlay } from './overlay.js';
import { paletteOfPage } from './palette.js';
import { spreadItems } from './pictureLayout.js';
import { createPictureCache } from './pictures.js';
import { fitCanvas } from './pointLayer.js';
import { softwareLayer } from './softwareLayer.js';
import { treePath } from './treePath.js';
import { drawDisk, drawTree } from './underlay.js';
import type { Viewport } from './view.js';
import { hasGraphicsCard, webglLayer } from './webglLayer.js';

/** A map narrower than this has fewer thumbnails and names, px. */
const NARROW = 500;
/** Distance of thumbnails on screen, px. */
const PICTURE_CELL = 62;

/** The map of a collection. */
export interface DiskMap {
  /** Its size on screen. */
  viewport(): Viewport;
  /** Screen places of all items in the present view, `[N, 2]`. */
  screenPlaces(): Float32Array;
  /** Draws in the next frame. */
  redraw(): void;
  /** A movement begins or ends: while one is under way the map is busy, which `aria-busy` says. */
  setMoving(movement: Movement, isMoving: boolean): void;
  /** Colours or marks have changed. */
  recolour(): void;
  /** The items have moved. */
  itemsMoved(): void;
  /** The colouring of the items. */
  colouring(): Colouring;
  /** The line that is being drawn with the lasso, on screen. */
  lasso: readonly Point[];
  /** Colour of an item as CSS. */
  colourOf(item: number): string;
}

/** Options of {@link createMap}. */
export interface MapOptions {
  readonly source: Source;
  readonly collection: Collection;
  /** Read whenever the map is drawn. */
  readonly state: MapState;
  /** The element that the map fills. */
  readonly box: HTMLElement;
  /** Canvases in it, from the lowest to the highest: disk and tree, points, everything else. */
  readonly canvases: readonly [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement];
  /** Elements that lie over the map: no names are written under them. */
  readonly covers: readonly HTMLElement[];
  /** How points are drawn; default by what the machine has. */
  readonly method?: 'webgl' | 'software' | undefined;
  /** Whether the page is dark at the moment. */
  isDark(): boolean;
}

/** Makes the map. */
export function createMap(options: MapOptions): DiskMap {
  const { source, collection, state, box, covers, method, isDark } = options;
  const { points, tree } = collection;
  const [underCanvas, pointCanvas, overCanvas] = options.canvases;
  const isWebgl = method === 'webgl' || (method !== 'software' && hasGraphicsCard());
  const layer = isWebgl
    ? webglLayer(pointCanvas, points, () => redraw())
    : softwareLayer(pointCanvas, points);
  const pictures = createPictureCache(source, () => redraw());
  const places = new Float32Array(2 * points.ids.length);
  const viewportNow = (): Viewport => ({ width: box.clientWidth, height: box.clientHeight });
  let viewport = viewportNow();
  let palette = paletteOfPage();
  let colouring = colouringOf(collection, state.colour, isDark());
  let colours: Uint8Array = new Uint8Array();
  let centres: readonly Centre[] | null = null; // made when names are chosen, not in every frame
  let chosen: { pictures: readonly number[]; labels: readonly Label[] } = { pictures: [], labels: [] };

  /** Chooses thumbnails and names for the present view. */
  const choose = () => {
    screenPlaces(points, state.view, viewport, places);
    const isNarrow = viewport.width < NARROW;
    const lookedAt = [...(state.item < 0 ? [] : [state.item]), ...state.neighbours.map(({ item }) => item)];
    const shown = collection.about.hasThumbnails
      ? spreadItems(places, viewport, PICTURE_CELL, isNarrow ? 12 : 26, state.marked, lookedAt)
      : [];
    const taken = [...shown, ...lookedAt.slice(0, 1)].map((i): Point => [places[2 * i], places[2 * i + 1]]);
    centres ??= classCentres(points);
    const names = labelsOf(collection, centres, state.label);
    const max = isNarrow ? 8 : 18;
    const covered = coveredAreas(box, covers);
    chosen = { pictures: shown, labels: labelsThatFit(names, state.view, viewport, max, taken, covered) };
  };
  const draw = () => {
    if (viewport.width === 0 || viewport.height === 0) return;
    const [under, over] = [underCanvas, overCanvas].map((canvas) => {
      const ratio = fitCanvas(canvas, viewport, isWebgl ? 2 : 1.5);
      const context = canvas.getContext('2d', { willReadFrequently: !isWebgl })!;
      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      context.clearRect(0, 0, viewport.width, viewport.height);
      return context;
    });
    drawDisk(under, state.view, viewport, palette.disk, palette.edge);
    if (state.lines && tree.isGiven) drawTree(under, tree, state.view, viewport, palette.line);
    layer.draw(state.view, viewport);
    drawOverlay(over, points, {
      view: state.view,
      viewport,
      palette,
      ...chosen,
      item: state.item,
      neighbours: state.neighbours.map(({ item }) => item),
      path: treePath(collection, state),
      lasso: map.lasso,
      picture: pictures.get,
      colourOf: map.colourOf,
    });
  };
  const { request: redraw, setMoving } = createFrames({
    nextFrame: requestAnimationFrame,
    draw,
    rest: choose,
    busy: (isBusy) => box.setAttribute('aria-busy', String(isBusy)),
  });
  const recolour = () => {
    palette = paletteOfPage();
    colouring = colouringOf(collection, state.colour, isDark());
    colours = itemColours(colouring, isDark(), state.marked);
    layer.setColours(colours);
    redraw();
  };
  new ResizeObserver(() => {
    viewport = viewportNow();
    redraw();
  }).observe(box);
  const map: DiskMap = {
    viewport: () => viewport,
    screenPlaces: () => screenPlaces(points, state.view, viewport, places),
    redraw,
    setMoving,
    recolour,
    itemsMoved() {
      centres = null;
      placeNodes(tree, points);
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

/** Names of the classes that have items on the map, the largest first; only one where a class is looked at. */
function labelsOf({ points }: Collection, centres: readonly Centre[], only: number): Label[] {
  return centres
    .map(({ centre, count }, label) => ({ text: points.labels[label], place: centre, count, label }))
    .filter(({ count, label }) => count > 0 && (only < 0 || label === only))
    .sort((a, b) => b.count - a.count);
}

/** Where elements lie on the map. */
function coveredAreas(box: HTMLElement, covers: readonly HTMLElement[]): CoveredArea[] {
  const { left, top } = box.getBoundingClientRect();
  return covers.map((cover) => {
    const area = cover.getBoundingClientRect();
    return {
      left: area.left - left,
      top: area.top - top,
      right: area.right - left,
      bottom: area.bottom - top,
    };
  });
}
