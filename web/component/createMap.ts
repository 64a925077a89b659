/**
 * The map as a component for any page: plain data in, events out. It needs no framework, no style sheet and no server, and
 * works in a shadow root and several times on a page. The explorer's page mounts the same map.
 */
import type { Collection } from '../data/collection.js';
import { type ColourBy, colourChoices } from '../map/colouring.js';
import { itemsWithin } from '../map/hit.js';
import type { MapState } from '../map/mapState.js';
import { HOME } from '../map/view.js';
import { collectionOf, type MapData } from './data.js';
import { type MountedMap, mountMap } from './mount.js';

/** How a map looks, and what it shows of its data. */
export interface MapLook {
  /** Name of the column that items are coloured by, or `class` or `tree`; default the first that there is. */
  readonly colourBy?: string | undefined;
  /** `auto` is as the color-scheme of the element says, which is light where a page says nothing. Default `auto`. */
  readonly theme?: 'light' | 'dark' | 'auto' | undefined;
  /** Whether the lines of the tree are drawn. Default true. */
  readonly lines?: boolean | undefined;
  /** Whether dragging draws a line, which marks the items within it, instead of moving the map. Default false. */
  readonly lasso?: boolean | undefined;
  /** Ids of items that are ringed, such as the neighbours of what is selected. Default none. */
  readonly neighbours?: readonly string[] | undefined;
}

/** Options of {@link createMap}. */
export interface MapOptions extends MapData, MapLook {
  /** What the map is called for readers of screens. Default "Map". */
  readonly label?: string | undefined;
  /** Address of an item's thumbnail, by its id; null for none. Default: there are none. */
  readonly thumbnail?: ((id: string) => string | null) | undefined;
  /** How points are drawn; default by what the machine has. */
  readonly draw?: 'webgl' | 'software' | undefined;
}

/** What is told of a map, by event. */
export interface MapEvents {
  /** Another item is selected, by the user or by {@link InteractiveMap.select}; null for none. */
  readonly select: { readonly id: string | null };
  /** The pointer is over another item; null for none. */
  readonly hover: { readonly id: string | null };
  /** Other items are marked, by the user; null for none. */
  readonly mark: { readonly ids: readonly string[] | null };
  /** Another part of the map is seen. */
  readonly view: Record<never, never>;
}

/** A map on a page. */
export interface InteractiveMap {
  /** Changes data or look; what is not given stays. The view, and what is selected and marked, stay where the items do. */
  update(change: Partial<MapData> & MapLook): void;
  /** Selects an item, and flies there; null selects nothing. Ids that are not there are passed over. */
  select(id: string | null): void;
  /** Marks items: the others, and the tree's lines to them, are faint. Null marks nothing. */
  mark(ids: Iterable<string> | null): void;
  /** Flies to where some items are all in view; to the whole map where none are given. */
  show(ids?: Iterable<string>): void;
  /** Hears of an event; what is returned ends that. */
  on<K extends keyof MapEvents>(event: K, listener: (what: MapEvents[K]) => void): () => void;
  /** Takes the map away, with all that it holds and listens to. */
  destroy(): void;
}

