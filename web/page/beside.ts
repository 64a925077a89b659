/**
 * A second collection beside the first: a map of its own, on which the same items are looked at, marked and filtered, and its
 * own answer to what is near. What is chosen there is chosen in the first, where it is.
 */
import { type MountedMap, mountMap } from '../component/mount.js';
import type { Collection, Neighbour, Source } from '../data/collection.js';
import { classNameOf } from '../data/points.js';
import { moveItems, snapshotOfEpoch } from '../data/snapshots.js';
import { placeNodes } from '../data/tree.js';
import type { Colouring } from '../map/colouring.js';
import { itemsWithin } from '../map/hit.js';
import type { MapState } from '../map/mapState.js';
import { HOME } from '../map/view.js';
import { cardGrid } from '../parts/cards.js';
import { h, refill, say, the } from '../parts/dom.js';
import { whole } from '../parts/numbers.js';
import type { Actions } from './actions.js';
import { carried, countAlone, linkItems } from './linked.js';
import type { State } from './state.js';
import { isDark } from './theme.js';

/** A collection with its source. */
export interface Opened {
  readonly source: Source;
  readonly collection: Collection;
}

/** What the second map works with. */
export interface BesideOptions {
  readonly first: Opened;
  readonly second: Opened;
  readonly state: State;
  readonly actions: Actions;
  /** What colours the items of the first, and with them the same ones of the second. */
  colouring(): Colouring;
  /** What an item of the first is called. */
  titleOf(item: number): string;
  /** The mouse is over an item of the first that is the same as one of the second; -1 for none. */
  pointAt(item: number): void;
}

/** The second map. */
export interface Beside {
  readonly map: MountedMap;
  /** Shows there what the state says of the first. */
  update(): void;
  /** Looks at nothing any more, on neither map. */
  close(): void;
  /** The mouse is over an item of the first; -1 for none. */
  pointAt(item: number): void;
}

/** Neighbours that are asked for. */
const NEIGHBOURS = 12;

