/**
 * A map in an element: its elements, its drawing, its input and its flights, tied together and taken away again. What the
 * user's choices lead to is decided by who mounts it: the explorer's page, or the component for other pages.
 */
import type { Collection, Source } from '../data/collection.js';
import type { Point } from '../disk/moebius.js';
import { listenOnMap } from '../map/input.js';
import { createDiskMap, type DiskMap, type MapOptions as DrawingOptions } from '../map/map.js';
import type { MapState } from '../map/mapState.js';
import { KEYS, mapElements } from './elements.js';
import { createFlights, type Flights } from './flights.js';
import { showTip } from './tip.js';

/** What a mounted map tells. */
export interface MountListener {
  /** An item has been chosen by a click, a finger or a key. */
  chooseItem(item: number): void;
  /** The mouse is over another item than before; -1 for none. */
  hover?(item: number): void;
  /** A line has been drawn with the lasso. */
  markEnclosed(line: readonly Point[]): void;
  /** Escape has been pressed. */
  escape(): void;
  /** The view has moved, by hand or by a flight that has ended. */
  viewMoved(): void;
}

/** Options of {@link mountMap}. */
export interface MountOptions {
  readonly source: Pick<Source, 'thumbnail'>;
  readonly collection: Collection;
  /** Read whenever the map is drawn; input and flights write its view. */
  readonly state: MapState;
  /** What the map is called for readers of screens. */
  readonly label: string;
  /** What its keys do, for readers of screens. */
  readonly keys?: string | undefined;
  /** How points are drawn; default by what the machine has. */
  readonly method?: 'webgl' | 'software' | undefined;
  /** Elements that lie over the map: no names are written under them. */
  readonly covers?: readonly HTMLElement[] | undefined;
  /** Whether the map is dark at the moment; default by the color-scheme of its element. */
  readonly isDark?: (() => boolean) | undefined;
  /** What colours the items; default by what the state says. */
  readonly colouring?: DrawingOptions['colouring'];
  /** What an item is called in the tip. */
  titleOf(item: number): string;
  readonly listener: MountListener;
}

/** A map in an element. */
export interface MountedMap extends DiskMap {
  readonly root: HTMLElement;
  readonly flights: Flights;
  /** Whether dragging draws a line instead of moving the map. */
  isLasso(): boolean;
  setLasso(isOn: boolean): void;
  /** Says something to readers of screens. */
  say(text: string): void;
}

/** Whether an element is dark at the moment, by its color-scheme and what the system prefers. */
export function isDarkElement(element: HTMLElement): boolean {
  const scheme = getComputedStyle(element).colorScheme;
  if (!scheme.includes('dark')) return false;
  return !scheme.includes('light') || matchMedia('(prefers-color-scheme: dark)').matches;
}

/** Puts a map into an element, which it fills. */
export function mountMap(element: HTMLElement, options: MountOptions): MountedMap {
  const { source, collection, state, label, keys = KEYS, covers = [], titleOf, listener } = options;
  const { method, colouring } = options;
  const { root, canvases, tip, status } = mapElements(element, label, keys);
  const isDark = options.isDark ?? (() => isDarkElement(root));
  const map = createDiskMap({
    ...{ source, collection, state, box: root, canvases, covers },
    ...{ method, isDark, colouring },
  });
  const flights = createFlights(collection.points, state, map, listener.viewMoved);
  const listening = new AbortController();
  let isLasso = false;
  let hovered = -1;
  const showCursor = (isPressed: boolean) => {
    root.style.cursor = isLasso ? 'crosshair' : isPressed ? 'grabbing' : 'grab';
  };
  const hover = (item: number, at: Point) => {
    const name = item < 0 ? map.nameAt(at) : null;
    const text = item < 0 ? name : titleOf(item);
    const content = text === null ? null : { source, item, text };
    showTip(tip, content, at, map.viewport(), map.palette());
    if (item !== hovered) listener.hover?.(item);
    hovered = item;
  };
  const { signal } = listening;
  listenOnMap({
    box: root,
    signal,
    map,
    state,
    isLasso: () => isLasso,
    actions: { ...listener, hover, stopFlight: flights.stop },
  });
  for (const [event, isPressed] of Object.entries({
    pointerdown: true,
    pointerup: false,
    pointercancel: false,
  }))
    root.addEventListener(event, () => showCursor(isPressed), { signal });
  return {
    ...map,
    get lasso() {
      return map.lasso;
    },
    root,
    flights,
    isLasso: () => isLasso,
    setLasso(isOn) {
      isLasso = isOn;
      showCursor(false);
    },
    say(text) {
      status.textContent = text;
    },
    destroy() {
      listening.abort();
      flights.stop();
      map.destroy();
      root.parentElement?.remove();
    },
  };
}
