/** The items of a collection as the page holds them, and how they are read from the service's answer. */
import { centreOf, type Point } from './moebius.js';
import type { Tree } from './tree.js';

/** Stands for no label and no node in {@link Points}. */
export const NONE = 0xffffffff;

/** Items as points of the disk, one place in each array for each. */
export interface Points {
  readonly ids: readonly string[];
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
  /** Whether the places are a map of the collection, or a linear projection of its vectors. */
  readonly places: string;
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

const MAGIC = 'HIERPTS1';

/** Reads points as `docs/search.md` lays them out. Throws Error when the bytes are no points. */
export function readPoints(bytes: ArrayBuffer): Points {
  const text = new TextDecoder();
  if (bytes.byteLength < 12 || text.decode(new Uint8Array(bytes, 0, 8)) !== MAGIC)
    throw new Error(
      'The answer holds no points: page and service are of different versions. Reload the page.',
    );
  const length = new DataView(bytes).getUint32(8, true);
  const header = JSON.parse(text.decode(new Uint8Array(bytes, 12, length)));
  const { count, ids, labels, nodes, places } = header;
  if (bytes.byteLength !== 12 + length + 16 * count)
    throw new Error('The points have come in part only. Reload the page.');
  const start = (array: number) => 12 + length + 4 * count * array;
  return {
    ids,
    labels,
    nodes,
    places,
    x: new Float32Array(bytes, start(0), count),
    y: new Float32Array(bytes, start(1), count),
    label: new Uint32Array(bytes, start(2), count),
    node: new Uint32Array(bytes, start(3), count),
  };
}

/** Centre and size of each class, in the order of `labels`. */
export function classCentres({ labels, label, x, y }: Points): { centre: Point; count: number }[] {
  const members: [number, number, number][][] = labels.map(() => []);
  for (let i = 0; i < label.length; i++) members[label[i]]?.push([x[i], y[i], 1]);
  return members.map((items) => ({ centre: centreOf(items), count: items.length }));
}
