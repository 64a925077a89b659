/** A small collection for tests of the page. */
import type { Collection } from '../../web/data/collection.js';
import { NONE, type Points } from '../../web/data/points.js';
import { buildTree } from '../../web/data/tree.js';

/** Places of the items. */
export const x = Float32Array.of(0.5, 0.5, -0.5, 0);
export const y = Float32Array.of(0.1, -0.1, 0, 0);
/** Four items in two classes, the last without class and node. */
export const points: Points = {
  ids: ['p', 'q', 'r', 's'],
  x: x.slice(),
  y: y.slice(),
  labels: ['red fox', 'owl'],
  label: Uint32Array.of(0, 0, 1, NONE),
  nodes: ['a', 'b'],
  node: Uint32Array.of(0, 0, 1, NONE),
  places: 'table',
  levels: [
    { name: 'kind', terms: ['mammal', 'bird'], term: Uint32Array.of(0, 0, 1, NONE) },
    { name: 'sub_kind', terms: ['dog', 'fox', 'owl'], term: Uint32Array.of(0, 1, 2, NONE) },
  ],
  snapshots: [
    { epoch: 1, x: Float32Array.of(0.1, Number.NaN, 0.3, 0), y: Float32Array.of(0.3, Number.NaN, 0, 0.2) },
    { epoch: null, x, y },
  ],
};
/** A node without a place. */
export const node = (id: string, parent: string | null, name = id) => ({ id, parent, name, place: null });
/** The tree of the items. */
export const tree = buildTree(
  [node('a', 'in', 'fox'), node('b', 'top', 'owl'), node('in', 'top', '7'), node('top', null)],
  points,
);

const about = {
  name: 'n',
  hasThumbnails: false,
  hasPictures: false,
  columns: ['kind', 'sub_kind'],
  treeChoice: null,
  searchesImages: false,
  problems: [],
};
/** The items with their tree. */
export const collection: Collection = { about, points, tree };
