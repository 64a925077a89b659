/** What is marked: the items of a node, a class or a term, and which name of the legend that is. */
import type { Collection } from './collection.js';
import { levelOf } from './colour.js';
import type { State } from './state.js';
import { below } from './tree.js';

/** State in which nothing is marked. */
export const NOTHING = { node: -1, label: -1, term: -1 };

/** Whether each item belongs to the node, class or term looked at; null when none is. */
export function litOf({ points, tree }: Collection, { node, label, term, colour }: State): Uint8Array | null {
  if (node >= 0) {
    const inside = below(tree, node);
    return Uint8Array.from(tree.nodeOf, (own) => (own >= 0 ? inside[own] : 0));
  }
  if (label >= 0) return Uint8Array.from(points.label, (own) => Number(own === label));
  const level = levelOf(points, colour);
  return term >= 0 && level ? Uint8Array.from(level.term, (own) => Number(own === term)) : null;
}

/** Which name of the legend is looked at, -1 for none. */
export function markedName({ colour, node, label, term }: State): number {
  return colour === 'tree' ? node : colour === 'class' ? label : term;
}

/** The state in which a name of the legend is looked at. */
export function markingOf({ colour }: State, name: number): typeof NOTHING {
  return { ...NOTHING, [colour === 'tree' ? 'node' : colour === 'class' ? 'label' : 'term']: name };
}