/** Puts the second collection on the page. */
export function showBeside({
  first,
  second,
  state,
  actions,
  colouring,
  titleOf,
  pointAt,
}: BesideOptions): Beside {
  const { points, tree, about } = second.collection;
  const { there, back } = linkItems(first.collection.points, points);
  // The same items have the same pictures: those of the first are there already.
  const source: Source = {
    ...second.source,
    thumbnail: (item) =>
      back[item] < 0 ? second.source.thumbnail(item) : first.source.thumbnail(back[item]),
    picture: (item, size) =>
      back[item] < 0 ? second.source.picture(item, size) : first.source.picture(back[item], size),
  };
  const hasThumbnails = about.hasThumbnails || first.collection.about.hasThumbnails;
  const collection: Collection = { points, tree, about: { ...about, hasThumbnails } };
  const own: MapState = {
    view: HOME,
    item: -1,
    neighbours: [],
    explained: -1,
    label: -1,
    colour: state.colour,
    lines: state.lines,
    marked: null,
  };
  /** An item that is looked at and not in the first; -1 for none. */
  let alone = -1;
  let message = '';
  let shown: Partial<Pick<State, 'among' | 'marked' | 'snapshot'>> = {};
  const nameOf = (item: number) =>
    back[item] >= 0 ? titleOf(back[item]) : classNameOf(collection, item) || points.ids[item];
  const close = () => {
    alone = -1;
    actions.closeItem();
  };
  const choose = (item: number) => {
    if (back[item] >= 0) return actions.chooseItem(back[item]);
    close();
    alone = item;
    look(item);
    say(`${points.ids[item]} is only in ${about.name}`);
  };
  const map = mountMap(the('stage2'), {
    source,
    collection,
    state: own,
    label: `Map of ${about.name}`,
    covers: [the('legend'), the('epochs'), the('marked'), the('which2')],
    isDark,
    colouring() {
      const { nameOf: names, ...rest } = colouring();
      return { ...rest, nameOf: Int32Array.from(back, (item) => (item < 0 ? -1 : names[item])) };
    },
    titleOf: nameOf,
    listener: {
      chooseItem: choose,
      hover: (item) => pointAt(item < 0 ? -1 : back[item]),
      markEnclosed(line) {
        const mask = itemsWithin(map.screenPlaces(), line);
        const left = mask.reduce((sum, one, i) => sum + Number(one === 1 && back[i] < 0), 0);
        actions.markItems(carried(mask, there)!);
        if (left > 0) say(`${whole(left)} further items are only in ${about.name}`);
      },
      escape: close,
      viewMoved: () => undefined,
    },
  });
  map.root.id = 'map2';
  const look = (item: number) => {
    own.item = item;
    own.neighbours = [];
    message = item < 0 ? '' : 'Searching …';
    if (item >= 0) {
      map.flights.to([points.x[item], points.y[item]], Math.max(1, own.view.scale));
      const is = (neighbours: readonly Neighbour[], text = '') => {
        if (own.item !== item) return; // another is looked at by now
        own.neighbours = neighbours;
        message = text;
        showNear();
      };
      source.neighbours(item, NEIGHBOURS, carried(state.among, back)).then(
        (neighbours) => is(neighbours, neighbours.length > 0 ? '' : 'It has no neighbours.'),
        (error: Error) => is([], error.message),
      );
    }
    showNear();
  };
  const showNear = () => {
    const near = new Set(state.neighbours.map(({ item }) => there[item]));
    const cards = own.neighbours.map(({ item, distance, similarity }) => ({
      item,
      id: points.ids[item],
      title: nameOf(item),
      colour: map.colourOf(item),
      figure: {
        value: (similarity ?? distance).toFixed(2),
        means: similarity === undefined ? 'distance' : 'similarity',
      },
      below: near.has(item) ? h('span', { class: 'quiet' }, 'in both') : null,
    }));
    const isMissing = state.item >= 0 && there[state.item] < 0;
    const both = cards.filter(({ below }) => below !== null).length;
    const box = the('near2');
    box.hidden = own.item < 0 && !isMissing;
    refill(
      box,
      h(
        'h3',
        {},
        own.item >= 0 && alone >= 0
          ? `${nameOf(own.item)}, only in ${about.name}`
          : `Nearest in ${about.name}`,
      ),
      alone < 0 ? null : h('button', { type: 'button', 'data-key': 'close', onclick: close }, 'Close'),
      isMissing ? h('p', { class: 'quiet' }, `This item is not in ${about.name}.`) : null,
      message === '' ? null : h('p', { class: 'quiet' }, message),
      cards.length > 0 && alone < 0
        ? h('p', { class: 'quiet' }, `${both} of ${cards.length} are among the nearest shown above too.`)
        : null,
      cards.length > 0 ? cardGrid(source, cards, choose) : null,
    );
    map.redraw();
  };
  const update = () => {
    const epoch = first.collection.points.snapshots[state.snapshot].epoch;
    if (state.among !== shown.among || state.snapshot !== shown.snapshot) {
      moveItems(points, points, snapshotOfEpoch(points, epoch), 1, carried(state.among, back));
      placeNodes(tree, points);
      map.itemsMoved();
    }
    own.marked = state.marked === shown.marked ? own.marked : carried(state.marked, back);
    shown = { among: state.among, marked: state.marked, snapshot: state.snapshot };
    own.lines = state.lines;
    map.recolour();
    const item = state.item >= 0 ? there[state.item] : state.image ? -1 : alone;
    if (state.item >= 0) alone = -1;
    if (item !== own.item) look(item);
    else showNear();
  };
  the('stage2').hidden = false;
  document.querySelector('main')!.classList.add('two');
  sayWhich('which', first.collection, there);
  sayWhich('which2', collection, back);
  return {
    map,
    update,
    close,
    pointAt(item) {
      own.hovered = item < 0 ? -1 : there[item];
      map.redraw();
    },
  };
}

/** Says what a map is of, and how many of its items the other does not have. */
function sayWhich(id: string, { about, points }: Collection, links: Int32Array): void {
  const alone = countAlone(links);
  const only = alone > 0 ? `, ${whole(alone)} only here` : '';
  the(id).hidden = false;
  the(id).replaceChildren(
    h('strong', { title: about.name }, about.name),
    ` ${whole(points.ids.length)} items${only}`,
  );
}
