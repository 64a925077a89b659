/** What the page shows at the moment, and how an address tells it. */
import { titleColumn } from '../../src/titleColumn.js';
import type { Collection } from '../data/collection.js';
import { snapshotOfEpoch } from '../data/snapshots.js';
import type { Filters } from '../facets/filters.js';
import { type ColourBy, colourChoices, levelOf } from '../map/colouring.js';
import type { MapState } from '../map/mapState.js';
import { type Address, fromHash, type Theme, toHash } from './address.js';

/** State of the page; items, nodes, classes and terms are indices of the collection, -1 for none. */
export interface State extends MapState {
  /** The node looked at. */
  node: number;
  /** The term looked at, of the level that points are coloured by. */
  term: number;
  /** The snapshot that is shown, an index. */
  snapshot: number;
  theme: Theme;
  /** Filters by columns, and for each item 1 when it passes them, else 0; null where there are none, or none is known yet. */
  filters: Filters;
  among: Uint8Array | null;
  /** An image from outside whose neighbours are shown: its object URL and name. */
  image: { readonly url: string; readonly name: string } | null;
  /** Whether there may be more neighbours than are shown. */
  hasMore: boolean;
  /** Shown in place of neighbours that have not arrived, or could not; null for none. */
  message: string | null;
}

/** More classes than this cannot be told apart by colour. */
const MAX_CLASSES = 30;

/** How a collection is coloured at first: by class, or where these are none or too many by the coarsest level, or by the tree. */
function defaultColour({ points, tree, about }: Collection): ColourBy {
  if (points.labels.length > 0 && points.labels.length <= MAX_CLASSES) return 'class';
  const title = titleColumn(about.columns); // a name of each says less than a kind of some
  const few = points.levels.filter(({ terms }) => terms.length <= MAX_CLASSES);
  const level = few.find(({ name }) => name !== title) ?? few[0];
  return level ? `level.${level.name}` : tree.isGiven ? 'tree' : 'class';
}

const termsOf = ({ points }: Collection, colour: ColourBy): readonly string[] =>
  levelOf(points, colour)?.terms ?? [];

/** The state that an address tells for a collection; names that the collection does not have are ignored. */
export function stateOf(hash: string, collection: Collection): State {
  const { points, tree } = collection;
  const { view, item, node, label, term, epoch, theme, lines, filters, ...told } = fromHash(hash);
  const isChoice = colourChoices(collection).some(({ by }) => by === told.colour);
  const colour = told.colour !== null && isChoice ? told.colour : defaultColour(collection);
  return {
    view,
    item: item === null ? -1 : points.ids.indexOf(item),
    node: node === null ? -1 : (tree.byId.get(node) ?? -1),
    label: label === null ? -1 : points.labels.indexOf(label),
    term: term === null ? -1 : termsOf(collection, colour).indexOf(term),
    snapshot: snapshotOfEpoch(points, epoch),
    colour,
    theme,
    lines,
    filters,
    among: null,
    marked: null,
    image: null,
    neighbours: [],
    hasMore: false,
    message: null,
    explained: -1,
  };
}

/** The address of a state. */
export function addressOf(state: State, collection: Collection): string {
  const { points, tree } = collection;
  const { view, colour, theme, lines, filters } = state;
  const address: Address = {
    view,
    colour: colour === defaultColour(collection) ? null : colour,
    theme,
    lines,
    filters,
    item: state.item < 0 ? null : points.ids[state.item],
    node: state.node < 0 ? null : tree.ids[state.node],
    label: state.label < 0 ? null : points.labels[state.label],
    term: state.term < 0 ? null : (termsOf(collection, colour)[state.term] ?? null),
    epoch: points.snapshots[state.snapshot].epoch,
  };
  return toHash(address);
}
