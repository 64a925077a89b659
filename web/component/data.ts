/** What a page of others gives a map, checked and as the map holds it. No drawing. */
import type { Collection } from '../data/collection.js';
import { type Level, NONE, type Points } from '../data/points.js';
import { buildTree } from '../data/tree.js';

/** The items, as points of the Poincaré disk: `[N]` each. */
export interface MapPoints {
  /** Places within the unit disk; NaN for items that are not shown. */
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  /** What items are told apart by; default their numbers, `"0"`, `"1"` and so on. */
  readonly ids?: readonly string[] | undefined;
  /** What items are called; default their ids. */
  readonly titles?: readonly string[] | undefined;
  /** Class of each item, null for none: names of classes are written on the map. */
  readonly classes?: readonly (string | null)[] | undefined;
  /** Id of the node of the tree that each item hangs from, null for none. */
  readonly nodes?: readonly (string | null)[] | undefined;
}

/** A node of the tree. */
export interface MapNode {
  readonly id: string;
  /** Id of its parent; null or absent for a root. */
  readonly parent?: string | null | undefined;
  /** Default its id. */
  readonly name?: string | undefined;
  /** Its place in the disk; default the centre of what is below it. */
  readonly place?: readonly [x: number, y: number] | null | undefined;
}

/** A column of the items, which they can be coloured by. */
export interface MapColumn {
  readonly name: string;
  /** A value for each item, null for none; at most 1,000 different ones. */
  readonly values: ArrayLike<string | number | boolean | null>;
}

/** The data of a map. */
export interface MapData {
  readonly points: MapPoints;
  readonly tree?: readonly MapNode[] | null | undefined;
  readonly columns?: readonly MapColumn[] | undefined;
}

/** More values than this cannot be told apart. */
const MOST_VALUES = 1000;

/** The collection of some data. Throws RangeError for what does not fit together, and says what. */
export function collectionOf({ points: given, tree = null, columns = [] }: MapData): Collection {
  const count = given.x.length;
  const fits = (what: string, array: ArrayLike<unknown>) => {
    if (array.length !== count)
      throw new RangeError(`${what} has ${array.length} entries for ${count} items: give one for each item.`);
  };
  const of = <T extends ArrayLike<unknown>>(what: string, array: T | undefined): T | undefined => {
    if (array) fits(what, array);
    return array;
  };
  fits('points.y', given.y);
  const ids = of('points.ids', given.ids) ?? Array.from({ length: count }, (_, i) => String(i));
  of('points.titles', given.titles);
  const [x, y] = [Float32Array.from(given.x), Float32Array.from(given.y)];
  for (let i = 0; i < count; i++)
    if (Math.hypot(x[i], y[i]) >= 1)
      throw new RangeError(`The item ${ids[i]} is at (${x[i]}, ${y[i]}), which is not within the unit disk.`);
  const classes = numbered(of('points.classes', given.classes), count);
  const nodes = numbered(of('points.nodes', given.nodes), count);
  const levels = columns.map(({ name, values }): Level => {
    fits(`The column "${name}"`, values);
    const texts = Array.from(values, (value) => (value === null ? null : String(value)));
    const { names: terms, rows: term } = numbered(texts, count);
    if (terms.length > MOST_VALUES)
      throw new RangeError(
        `The column "${name}" has ${terms.length} values; a map shows ${MOST_VALUES} at most.`,
      );
    return { name, terms, term };
  });
  const points: Points = {
    ids,
    labels: classes.names,
    label: classes.rows,
    nodes: nodes.names,
    node: nodes.rows,
    places: 'table',
    levels,
    x: x.slice(),
    y: y.slice(),
    snapshots: [{ epoch: null, x, y }],
  };
  const about = {
    name: '',
    hasThumbnails: false,
    hasPictures: false,
    columns: columns.map(({ name }) => name),
    treeChoice: null,
    searchesImages: false,
    problems: [],
  };
  const known = new Set(tree?.map(({ id }) => id));
  if (known.size < (tree?.length ?? 0)) throw new RangeError('The tree has two nodes of one id.');
  const missing = tree?.find(({ parent }) => parent !== null && parent !== undefined && !known.has(parent));
  if (missing)
    throw new RangeError(`The parent "${missing.parent}" of the node "${missing.id}" is not there.`);
  const full = tree?.map(({ id, parent = null, name = id, place = null }) => ({ id, parent, name, place }));
  return { about, points, tree: buildTree(full ?? null, points) };
}

/** Names in order of appearance, and for each item the index of its own. */
function numbered(values: readonly (string | null)[] | undefined, count: number) {
  const numbers = new Map<string, number>();
  const rows = new Uint32Array(count).fill(NONE);
  values?.forEach((value, i) => {
    if (value === null) return;
    if (!numbers.has(value)) numbers.set(value, numbers.size);
    rows[i] = numbers.get(value)!;
  });
  return { names: [...numbers.keys()], rows };
}
