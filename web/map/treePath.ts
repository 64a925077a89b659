/** The path through the tree that the map shows. */
import type { Collection } from '../data/collection.js';
import { lineage, pathBetween } from '../data/tree.js';
import type { Point } from '../disk/moebius.js';
import { itemInTree, type MapState } from './mapState.js';

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
