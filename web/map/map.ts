/** The drawing of a map: what is drawn of a collection, and when it is drawn again. It listens to no input. */
import type { Source } from '../data/collection.js';
import { type Centre, classCentres } from '../data/points.js';
import { placeNodes } from '../data/tree.js';
import type { Point } from '../disk/moebius.js';
import { chooseAnnotations, NO_ANNOTATIONS } from './annotations.js';
import { css } from './colour.js';
import { type Colouring, colouringOf, itemColours } from './colouring.js';
import { createFrames, type Movement } from './frames.js';
import { markedNodes } from './groupNames.js';
import { screenPlaces } from './hit.js';
import { type CoveredArea, nameAt } from './labels.js';
import { type MapState, treePath } from './mapState.js';
import { createPainter, type PainterOptions } from './painter.js';
import { type Palette, paletteOf } from './palette.js';
import { createPictureCache } from './pictures.js';
import type { Viewport } from './view.js';

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
  palette(): Palette;
  /** The whole of a name that is cut, at a place on screen; null where there is none. */
  nameAt(place: Point): string | null;
  /** Draws nothing any more, and gives back what it holds of the machine. */
  destroy(): void;
}

/** Options of {@link createDiskMap}. */
export interface MapOptions extends Omit<PainterOptions, 'onRestored'> {
  readonly source: Pick<Source, 'thumbnail'>;
  /** Read whenever the map is drawn. */
  readonly state: MapState;
  /** The element that the map fills. */
  readonly box: HTMLElement;
  /** Elements that lie over the map: no names are written under them. */
  readonly covers: readonly HTMLElement[];
  /** Whether the page is dark at the moment. */
  isDark(): boolean;
  /** What colours the items; default by what the state says. */
  readonly colouring?: (() => Colouring) | undefined;
}

/** Makes the drawing. */
export function createDiskMap(options: MapOptions): DiskMap {
  const { source, collection, state, box, covers } = options;
  const { points, tree } = collection;
  const redraw = () => frames.request();
  const painter = createPainter({ ...options, onRestored: redraw });
  const pictures = createPictureCache(source, redraw);
  const viewportNow = (): Viewport => ({ width: box.clientWidth, height: box.clientHeight });
  const placesOnScreen = new Float32Array(2 * points.ids.length);
  let viewport = viewportNow();
  let colours = coloursNow(options);
  let centres: readonly Centre[] | null = null; // made when names are chosen, not in every frame
  let annotations = NO_ANNOTATIONS;
  const frames = createFrames({
    nextFrame: requestAnimationFrame,
    busy: (isBusy) => box.setAttribute('aria-busy', String(isBusy)),
    rest() {
      centres ??= classCentres(points, state.marked);
      const [places, covered] = [map.screenPlaces(), coveredAreas(box, covers)];
      annotations = chooseAnnotations(collection, state, { viewport, places, centres, covered });
    },
    draw() {
      const { view, item, lines, hovered = -1 } = state;
      const neighbours = state.neighbours.map((neighbour) => neighbour.item);
      const path = treePath(collection, state);
      const { lasso, colourOf } = map;
      const looks = { palette: colours.palette, picture: pictures.get, colourOf };
      const scene = { view, viewport, ...annotations, item, hovered, neighbours, path, lasso, ...looks };
      painter.draw(scene, lines, colours.markedNodes);
    },
  });
  const map: DiskMap = {
    viewport: () => viewport,
    screenPlaces: () => screenPlaces(points, state.view, viewport, placesOnScreen),
    redraw,
    setMoving: frames.setMoving,
    recolour() {
      colours = coloursNow(options);
      centres = null; // names are of what is marked
      painter.setColours(colours.ofItems);
      redraw();
    },
    itemsMoved() {
      centres = null;
      placeNodes(tree, points);
      painter.setPlaces();
      redraw();
    },
    colouring: () => colours.colouring,
    lasso: [],
    colourOf(item) {
      const [r, g, b] = colours.ofItems.subarray(4 * item);
      return css([r, g, b]);
    },
    palette: () => colours.palette,
    nameAt: (place) => nameAt(annotations.labels, state.view, viewport, place),
    destroy() {
      sizes.disconnect();
      frames.stop();
      painter.destroy();
    },
  };
  const sizes = new ResizeObserver(() => {
    viewport = viewportNow();
    redraw();
  });
  sizes.observe(box);
  map.recolour();
  return map;
}

/** Colours at the moment: they change with the theme, with what items are coloured by, and with the marks. */
interface Colours {
  readonly palette: Palette;
  readonly colouring: Colouring;
  /** Red, green, blue and opacity of each item, 0 to 255, `[N, 4]`. */
  readonly ofItems: Uint8Array;
  /** For each node, 1 when marked items are below it; null where nothing is marked. */
  readonly markedNodes: Uint8Array | null;
}

function coloursNow(options: MapOptions): Colours {
  const { collection, state, box } = options;
  const { colour, marked } = state;
  const isDark = options.isDark();
  const colouring = options.colouring?.() ?? colouringOf(collection, colour, isDark);
  const ofItems = itemColours(colouring, isDark, marked);
  return {
    palette: paletteOf(box),
    colouring,
    ofItems,
    markedNodes: marked && markedNodes(collection.tree, marked),
  };
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
