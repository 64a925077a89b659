/**
 * The format of points: all items of a table as points of the unit disk, in one compact answer for a page that draws
 * them. The only description of the format, for those who write it and those who read it; it runs in Node and in a
 * browser. Where the points come from is not known here.
 *
 * Layout, little-endian: `HIERPTS2`, the length of the header (uint32, bytes), the header in JSON padded with spaces to
 * a multiple of 4, then arrays one after another, each `count` long:
 *   x float32, y float32, label uint32, node uint32; a uint32 for each level; x and y float32 for each epoch.
 */

/** Stands for no label, no node and no term. */
export const NONE = 0xffffffff;

/** All items of a table as points; every array has one entry an item, in the order of `ids`. */
export interface DiskPoints {
  readonly ids: readonly string[];
  /** Names of the classes. */
  readonly labels: readonly string[];
  /** Ids of the nodes of the tree that items hang from. */
  readonly nodes: readonly string[];
  /** Where the places come from: given with the items, a map of the table, or a linear projection of the vectors. */
  readonly places: 'table' | 'map' | 'projection';
  /** Places in the unit disk, `[N]` each. */
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Class of each item, `[N]`: an index of `labels`, or {@link NONE}. */
  readonly label: Uint32Array;
  /** Node of each item, `[N]`: an index of `nodes`, or {@link NONE}. */
  readonly node: Uint32Array;
  /** Columns of the items that they can be coloured by. */
  readonly levels: readonly Level[];
  /** The places at epochs of training, ascending. */
  readonly epochs: readonly EpochPlaces[];
}

/** A column that groups the items. */
export interface Level {
  readonly name: string;
  /** The values of the column. */
  readonly terms: readonly string[];
  /** Value of each item, `[N]`: an index of `terms`, or {@link NONE}. */
  readonly term: Uint32Array;
}

/** Places of the items after an epoch, `[N]` each; NaN for items that are not known then. */
export interface EpochPlaces {
  /** Whole epochs done. */
  readonly epoch: number;
  readonly x: Float32Array;
  readonly y: Float32Array;
}

/** The header: what is not an array of numbers. */
interface Header extends Pick<DiskPoints, 'ids' | 'labels' | 'nodes' | 'places'> {
  readonly count: number;
  readonly levels: readonly Pick<Level, 'name' | 'terms'>[];
  readonly epochs: readonly number[];
}

const MAGIC = 'HIERPTS2';
/** Bytes before the header: the magic and the header's length. */
const START = 12;
/** Arrays that are always there: x, y, label, node. */
const FIXED_ARRAYS = 4;

/** Points as bytes. Throws Error where an array is not as long as `ids`. */
export function writePoints(points: DiskPoints): Uint8Array<ArrayBuffer> {
  const { ids, labels, nodes, places, x, y, label, node, levels, epochs } = points;
  const count = ids.length;
  const header: Header = {
    count,
    ids,
    labels,
    nodes,
    places,
    levels: levels.map(({ name, terms }) => ({ name, terms })),
    epochs: epochs.map(({ epoch }) => epoch),
  };
  const arrays = [
    ...[x, y, label, node],
    ...levels.map(({ term }) => term),
    ...epochs.flatMap((epoch) => [epoch.x, epoch.y]),
  ];
  const text = new TextEncoder().encode(JSON.stringify(header));
  const length = 4 * Math.ceil(text.length / 4);
  const bytes = new Uint8Array(START + length + 4 * count * arrays.length);
  bytes.set(new TextEncoder().encode(MAGIC));
  new DataView(bytes.buffer).setUint32(MAGIC.length, length, true);
  bytes.fill(' '.charCodeAt(0), START, START + length).set(text, START);
  for (const [i, array] of arrays.entries()) {
    if (array.length !== count) throw new Error(`array ${i} of the points has ${array.length} of ${count}`);
    const raw = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    bytes.set(raw, START + length + 4 * count * i);
  }
  return bytes;
}

/**
 * Points from bytes; the arrays are views of the bytes where these begin at a multiple of 4, else of a copy. Throws
 * Error with what to do when the bytes are not points, or not all of them.
 */
export function readPoints(bytes: Uint8Array | ArrayBuffer): DiskPoints {
  const given = bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);
  const all = given.byteOffset % 4 === 0 ? given : given.slice();
  const text = new TextDecoder();
  if (all.length < START || text.decode(all.subarray(0, MAGIC.length)) !== MAGIC)
    throw new Error(
      'The answer holds no points: page and service are of different versions. Reload the page.',
    );
  const length = new DataView(all.buffer, all.byteOffset).getUint32(MAGIC.length, true);
  const partial = () => new Error('The points have arrived only in part. Reload the page.');
  if (all.length < START + length) throw partial();
  const header = JSON.parse(text.decode(all.subarray(START, START + length))) as Header;
  const { count, ids, labels, nodes, places, levels, epochs } = header;
  const arrays = FIXED_ARRAYS + levels.length + 2 * epochs.length;
  if (all.length !== START + length + 4 * count * arrays) throw partial();
  const from = (array: number) => all.byteOffset + START + length + 4 * count * array;
  const floats = (array: number) => new Float32Array(all.buffer, from(array), count);
  const numbers = (array: number) => new Uint32Array(all.buffer, from(array), count);
  const first = FIXED_ARRAYS + levels.length;
  return {
    ids,
    labels,
    nodes,
    places,
    x: floats(0),
    y: floats(1),
    label: numbers(2),
    node: numbers(3),
    levels: levels.map((level, i) => ({ ...level, term: numbers(FIXED_ARRAYS + i) })),
    epochs: epochs.map((epoch, i) => ({ epoch, x: floats(first + 2 * i), y: floats(first + 2 * i + 1) })),
  };
}
