/** Marks items on the map, by what the state says of node, class and term, or by a line around them. */
import type { Collection } from './collection.js';
import { itemsWithin } from './hit.js';
import type { MapView } from './map.js';
import { litOf, NOTHING } from './marks.js';
import type { Point } from './moebius.js';
import type { State } from './state.js';

/** The marks of a map. */
export interface Marking {
  /** Marked items, ascending. */
  items(): number[];
  /** Marks what the state says. */
  renew(): void;
  /** Marks another node, class or term, or nothing. */
  choose(what: typeof NOTHING): void;
  /** Marks the items within a line on the screen. */
  enclose(line: readonly Point[]): void;
  /** The way of colouring may have changed, and the terms with it. */
  recolour(): void;
}

/** Makes the marks; the map is coloured anew whenever they change. */
export function createMarking(collection: Collection, state: State, map: MapView): Marking {
  let isTerm = false;
  const renew = () => {
    state.lit = litOf(collection, state);
    isTerm = state.term >= 0;
    map.recolour();
  };
  return {
    items: () => [...(state.lit ?? [])].flatMap((is, i) => (is ? [i] : [])),
    renew,
    choose(what) {
      Object.assign(state, what);
      renew();
    },
    enclose(line) {
      Object.assign(state, { ...NOTHING, lit: itemsWithin(map.places(), line) });
      isTerm = false;
      map.recolour();
    },
    recolour() {
      if (isTerm && state.term < 0) renew();
      else map.recolour();
    },
  };
}
