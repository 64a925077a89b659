/** What the map shows at the moment. The page's state holds it; the map reads it, and input on the map moves the view. */
import type { Collection, Neighbour } from '../data/collection.js';
import { lineage, pathBetween } from '../data/tree.js';
import type { Point } from '../disk/moebius.js';
import type { ColourBy } from './colouring.js';
import type { View } from './view.js';

/** State of the map; items, nodes and classes are indices of the collection, -1 for none. */
export interface MapState {
  view: View;
  /** The item looked at. */
  item: number;
  /** Neighbours of the item, or of the image, looked at, nearest first. */
  neighbours: readonly Neighbour[];
  /** The neighbour whose path through the tree is shown. */
  explained: number;
  /** The class looked at. */
  label: number;
  colour: ColourBy;
  /** Whether the lines of the tree are drawn. */
  lines: boolean;
  /** For each item, 1 when it is marked; null when nothing is. */
  marked: Uint8Array | null;
  /** An item that is pointed at elsewhere, such as on a second map; -1 or absent for none. */
  hovered?: number;
}

/** The item whose place in the tree is shown: that looked at, for an image its nearest neighbour; -1 for none. */
export const itemInTree = ({ item, neighbours }: Pick<MapState, 'item' | 'neighbours'>): number =>
  item >= 0 ? item : (neighbours[0]?.item ?? -1);

/**
 * Places from the item looked at up to the root, or over the lowest common ancestor to the neighbour that is explained;
 * empty where there is no tree, no item or no such path.
 */
export function treePath({ points, tree }: Collection, state: MapState): Point[] {
  const start = itemInTree(state);
  if (!tree.isGiven || start < 0) return [];
  const placeOf = (item: number): Point => [points.x[item], points.y[item]];
  const nodePlaces = (nodes: readonly number[]) => nodes.map((node) => tree.places[node]);
  const { explained } = state;
  if (explained < 0) return [placeOf(start), ...nodePlaces(lineage(tree, tree.nodeOf[start]))];
  const path = pathBetween(tree, tree.nodeOf[start], tree.nodeOf[explained]);
  if (!path) return [];
  return [placeOf(start), ...nodePlaces([...path.up, path.top, ...path.down]), placeOf(explained)];
}