/** Puts a map into an element, which it fills: give the element a width and a height. Throws RangeError for data that do not fit together. */
export function createMap(element: HTMLElement, options: MapOptions): InteractiveMap {
  const listeners = new Map<keyof MapEvents, Set<(what: never) => void>>();
  const tell = <K extends keyof MapEvents>(event: K, what: MapEvents[K]) => {
    for (const listener of [...(listeners.get(event) ?? [])]) listener(what as never);
  };
  let data: MapData = options;
  let look: MapLook = options;
  let collection = collectionOf(data);
  let itemOf = indexOf(collection);
  let titles = data.points.titles;
  const state: MapState = {
    view: HOME,
    item: -1,
    neighbours: [],
    explained: -1,
    label: -1,
    colour: 'class',
    lines: true,
    marked: null,
  };
  const itemsOf = (ids: Iterable<string>) => [...ids].flatMap((id) => itemOf.get(id) ?? []);
  const idOf = (item: number) => (item < 0 ? null : collection.points.ids[item]);
  const nameOf = (item: number) => titles?.[item] ?? collection.points.ids[item];
  const choose = (item: number) => {
    const { x, y } = collection.points;
    if (item >= 0) mounted.flights.to([x[item], y[item]], Math.max(1, state.view.scale));
    if (item === state.item) return;
    state.item = item;
    state.neighbours = [];
    mounted.say(item < 0 ? '' : nameOf(item));
    mounted.redraw();
    tell('select', { id: idOf(item) });
  };
  const mark = (marked: Uint8Array | null) => {
    state.marked = marked;
    mounted.recolour();
  };
  const markByUser = (marked: Uint8Array | null) => {
    mark(marked);
    const { ids } = collection.points;
    const found = marked && ids.filter((_, i) => marked[i] === 1);
    mounted.say(found ? `${found.length} items marked` : '');
    tell('mark', { ids: found });
  };
  const mount = (): MountedMap =>
    mountMap(element, {
      source: { thumbnail: (item) => options.thumbnail?.(collection.points.ids[item]) ?? null },
      collection: withThumbnails(collection, options.thumbnail !== undefined),
      state,
      label: options.label ?? 'Map',
      method: options.draw,
      titleOf: nameOf,
      listener: {
        chooseItem: choose,
        hover: (item) => tell('hover', { id: idOf(item) }),
        markEnclosed: (line) => markByUser(itemsWithin(mounted.screenPlaces(), line)),
        escape() {
          if (state.item >= 0) choose(-1);
          else if (state.marked) markByUser(null);
        },
        viewMoved: () => tell('view', {}),
      },
    });
  /** Brings the map to what its look says. */
  const showLook = () => {
    const { theme = 'auto', lines = true, lasso = false, neighbours = [] } = look;
    mounted.root.style.colorScheme = theme === 'auto' ? '' : theme;
    state.lines = lines;
    state.colour = colourOf(collection, look.colourBy);
    state.neighbours = itemsOf(neighbours).map((item) => ({ item, distance: 0 }));
    mounted.setLasso(lasso);
    mounted.recolour();
  };
  let mounted = mount();
  showLook();
  const scheme = matchMedia('(prefers-color-scheme: dark)');
  const recolour = () => mounted.recolour();
  scheme.addEventListener('change', recolour);
  return {
    update({ points = data.points, tree = data.tree, columns = data.columns, ...change }) {
      const isOther = points !== data.points || tree !== data.tree || columns !== data.columns;
      if (isOther) {
        const next = collectionOf({ points, tree, columns }); // refused before anything is changed
        const [item, marked] = [idOf(state.item), state.marked];
        const ids = marked && collection.points.ids.filter((_, i) => marked[i] === 1);
        data = { points, tree, columns };
        collection = next;
        itemOf = indexOf(collection);
        titles = points.titles;
        state.item = item === null ? -1 : (itemOf.get(item) ?? -1);
        state.marked = ids && maskOf(collection, itemsOf(ids));
        const hadFocus = mounted.root.matches(':focus');
        mounted.destroy();
        mounted = mount();
        if (hadFocus) mounted.root.focus({ preventScroll: true });
      }
      look = { ...look, ...change };
      showLook();
    },
    select(id) {
      const item = id === null ? -1 : itemOf.get(id);
      if (item !== undefined) choose(item);
    },
    mark: (ids) => mark(ids && maskOf(collection, itemsOf(ids))),
    show(ids) {
      if (ids === undefined) mounted.flights.to([0, 0], HOME.scale);
      else mounted.flights.toItems(itemsOf(ids));
    },
    on(event, listener) {
      const some = listeners.get(event) ?? new Set();
      listeners.set(event, some.add(listener));
      return () => void some.delete(listener);
    },
    destroy() {
      scheme.removeEventListener('change', recolour);
      listeners.clear();
      mounted.destroy();
    },
  };
}

const indexOf = ({ points }: Collection) => new Map(points.ids.map((id, i) => [id, i]));

function maskOf({ points }: Collection, items: readonly number[]): Uint8Array {
  const mask = new Uint8Array(points.ids.length);
  for (const item of items) mask[item] = 1;
  return mask;
}

const withThumbnails = (collection: Collection, hasThumbnails: boolean): Collection => ({
  ...collection,
  about: { ...collection.about, hasThumbnails },
});

/** What a name says that items are coloured by; by default the first of class, columns and tree that there is. */
function colourOf(collection: Collection, name: string | undefined): ColourBy {
  const { points, tree } = collection;
  const isColumn = points.levels.some((level) => level.name === name);
  if (isColumn) return `level.${name}`;
  if (name === 'class' || name === 'tree') return name === 'tree' && !tree.isGiven ? 'class' : name;
  if (name !== undefined)
    throw new RangeError(`Nothing is called "${name}" that items could be coloured by.`);
  const all = colourChoices(collection).map(({ by }) => by);
  return points.labels.length > 0 ? 'class' : (all.find((by) => by.startsWith('level.')) ?? all.at(-1)!);
}
