/** Marks items on the map: those of the node, class or term looked at, or those that were enclosed by a line. */
import type { Collection } from '../data/collection.js';
import { subtreeMask } from '../data/tree.js';
import { levelOf } from '../map/colouring.js';
import type { DiskMap } from '../map/map.js';
import type { State } from './state.js';

/** The node, class or term whose items are marked; -1 for none. */
export type Mark = Pick<State, 'node' | 'label' | 'term'>;

/** Nothing is marked. */
export const NO_MARK: Mark = { node: -1, label: -1, term: -1 };

/** The marks of a map. */
export interface Marking {
  /** Marked items, ascending. */
  items(): number[];
  /** Marks the items of another node, class or term, or nothing. */
  mark(mark: Mark): void;
  /** Marks some items: those for which a mask is 1. */
  markItems(mask: Uint8Array): void;
  /** Marks again what the state says. */
  update(): void;
  /** The column of the colouring may have changed, and the terms with it. */
  recolour(): void;
}

/** Makes the marks; the map is coloured again whenever they change. */
export function createMarking(collection: Collection, state: State, map: DiskMap): Marking {
  let isTerm = false;
  const update = () => {
    state.marked = maskOf(collection, state);
    isTerm = state.term >= 0;
    map.recolour();
  };
  return {
    items: () => (state.marked ? itemsOf(state.marked) : []),
    update,
    mark(mark) {
      Object.assign(state, mark);
      update();
    },
    markItems(mask) {
      Object.assign(state, { ...NO_MARK, marked: mask });
      isTerm = false;
      map.recolour();
    },
    recolour() {
      if (isTerm && state.term < 0) update();
      else map.recolour();
    },
  };
}

/** The items whose entry in a mask is 1, ascending. */
export function itemsOf(mask: Uint8Array): number[] {
  const items: number[] = [];
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) items.push(i);
  return items;
}

/** For each item, 1 when it belongs to the node, class or term looked at, else 0; null when none is looked at. */
function maskOf({ points, tree }: Collection, { node, label, term, colour }: State): Uint8Array | null {
  if (node >= 0) {
    const subtree = subtreeMask(tree, node);
    return Uint8Array.from(tree.nodeOf, (own) => (own >= 0 ? subtree[own] : 0));
  }
  if (label >= 0) return Uint8Array.from(points.label, (own) => Number(own === label));
  const level = levelOf(points, colour);
  return term >= 0 && level ? Uint8Array.from(level.term, (own) => Number(own === term)) : null;
}

/** The name of the legend whose items are marked, as an index of the colouring's names; -1 for none. */
export function markedName({ colour, node, label, term }: State): number {
  return colour === 'tree' ? node : colour === 'class' ? label : term;
}

/** The mark of a name of the legend. */
export function markOfName({ colour }: State, name: number): Mark {
  return { ...NO_MARK, [colour === 'tree' ? 'node' : colour === 'class' ? 'label' : 'term']: name };
}
