/** What the page shows at the moment, and who is told when it changes. */
import { type Address, type ColourBy, fromHash, type Theme, toHash } from './address.js';
import type { Collection } from './collection.js';
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
  colour: ColourBy;
  theme: Theme;
  lines: boolean;
  /** Items that are marked, by node, class or lasso; null for none. */
  lit: Uint8Array | null;
  /** An image from outside that was asked about: its object URL and name. */
  image: { readonly url: string; readonly name: string } | null;
  near: readonly Neighbour[];
  /** The neighbour whose way through the tree is shown, -1 for none. */
  why: number;
}

/** More classes than this cannot be told apart by colour. */
const MOST_CLASSES = 30;

/** How a collection is coloured unless the user says otherwise. */
function usualColour({ points, tree }: Collection): ColourBy {
  return tree.isGiven && points.labels.length > MOST_CLASSES ? 'tree' : 'class';
}

/** The state that an address tells for a collection; names that it does not have are passed over. */
export function stateOf(hash: string, collection: Collection): State {
  const { points, tree } = collection;
  const { view, item, node, label, colour, theme, lines } = fromHash(hash);
  return {
    view,
    item: item === null ? -1 : points.ids.indexOf(item),
    node: node === null ? -1 : (tree.byId.get(node) ?? -1),
    label: label === null ? -1 : points.labels.indexOf(label),
    colour: colour ?? usualColour(collection),
    theme,
    lines,
    lit: null,
    image: null,
    near: [],
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
  };
  return toHash(address);
}
