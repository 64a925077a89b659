/**
 * All items of a table as points of the unit disk, in one compact answer for the page that draws them. Layout,
 * little-endian: `HIERPTS1`, the length of the header (uint32, bytes), the header in JSON padded by spaces to a
 * multiple of 4, then the arrays one after another, each `count` long:
 *   x float32, y float32, label uint32, node uint32.
 * `label` and `node` are places in the lists of the header; 4294967295 stands for none.
 */
import type { Store } from '../store/store.js';
import { projectToDisk } from './projection.js';

/** Header of the points. */
export interface PointsHeader {
  readonly count: number;
  /** Ids, in the order of the arrays. */
  readonly ids: readonly string[];
  readonly labels: readonly string[];
  readonly nodes: readonly string[];
  /** Whether the places were given with the items ('table'), or are a linear projection of the vectors. */
  readonly places: 'table' | 'projection';
}

/** Stands for no label and no node. */
export const NONE = 0xffffffff;
const MAGIC = 'HIERPTS1';

/** The points of a table. Items without a place on a map that has places stand at the origin. */
export async function pointsOf(store: Store): Promise<Uint8Array> {
  const ids: string[] = [];
  const places: (readonly [number, number] | null)[] = [];
  const [labels, nodes] = [numbering(), numbering()];
  for await (const batch of store.scan())
    for (const { id, place, label, node } of batch) {
      ids.push(id);
      places.push(place);
      labels.add(label);
      nodes.add(node);
    }
  const isPlaced = places.some((place) => place !== null);
  const projected = isPlaced ? null : await projectToDisk(store);
  const count = ids.length;
  const [x, y] = [new Float32Array(count), new Float32Array(count)];
  ids.forEach((id, i) => {
    [x[i], y[i]] = places[i] ?? projected?.get(id) ?? [0, 0];
  });
  const header: PointsHeader = {
    count,
    ids,
    labels: labels.names(),
    nodes: nodes.names(),
    places: isPlaced ? 'table' : 'projection',
  };
  const text = Buffer.from(JSON.stringify(header));
  const length = 4 * Math.ceil(text.length / 4);
  const start = Buffer.alloc(12 + length, ' ');
  start.write(MAGIC, 'latin1');
  start.writeUInt32LE(length, 8);
  text.copy(start, 12);
  const arrays = [x, y, labels.places(), nodes.places()];
  return Buffer.concat([start, ...arrays.map(({ buffer }) => new Uint8Array(buffer))]);
}

/** Reads points again: what a client does. */
export function readPoints(bytes: Uint8Array): PointsHeader & {
  readonly x: Float32Array;
  readonly y: Float32Array;
  readonly label: Uint32Array;
  readonly node: Uint32Array;
} {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = new TextDecoder();
  if (text.decode(bytes.subarray(0, 8)) !== MAGIC) throw new Error('these are no points');
  const length = view.getUint32(8, true);
  const header = JSON.parse(text.decode(bytes.subarray(12, 12 + length))) as PointsHeader;
  const part = (i: number) => {
    const start = 12 + length + 4 * header.count * i;
    return Uint8Array.from(bytes.subarray(start, start + 4 * header.count)).buffer;
  };
  return {
    ...header,
    x: new Float32Array(part(0)),
    y: new Float32Array(part(1)),
    label: new Uint32Array(part(2)),
    node: new Uint32Array(part(3)),
  };
}

/** Names in order of appearance, and for every item the place of its own. */
function numbering() {
  const numbers = new Map<string, number>();
  const list: number[] = [];
  return {
    add(name: string | null) {
      if (name !== null && !numbers.has(name)) numbers.set(name, numbers.size);
      list.push(name === null ? NONE : numbers.get(name)!);
    },
    names: () => [...numbers.keys()],
    places: () => Uint32Array.from(list),
  };
}
