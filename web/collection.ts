/** The items of a collection as the page holds them, and how they are read from the service's answer. */
import { centreOf, type Point } from './moebius.js';
import type { Tree } from './tree.js';

/** Stands for no label and no node in {@link Points}. */
export const NONE = 0xffffffff;

/** Items as points of the disk, one place in each array for each. */
export interface Points {
  readonly ids: readonly string[];
  /** Places as they are shown, NaN for items that are not; `epochs.ts` writes them. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** Class of each item: a place in `labels`, or {@link NONE}. */
  readonly label: Uint32Array;
  /** Ids of the tree's nodes that items hang from. */
  readonly nodes: readonly string[];
  /** Node of each item: a place in `nodes`, or {@link NONE}. */
  readonly node: Uint32Array;
  /** Where the places come from: 'table', 'map', or 'projection', a linear one of the vectors. */
  readonly places: string;
  /** Further columns to colour by. */
  readonly levels: readonly Level[];
  /** The map at epochs of training, ascending, and last as it is now: one state at least. */
  readonly states: readonly MapState[];
}

/** A column that groups the items. */
export interface Level {
  readonly name: string;
  readonly terms: readonly string[];
  /** Term of each item: a place in `terms`, or {@link NONE}. */
  readonly term: Uint32Array;
}

/** Places of the items at one time; NaN for items that are not known then. */
export interface MapState {
  /** Whole epochs done; null for the collection as it is. */
  readonly epoch: number | null;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** What the page says of a collection. */
export interface About {
  readonly name: string;
  readonly metric: string;
  /** Whether there are thumbnails. */
  readonly hasThumbnails: boolean;
  /** Whether images can be searched for. */
  readonly searchesImages: boolean;
}

/** A collection. */
export interface Collection {
  readonly about: About;
  readonly points: Points;
  readonly tree: Tree;
}

const MAGIC = 'HIERPTS2';

/** Reads points as `docs/search.md` lays them out. Throws Error when the bytes are no points. */
export function readPoints(bytes: ArrayBuffer): Points {
  const text = new TextDecoder();
  if (bytes.byteLength < 12 || text.decode(new Uint8Array(bytes, 0, 8)) !== MAGIC)
    throw new Error(
      'The answer holds no points: page and service are of different versions. Reload the page.',
    );
  const length = new DataView(bytes).getUint32(8, true);
  const header = JSON.parse(text.decode(new Uint8Array(bytes, 12, length)));
  const { count, ids, labels, nodes, places, levels, epochs } = header;
  if (bytes.byteLength !== 12 + length + 4 * count * (4 + levels.length + 2 * epochs.length))
    throw new Error('The points have come in part only. Reload the page.');
  const start = (array: number) => 12 + length + 4 * count * array;
  const floats = (array: number) => new Float32Array(bytes, start(array), count);
  const numbers = (array: number) => new Uint32Array(bytes, start(array), count);
  const first = 4 + levels.length;
  return {
    ids,
    labels,
    nodes,
    places,
    x: floats(0).slice(),
    y: floats(1).slice(),
    label: numbers(2),
    node: numbers(3),
    levels: levels.map(({ name, terms }: Level, i: number) => ({ name, terms, term: numbers(4 + i) })),
    states: [
      ...epochs.map((epoch: number, i: number) => ({
        epoch,
        x: floats(first + 2 * i),
        y: floats(first + 2 * i + 1),
      })),
      { epoch: null, x: floats(0), y: floats(1) },
    ],
  };
}

/** Whether an item is shown at the moment. */
export const isPlaced = ({ x }: Points, item: number) => !Number.isNaN(x[item]);

/** Centre and size of each class as far as it is shown, in the order of `labels`. */
export function classCentres({ labels, label, x, y }: Points): { centre: Point; count: number }[] {
  const members: [number, number, number][][] = labels.map(() => []);
  for (let i = 0; i < label.length; i++) if (!Number.isNaN(x[i])) members[label[i]]?.push([x[i], y[i], 1]);
  return members.map((items) => ({ centre: centreOf(items), count: items.length }));
}
