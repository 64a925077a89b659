/** What the page shows at the moment, and who is told when it changes. */
import { type Address, fromHash, type Theme, toHash } from './address.js';
import type { Collection } from './collection.js';
import { type ColourBy, levelOf, waysToColour } from './colour.js';
import { stateOfEpoch } from './epochs.js';
import type { Neighbour } from './source.js';
import type { View } from './view.js';

/** State of the page; numbers refer to the collection. */
export interface State {
  view: View;
  /** The item looked at, -1 for none. */
  item: number;
  /** The node looked at, -1 for none. */
  node: number;
  /** The class looked at, -1 for none. */
  label: number;
  /** The term looked at, of the level that points are coloured by, -1 for none. */
  term: number;
  /** Which of the collection's states is shown. */
  shown: number;
  colour: ColourBy;
  theme: Theme;
  lines: boolean;
  /** Items that are marked, by node, class or lasso; null for none. */
  lit: Uint8Array | null;
  /** An image from outside that was asked about: its object URL and name. */
  image: { readonly url: string; readonly name: string } | null;
  near: readonly Neighbour[];
  /** Stands in for neighbours that have not come, or could not; null for none. */
  message: string | null;
  /** The neighbour whose way through the tree is shown, -1 for none. */
  why: number;
}

/** More classes than this cannot be told apart by colour. */
const MOST_CLASSES = 30;

/** How a collection is coloured unless the user says otherwise: too many classes by the coarsest level, or the tree. */
function usualColour({ points, tree }: Collection): ColourBy {
  if (points.labels.length <= MOST_CLASSES) return 'class';
  const level = points.levels.find(({ terms }) => terms.length <= MOST_CLASSES);
  return level ? `level.${level.name}` : tree.isGiven ? 'tree' : 'class';
}

const termsOf = ({ points }: Collection, colour: ColourBy): readonly string[] =>
  levelOf(points, colour)?.terms ?? [];

/** The state that an address tells for a collection; names that it does not have are passed over. */
export function stateOf(hash: string, collection: Collection): State {
  const { points, tree } = collection;
  const { view, item, node, label, term, epoch, theme, lines, ...told } = fromHash(hash);
  const isWay = waysToColour(collection).some(({ by }) => by === told.colour);
  const colour = told.colour !== null && isWay ? told.colour : usualColour(collection);
  return {
    view,
    item: item === null ? -1 : points.ids.indexOf(item),
    node: node === null ? -1 : (tree.byId.get(node) ?? -1),
    label: label === null ? -1 : points.labels.indexOf(label),
    term: term === null ? -1 : termsOf(collection, colour).indexOf(term),
    shown: stateOfEpoch(points, epoch),
    colour,
    theme,
    lines,
    lit: null,
    image: null,
    near: [],
    message: null,
    why: -1,
  };
}

/** The address of a state. */
export function addressOf(state: State, collection: Collection): string {
  const { points, tree } = collection;
  const { view, colour, theme, lines } = state;
  const address: Address = {
    view,
    colour: colour === usualColour(collection) ? null : colour,
    theme,
    lines,
    item: state.item < 0 ? null : points.ids[state.item],
    node: state.node < 0 ? null : tree.ids[state.node],
    label: state.label < 0 ? null : points.labels[state.label],
    term: state.term < 0 ? null : (termsOf(collection, colour)[state.term] ?? null),
    epoch: points.states[state.shown].epoch,
  };
  return toHash(address);
}
